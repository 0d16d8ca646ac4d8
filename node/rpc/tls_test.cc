// Who gets in and who does not: real handshakes, our client and OpenSSL's.

#include "keys/tls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "crypto/base/status.h"
#include "node/rpc/address.h"
#include "node/rpc/parties_for_test.h"
#include "node/rpc/process.h"
#include "tests/testing/status_matchers.h"

namespace entente::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::AnyOf;
using ::testing::Contains;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

class TlsTest : public TwoParties {
 protected:
  // Nobody but the caller itself is asked: what comes back is what a stranger
  // sees.
  absl::Status AskAs(const PeerServer& server, const TestParty& who) {
    const auto client = ConnectAs(server, who);
    return Ask(*client).status();
  }

  // openssl s_client with QOR's own certificate. A handshake that the node
  // accepts ends with its HTTP/2 settings, which are at least nine bytes.
  std::string Client(const PeerServer& server, const std::string& options,
                     const std::string& seconds_open = "0.5") {
    return "sleep " + seconds_open +
           " | timeout 10 openssl s_client -connect 127.0.0.1:" +
           std::to_string(server.port()) + " -alpn h2 -CAfile " + qor.folder() +
           "/roots.pem -partial_chain " + options;
  }
  std::string OwnCertificate() const {
    return " -cert " + qor.folder() + "/current/cert.pem -key " + qor.folder() +
           "/current/key.pem ";
  }
  // How many bytes of application data the node sends.
  int BytesFrom(const PeerServer& server, const std::string& options) {
    const Output out =
        Shell("( " + Client(server, options + " -quiet -no_ign_eof") +
              " 2>/dev/null ) | wc -c");
    return std::stoi(out.text);
  }
};

int ConnectRaw(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(connect(fd, static_cast<const sockaddr*>(static_cast<const void*>(&to)),
                sizeof(to)) == 0);
  return fd;
}

// Whether the other side ends the connection in time; data is read past.
bool EndsWithin(int fd, milliseconds time) {
  const auto until = steady_clock::now() + time;
  while (steady_clock::now() < until) {
    pollfd watched{fd, POLLIN, 0};
    if (poll(&watched, 1, 50) <= 0) continue;
    char buffer[512];
    if (read(fd, buffer, sizeof(buffer)) <= 0) return true;
  }
  return false;
}

TEST_F(TlsTest, ThePinnedPartyGetsIn) {
  const auto server = Serve(ServerOptions());
  EXPECT_OK(AskAs(*server, qor));
  EXPECT_GT(BytesFrom(*server, "-tls1_3" + OwnCertificate()), 8);
  EXPECT_EQ(server->counts().accepted, 2U);
}

TEST_F(TlsTest, IdentitiesOfTheRoomOfKeysFit) {
  const TestParty qta("QTA");  // for its folder
  const std::int64_t now = time(nullptr);
  ASSERT_OK_AND_ASSIGN(
      const keys::TlsIdentity identity,
      keys::MakeTlsIdentity(qta.folder() + "/own", keys::PartyUri("QTA"), now));
  at_qva.Pin("QTA", identity.spki_pin);
  qva.Trust(qor.certificate().cert_pem +
            keys::CertificatePem(identity.certificate));
  const auto server = Serve(ServerOptions());
  PeerClientOptions options = ClientOptions(*server);
  qta.Trust(qva.certificate().cert_pem);
  options.tls = {qta.folder() + "/own", qta.files().roots};
  ASSERT_OK_AND_ASSIGN(const auto client, PeerClient::Create(options));
  ASSERT_OK(Ask(*client));
  EXPECT_THAT(server->counts().traffic, Contains(Key("QTA")));
}

TEST_F(TlsTest, ANodeWithoutPeersLetsNobodyInUntilItHasOne) {
  qva.Trust("");
  const auto server = Serve(ServerOptions());
  EXPECT_EQ(ReasonOf(AskAs(*server, qor)), "peer-unreachable");
  EXPECT_EQ(BytesFrom(*server, "-tls1_3" + OwnCertificate()), 0);
  qva.Trust(qor.certificate().cert_pem);
  EXPECT_TRUE(Eventually([&] { return AskAs(*server, qor).ok(); }));
}

