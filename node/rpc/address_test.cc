#include "node/rpc/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "node/rpc/certificates_for_test.h"
#include "tests/testing/status_matchers.h"

namespace entente::rpc {
namespace {

using testing::HasCode;

TEST(AddressTest, ReadsHostAndPort) {
  ASSERT_OK_AND_ASSIGN(const HostPort plain, SplitHostPort("node.qva:7101"));
  EXPECT_EQ(plain.host, "node.qva");
  EXPECT_EQ(plain.port, "7101");
  ASSERT_OK_AND_ASSIGN(const HostPort v6, SplitHostPort("[2001:db8::1]:0"));
  EXPECT_EQ(v6.host, "2001:db8::1");
  EXPECT_EQ(v6.port, "0");
}

TEST(AddressTest, RefusesEverythingElse) {
  for (const char* text :
       {"", ":", "host", "host:", ":7101", "host:65536", "host:-1", "host:07",
        "host:7x", "host: 7", "ho st:7", "unix:/run/x:7", "a/b:7", "[]:7",
        "[::1:7", "::1:7", "dns:///a:7", "host:7%", "host,b:7"}) {
    EXPECT_THAT(SplitHostPort(text),
                HasCode(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

sockaddr_storage V6(const char* text) {
  sockaddr_in6 v6 = {};
  v6.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
  sockaddr_storage out = {};
  std::memcpy(&out, &v6, sizeof(v6));
  return out;
}

sockaddr_storage V4(const char* text) {
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  EXPECT_EQ(inet_pton(AF_INET, text, &v4.sin_addr), 1);
  sockaddr_storage out = {};
  std::memcpy(&out, &v4, sizeof(v4));
  return out;
}

TEST(AddressTest, OneKeyForWhatOneHostCanUse) {
  EXPECT_EQ(AddressKey(V6("2001:db8::1")), AddressKey(V6("2001:db8::ffff:2")));
  EXPECT_NE(AddressKey(V6("2001:db8::1")), AddressKey(V6("2001:db8:0:1::1")));
  EXPECT_EQ(AddressKey(V6("::ffff:192.0.2.1")), AddressKey(V4("192.0.2.1")));
  EXPECT_NE(AddressKey(V4("192.0.2.1")), AddressKey(V4("192.0.2.2")));
}

TEST(AddressTest, BindsTcpOnce) {
  ASSERT_OK_AND_ASSIGN(const int fd, BindTcp("127.0.0.1:0"));
  const int port = BoundPort(fd);
  EXPECT_GT(port, 0);
  EXPECT_THAT(BindTcp("127.0.0.1:" + std::to_string(port)),
              HasCode(absl::StatusCode::kUnavailable));
  close(fd);
  EXPECT_THAT(BindTcp("localhost:0"),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(AddressTest, TheLocalSocketIsForItsOwnerOnly) {
  const std::string base = FreshFolder();
  const std::string path = base + "/run/admin.sock";
  ASSERT_OK_AND_ASSIGN(const int fd, BindUnix(path));
  struct stat is = {};
  ASSERT_EQ(stat((base + "/run").c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 0777U, 0700U);
  ASSERT_EQ(stat(path.c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 0777U, 0600U);

  EXPECT_THAT(BindUnix(path), HasCode(absl::StatusCode::kAlreadyExists));
  close(fd);  // the name stays, as after a crash
  ASSERT_OK_AND_ASSIGN(const int again, BindUnix(path));
  close(again);
  std::filesystem::remove_all(base);
}

TEST(AddressTest, APlaceThatOthersCanEnterIsRefused) {
  const std::string base = FreshFolder();
  ASSERT_EQ(chmod(base.c_str(), 0750), 0);
  EXPECT_THAT(BindUnix(base + "/admin.sock"),
              HasCode(absl::StatusCode::kFailedPrecondition));
  ASSERT_EQ(chmod(base.c_str(), 0700), 0);
  std::ofstream(base + "/admin.sock") << "a file";
  EXPECT_THAT(BindUnix(base + "/admin.sock"),
              HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_TRUE(std::filesystem::exists(base + "/admin.sock"));
  std::filesystem::remove_all(base);

  EXPECT_THAT(BindUnix("admin.sock"),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(BindUnix("/" + std::string(107, 'a')),
              HasCode(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace entente::rpc
