// What comes to a node's door and is not a pinned peer, and a flood of it.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/rpc/certificates_for_test.h"
#include "node/rpc/peer_client.h"
#include "node/rpc/roster.h"
#include "tests/faults/support.h"

namespace entente::testing {
namespace {

// Admits whoever answers: the tests look at what the node does.
class AnyRoster final : public rpc::Roster {
 public:
  absl::StatusOr<std::string> Admits(std::string_view,
                                     const Hash&) const override {
    return std::string("QVA");
  }
};

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) !=
      0) {
    close(fd);
    return -1;
  }
  return fd;
}

class DoorsTest : public FaultTest {
 protected:
  void SetUp() override { Begin(); }
  // Calls the holder as the one whose TLS files these are.
  absl::StatusOr<rpc::PeerReply> CallAs(const rpc::TlsFiles& files) {
    rpc::PeerClientOptions options;
    options.target = "127.0.0.1:" + std::to_string(holder().node().port());
    options.tls = files;
    options.roster = &roster;
    options.party = "QVA";
    TRY(const auto client, rpc::PeerClient::Create(std::move(options)));
    return client->Call(rpc::method::kHello, ToBytes(std::string_view("x")), {},
                        std::chrono::seconds(5));
  }
  // With this certificate, trusting the holder's own.
  absl::StatusOr<rpc::PeerReply> CallWith(const rpc::CertificateSpec& spec) {
    const std::string tls = story.Path("stranger").string();
    std::filesystem::remove_all(tls);
    std::filesystem::create_directory(tls);
    std::filesystem::permissions(tls, std::filesystem::perms::owner_all);
    rpc::Install(tls, rpc::MakeCertificate(spec));
    std::filesystem::copy_file(
        std::filesystem::path(holder().data()) / "tls" / "roots.pem",
        tls + "/roots.pem");
    return CallAs({tls, tls + "/roots.pem"});
  }
  std::string Handshake(const std::string& version) {
    const std::string command =
        "openssl s_client " + version +
        " -connect 127.0.0.1:" + std::to_string(holder().node().port()) +
        " </dev/null 2>&1 | grep 'Cipher is'";
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return "no shell";
    char line[256] = {};
    std::string out = fgets(line, sizeof(line), pipe) == nullptr ? "" : line;
    pclose(pipe);
    return out;
  }

  AnyRoster roster;
};

TEST_F(DoorsTest, ACertificateThatIsNotPinnedGetsNoAnswer) {
  // The pinned peer is heard, and told that this is no statement of its.
  const std::string own = asker().data() + "/tls";
  EXPECT_THAT(CallAs({own, own + "/roots.pem"}),
              IsRefusal(absl::StatusCode::kUnauthenticated, "signature-wrong"));
  rpc::CertificateSpec unknown;
  unknown.uris = {"entente://party/QOR"};
  rpc::CertificateSpec expired = unknown;
  expired.valid_until_s = -60;
  rpc::CertificateSpec other = unknown;
  other.uris = {"entente://party/QTA"};
  for (const rpc::CertificateSpec& spec : {unknown, expired, other}) {
    EXPECT_THAT(CallWith(spec),
                IsRefusal(absl::StatusCode::kUnavailable, "peer-unreachable"))
        << spec.uris[0] << spec.valid_until_s;
  }
  GoodScreening();
}

TEST_F(DoorsTest, PlaintextGetsNoAnswer) {
  const int fd = Connect(holder().node().port());
  ASSERT_GE(fd, 0);
  const std::string hello = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  EXPECT_EQ(send(fd, hello.data(), hello.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(hello.size()));
  char answer[64];
  const ssize_t n = recv(fd, answer, sizeof(answer), 0);
  // Nothing, or a TLS alert; never HTTP/2.
  EXPECT_TRUE(n <= 0 || answer[0] == 0x15) << n;
  close(fd);
  GoodScreening();
}

TEST_F(DoorsTest, OlderTlsGetsNoAnswer) {
  EXPECT_THAT(Handshake("-tls1_3"), ::testing::HasSubstr("Cipher is TLS_"));
  EXPECT_THAT(Handshake("-tls1_2"), ::testing::HasSubstr("Cipher is (NONE)"));
  GoodScreening();
}

TEST_F(DoorsTest, AfterAFloodOfResetsAScreeningWorks) {
  int opened = 0;
  for (int i = 0; i < 400; ++i) {
    const int fd = Connect(holder().node().port());
    if (fd < 0) continue;
    ++opened;
    const linger reset{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(fd);
  }
  EXPECT_EQ(opened, 400);
  GoodScreening();
}

}  // namespace
}  // namespace entente::testing