TEST_F(TlsTest, AClientWithoutPeersTrustsNobody) {
  const auto server = Serve(ServerOptions());
  qor.Trust("");
  ASSERT_OK_AND_ASSIGN(const auto client,
                       PeerClient::Create(ClientOptions(*server)));
  const absl::Status refused =
      client->Call(method::kHello, {}, {}, milliseconds(1500)).status();
  EXPECT_FALSE(refused.ok());
  EXPECT_TRUE(server->counts().traffic.empty());
  qor.Trust(qva.certificate().cert_pem);
  EXPECT_TRUE(Eventually([&] { return Ask(*client).ok(); }));
}

TEST_F(TlsTest, Tls12IsRefused) {
  const auto server = Serve(ServerOptions());
  const Output out = Shell(Client(*server, "-tls1_2" + OwnCertificate()));
  EXPECT_NE(out.code, 0);
  EXPECT_THAT(out.text, HasSubstr("Cipher is (NONE)"));
  EXPECT_EQ(BytesFrom(*server, "-tls1_2" + OwnCertificate()), 0);
}

TEST_F(TlsTest, Tls12WithAPresharedKeyIsRefused) {
  const auto server = Serve(ServerOptions());
  const Output out =
      Shell(Client(*server,
                   "-tls1_2 -psk 00112233445566778899aabbccddeeff -cipher "
                   "PSK-AES256-GCM-SHA384:@SECLEVEL=0" +
                       OwnCertificate()));
  EXPECT_NE(out.code, 0);
  EXPECT_THAT(out.text, HasSubstr("Cipher is (NONE)"));
}

TEST_F(TlsTest, OurClientRefusesTls12) {
  // A server that knows no newer version, with the right certificate.
  ASSERT_OK_AND_ASSIGN(const int probe, BindTcp("127.0.0.1:0"));
  const int port = BoundPort(probe);
  close(probe);
  const std::string log = qva.folder() + "/s_server.log";
  const std::string pid =
      Shell("sleep 20 | openssl s_server -accept 127.0.0.1:" +
            std::to_string(port) + " -tls1_2 -alpn h2 -Verify 1 -cert " +
            qva.folder() + "/current/cert.pem -key " + qva.folder() +
            "/current/key.pem > " + log + " 2>&1 & echo $!")
          .text;
  ASSERT_TRUE(Eventually([&] {
    return Shell("cat " + log).text.find("ACCEPT") != std::string::npos;
  }));
  PeerClientOptions options;
  options.target = "127.0.0.1:" + std::to_string(port);
  options.tls = qor.files();
  options.roster = &at_qor;
  options.party = "QVA";
  ASSERT_OK_AND_ASSIGN(const auto client, PeerClient::Create(options));
  const absl::Status refused = Ask(*client).status();
  EXPECT_EQ(ReasonOf(refused), "peer-unreachable");
  EXPECT_TRUE(Eventually([&] {
    const std::string seen = Shell("cat " + log).text;
    return seen.find("no shared cipher") != std::string::npos;
  })) << Shell("cat " + log).text;
  Shell("kill " + pid);
}

TEST_F(TlsTest, PlaintextIsRefused) {
  const auto server = Serve(ServerOptions());
  const int fd = ConnectRaw(server->port());
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  ASSERT_EQ(write(fd, preface.data(), preface.size()),
            static_cast<ssize_t>(preface.size()));
  EXPECT_TRUE(EndsWithin(fd, milliseconds(1500)));  // long before the timeout
  close(fd);
  EXPECT_OK(AskAs(*server, qor));
}

TEST_F(TlsTest, NoClientCertificateIsRefused) {
  const auto server = Serve(ServerOptions());
  const Output out = Shell(Client(*server, "-tls1_3"));
  EXPECT_THAT(out.text, HasSubstr("unexpected eof"));
  EXPECT_EQ(BytesFrom(*server, "-tls1_3"), 0);
}

TEST_F(TlsTest, AnUnknownCertificateIsRefusedBeforeTheRosterIsAsked) {
  const auto server = Serve(ServerOptions());
  const TestParty stranger("QOR");  // the right name, a key that nobody pinned
  const absl::Status refused = AskAs(*server, stranger);
  EXPECT_THAT(refused, HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(refused), "peer-unreachable");
  EXPECT_TRUE(server->counts().refused.empty());
  EXPECT_EQ(server->counts().decided, 0U);
  ASSERT_OK(AskAs(*server, qor));
  EXPECT_EQ(server->counts().decided, 1U);
}

