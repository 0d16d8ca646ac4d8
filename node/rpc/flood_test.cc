// Hundreds of connections against a process that may hold few descriptors. The
// server runs in a process of its own (flood_server_for_test.cc): the limit
// must not bind the flooder, and nobody forks after gRPC has started.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>
#include <vector>

#include "crypto/base/status.h"
#include "node/rpc/parties_for_test.h"
#include "tests/testing/status_matchers.h"

namespace entente::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class FloodTest : public TwoParties {
 protected:
  // Starts the server under `ulimit -n 128`.
  void SetUp() override {
    const std::string own =
        std::filesystem::read_symlink("/proc/self/exe").parent_path();
    const Output out = Shell(
        "ulimit -n 128; " + own + "/node_rpc_flood_server " + qva.folder() +
        " " + ToHex(qor.certificate().spki) + " > " + qva.folder() +
        "/port 2> " + qva.folder() + "/log < /dev/null & echo $!");
    pid_ = std::stoi(out.text);
    ASSERT_TRUE(Eventually([&] {
      port_ = std::atoi(Shell("cat " + qva.folder() + "/port").text.c_str());
      return port_ > 0;
    })) << Shell("cat " + qva.folder() + "/log").text;
  }
  void TearDown() override {
    EXPECT_EQ(kill(pid_, 0), 0) << "the server died";
    kill(pid_, SIGTERM);
  }

  int Open() const {
    const int fd =
        socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CHECK(fd >= 0);
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port_));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)connect(fd,
                  static_cast<const sockaddr*>(static_cast<const void*>(&to)),
                  sizeof(to));
    return fd;
  }
  // Those that the server holds: the rest of a node needs some too.
  std::ptrdiff_t Descriptors() const {
    namespace fs = std::filesystem;
    return std::distance(
        fs::directory_iterator("/proc/" + std::to_string(pid_) + "/fd"),
        fs::directory_iterator());
  }
  static void Reset(int fd) {
    const linger now{1, 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(fd);
  }
  bool Serves() {
    PeerClientOptions options;
    options.target = "127.0.0.1:" + std::to_string(port_);
    options.tls = qor.files();
    options.roster = &at_qor;
    options.party = "QVA";
    auto client = PeerClient::Create(options);
    return client.ok() &&
           (*client)->Call(method::kHello, ToBytes("abc"), {}, seconds(5)).ok();
  }

  int pid_ = 0;
  int port_ = 0;
};

TEST_F(FloodTest, ServesAfterThreeFloodsOfResets) {
  ASSERT_TRUE(Serves());
  for (int round = 0; round < 3; ++round) {
    std::vector<int> fds;
    for (int i = 0; i < 400; ++i) fds.push_back(Open());
    std::this_thread::sleep_for(milliseconds(300));
    EXPECT_LT(Descriptors(), 112) << "of 128";
    for (const int fd : fds) Reset(fd);
    EXPECT_TRUE(Eventually([&] { return Serves(); })) << "round " << round;
  }
}

TEST_F(FloodTest, ServesAgainWhileNoneOfTheFloodIsClosed) {
  std::vector<int> fds;
  for (int i = 0; i < 400; ++i) fds.push_back(Open());
  EXPECT_LT(Descriptors(), 112) << "of 128";
  // The silent ones that came in are dropped when their handshake is overdue.
  EXPECT_TRUE(Eventually([&] { return Serves(); }));
  for (const int fd : fds) close(fd);
  EXPECT_TRUE(Eventually([&] { return Serves(); }));
}

}  // namespace
}  // namespace entente::rpc