TEST_F(TlsTest, ATrustedKeyThatIsNotPinnedIsRefused) {
  const TestParty other("QOR");
  qva.Trust(qor.certificate().cert_pem + other.certificate().cert_pem);
  const auto server = Serve(ServerOptions());
  EXPECT_THAT(AskAs(*server, other), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(server->counts().refused, Contains(Key("peer-other-key")));
  EXPECT_OK(AskAs(*server, qor));
}

TEST_F(TlsTest, OneStateCannotSignAnothersName) {
  const TestParty qta("QTA");
  qva.Trust(qor.certificate().cert_pem + qta.certificate().cert_pem);
  at_qva.Pin("QTA", qta.certificate().spki);
  const TestParty forged(
      "QOR", {.uris = {UriOf("QOR")}, .issuer = &qta.certificate()});
  const auto server = Serve(ServerOptions());
  EXPECT_THAT(AskAs(*server, forged), HasCode(absl::StatusCode::kUnavailable));
  // And its own key under another's name is no better.
  TestCertificate own = qta.certificate();
  at_qva.Pin("QOR", qor.certificate().spki);
  const TestParty renamed("QOR", {.uris = {UriOf("QOR")}});
  qva.Trust(renamed.certificate().cert_pem);
  at_qva.Pin("QTA", renamed.certificate().spki);
  const auto second = Serve(ServerOptions());
  EXPECT_THAT(AskAs(*second, renamed), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(second->counts().refused, Contains(Key("peer-other-key")));
}

// A pinned certificate with one fault each.
struct Fault {
  const char* name;
  CertificateSpec spec;
};
class OddCertificate : public TlsTest,
                       public ::testing::WithParamInterface<Fault> {};

const Fault kFaults[] = {
    {"Expired",
     {.uris = {UriOf("QOR")}, .valid_from_s = -7200, .valid_until_s = -3600}},
    {"Early", {.uris = {UriOf("QOR")}, .valid_from_s = 3600}},
    {"TwoNames", {.uris = {UriOf("QOR"), UriOf("QTA")}}},
    {"NoName", {.uris = {}}},
    {"OtherUri", {.uris = {"https://party/QOR"}}},
    {"NotForClients", {.uris = {UriOf("QOR")}, .usage = "serverAuth"}},
};

TEST_P(OddCertificate, IsRefused) {
  const TestParty odd("QOR", GetParam().spec);
  qva.Trust(odd.certificate().cert_pem);
  at_qva.Pin("QOR", odd.certificate().spki);
  const auto server = Serve(ServerOptions());
  const absl::Status refused = AskAs(*server, odd);
  EXPECT_THAT(refused, HasCode(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(server->counts().traffic.empty());
}

INSTANTIATE_TEST_SUITE_P(Each, OddCertificate, ::testing::ValuesIn(kFaults),
                         [](const auto& of) {
                           return std::string(of.param.name);
                         });

TEST_F(TlsTest, OurClientRefusesAnotherPartyOfTheRoster) {
  const TestParty qta("QTA");
  at_qor.Pin("QTA", qta.certificate().spki);
  PeerServerOptions options = ServerOptions();
  options.tls = qta.files();
  qta.Trust(qor.certificate().cert_pem);
  bool called = false;
  options.handler = [&](const PeerCall& call) {
    called = true;
    return Reverse(call);
  };
  const auto server = Serve(std::move(options));
  qor.Trust(qta.certificate().cert_pem + qva.certificate().cert_pem);
  ASSERT_OK_AND_ASSIGN(const auto client,
                       PeerClient::Create(ClientOptions(*server)));
  const absl::Status refused = Ask(*client).status();
  EXPECT_THAT(refused, HasCode(absl::StatusCode::kUnauthenticated));
  EXPECT_EQ(ReasonOf(refused), "peer-not-pinned");
  EXPECT_THAT(MessageOf(refused), HasSubstr("is not QVA"));
  EXPECT_FALSE(called);
}

TEST_F(TlsTest, OurClientRefusesAKeyThatIsNotPinned) {
  const TestCertificate old = qva.certificate();
  qva.Use(MakeCertificate({.uris = {UriOf("QVA")}}));
  const auto server = Serve(ServerOptions());
  const auto client = Connect(*server);  // trusts it, but pins the old one
  EXPECT_EQ(ReasonOf(Ask(*client).status()), "peer-not-pinned");
  at_qor.Pin("QVA", qva.certificate().spki);
  EXPECT_TRUE(Eventually([&] { return Ask(*client).ok(); }));
}

TEST_F(TlsTest, AResumedSessionIsAskedForAgain) {
  const auto server = Serve(ServerOptions());
  const std::string session = qor.folder() + "/session.pem";
  ASSERT_GT(
      BytesFrom(*server, "-tls1_3 -sess_out " + session + OwnCertificate()), 8);
  const std::string resume = "-tls1_3 -sess_in " + session + OwnCertificate();
  EXPECT_THAT(Shell(Client(*server, resume)).text,
              HasSubstr("Reused, TLSv1.3"));
  EXPECT_GT(BytesFrom(*server, resume), 8);
  at_qva.Suspend("QOR");
  EXPECT_EQ(BytesFrom(*server, resume), 0);
  EXPECT_THAT(server->counts().refused, Contains(Key("peer-suspended")));
}

TEST_F(TlsTest, ASilentConnectionIsDroppedAfterThreeSeconds) {
  const auto server = Serve(ServerOptions());
  const int fd = ConnectRaw(server->port());
  const auto begin = steady_clock::now();
  EXPECT_TRUE(EndsWithin(fd, seconds(6)));
  const auto took = steady_clock::now() - begin;
  EXPECT_GT(took, milliseconds(2500));
  EXPECT_LT(took, milliseconds(4500));
  close(fd);
  EXPECT_TRUE(Eventually([&] { return server->counts().open == 0; }));
}

TEST_F(TlsTest, ConnectionsOverTheCapsAreReset) {
  PeerServerOptions options = ServerOptions();
  options.connections_per_address = 4;
  const auto server = Serve(std::move(options));
  std::vector<int> open;
  for (int i = 0; i < 4; ++i) open.push_back(ConnectRaw(server->port()));
  const int fifth = ConnectRaw(server->port());
  EXPECT_TRUE(EndsWithin(fifth, milliseconds(1000)));
  EXPECT_FALSE(EndsWithin(open[0], milliseconds(200)));
  EXPECT_THAT(server->counts().refused, Contains(Pair("address-cap", 1)));
  EXPECT_EQ(server->counts().open, 4U);
  close(fifth);
  for (const int fd : open) close(fd);
  EXPECT_TRUE(Eventually([&] { return AskAs(*server, qor).ok(); }));
}

TEST_F(TlsTest, RotationNeedsNoRestart) {
  const auto server = Serve(ServerOptions());
  const auto client = Connect(*server);
  ASSERT_OK(Ask(*client));

  // Trust both, swap the leaf, drop the old.
  const TestCertificate old = qor.certificate();
  const TestCertificate fresh = MakeCertificate({.uris = {UriOf("QOR")}});
  qva.Trust(old.cert_pem + fresh.cert_pem);
  at_qva.Pin("QOR", fresh.spki);
  qor.Use(fresh);
  std::this_thread::sleep_for(
      milliseconds(2500));  // files are read each second
  EXPECT_OK(Ask(*client));  // the open connection still is the old one
  const auto second = Connect(*server);
  EXPECT_OK(Ask(*second));

  at_qva.Unpin("QOR", old.spki);
  EXPECT_EQ(ReasonOf(Ask(*client).status()), "party-not-admitted");
  EXPECT_OK(Ask(*second));
}

TEST_F(TlsTest, APeersNewKeyIsTakenUpByAnOpenClient) {
  auto server = Serve(ServerOptions());
  const auto client = Connect(*server);
  ASSERT_OK(Ask(*client));
  const TestCertificate old = qva.certificate();
  const TestCertificate fresh = MakeCertificate({.uris = {UriOf("QVA")}});
  qor.Trust(old.cert_pem + fresh.cert_pem);
  at_qor.Pin("QVA", fresh.spki);
  qva.Use(fresh);
  std::this_thread::sleep_for(milliseconds(2500));
  at_qor.Unpin("QVA", old.spki);
  EXPECT_OK(Ask(*client));  // a new handshake, without an error between
}

TEST_F(TlsTest, GrpcsLogLinesAreCountedAndNotShown) {
  const auto server = Serve(ServerOptions());
  const std::uint64_t before = TransportLogLines();
  ::testing::internal::CaptureStderr();
  const TestParty stranger("QOR");
  EXPECT_FALSE(AskAs(*server, stranger).ok());
  EXPECT_TRUE(Eventually([&] { return TransportLogLines() > before; }));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace entente::rpc
