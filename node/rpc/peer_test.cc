// Calls between two nodes over real TLS on the loopback address.

#include <atomic>
#include <cstdlib>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "crypto/base/status.h"
#include "entente/v1/peer.pb.h"
#include "node/rpc/parties_for_test.h"
#include "tests/testing/status_matchers.h"

namespace entente::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Pair;

class PeerTest : public TwoParties {};

TEST_F(PeerTest, EveryMethodReachesTheHandlerWithTheProvenParty) {
  std::mutex mutex;
  std::vector<std::string> seen;
  const auto server = Serve(ServerOptions([&](const PeerCall& call) {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(call.party, "QOR");
    EXPECT_EQ(call.spki, qor.certificate().spki);
    seen.push_back(call.method);
    return Reverse(call);
  }));
  const auto client = Connect(*server);
  for (std::string_view method : PeerMethods()) {
    ASSERT_OK_AND_ASSIGN(
        const PeerReply reply,
        client->Call(method, ToBytes("abc"), ToBytes("sig"), seconds(10)));
    EXPECT_EQ(ToString(reply.body), "cba");
    EXPECT_EQ(ToString(reply.signature), "sig");
  }
  EXPECT_EQ(seen, std::vector<std::string>(PeerMethods().begin(),
                                           PeerMethods().end()));
}

TEST_F(PeerTest, TheNamesAreThoseOfTheProtoFile) {
  const auto* service =
      v1::Statement::descriptor()->file()->FindServiceByName("Peer");
  ASSERT_EQ(static_cast<int>(PeerMethods().size()), service->method_count());
  for (int i = 0; i < service->method_count(); ++i) {
    EXPECT_EQ(service->method(i)->name(),
              PeerMethods()[static_cast<std::size_t>(i)]);
  }
}

TEST_F(PeerTest, BytesCrossUnchanged) {
  const auto server = Serve(ServerOptions());
  const auto client = Connect(*server);
  Bytes body(1U << 20U);
  for (std::size_t i = 0; i < body.size(); ++i) {
    body[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  }
  ASSERT_OK_AND_ASSIGN(
      const PeerReply reply,
      client->Call(method::kTagSetChunk, body, {}, seconds(20)));
  EXPECT_EQ(reply.body, Bytes(body.rbegin(), body.rend()));
  EXPECT_TRUE(reply.signature.empty());
}

TEST_F(PeerTest, ARefusalCarriesCodeAndReasonButNotTheMessage) {
  const auto server = Serve(ServerOptions([](const PeerCall&) {
    return absl::StatusOr<PeerReply>(
        WithNext(WithReason(Denied("clause 7 lacks this"), "C01"), "ask"));
  }));
  const auto client = Connect(*server);
  const absl::Status refused = Ask(*client).status();
  EXPECT_THAT(refused, HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(ReasonOf(refused), "C01");
  EXPECT_EQ(MessageOf(refused), "QVA refused: C01");
  EXPECT_EQ(NextOf(refused), "");
}

TEST_F(PeerTest, AReasonInAnotherFormNeverLeaves) {
  std::string reason;
  const auto server = Serve(ServerOptions([&](const PeerCall&) {
    return absl::StatusOr<PeerReply>(WithReason(Denied("x"), reason));
  }));
  const auto client = Connect(*server);
  for (const char* text : {"Ilmar Odenwald, 1971", "C01 Odenwald", "Ilmar",
                           "C01 C02", " C01", "C01 "}) {
    reason = text;
    const absl::Status refused = Ask(*client).status();
    EXPECT_THAT(refused, HasCode(absl::StatusCode::kPermissionDenied));
    EXPECT_EQ(ReasonOf(refused), "") << text;
  }
}

TEST_F(PeerTest, TheTapSeesAllThatCrossesOnBothSides) {
  std::mutex mutex;
  std::vector<std::string> seen;
  const auto tap = [&](std::string_view side) -> Tap {
    return [&, side](const Crossing& c) {
      const std::lock_guard lock(mutex);
      seen.push_back(Join({side, c.way == Way::kIn ? " in " : " out ", c.party,
                           " ", c.method, " ", AsText(c.body), " ",
                           AsText(c.signature), " ", c.reason}));
    };
  };
  PeerServerOptions options = ServerOptions([](const PeerCall& call) {
    if (call.method == method::kRecall) {
      return absl::StatusOr<PeerReply>(WithReason(Denied("x"), "F01"));
    }
    return Reverse(call);
  });
  options.tap = tap("QVA");
  const auto server = Serve(std::move(options));
  PeerClientOptions client_options = ClientOptions(*server);
  client_options.tap = tap("QOR");
  ASSERT_OK_AND_ASSIGN(const auto client,
                       PeerClient::Create(std::move(client_options)));
  ASSERT_OK(Ask(*client));
  EXPECT_THAT(client->Call(method::kRecall, ToBytes("r"), {}, seconds(10)),
              HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(
      seen,
      ElementsAre("QOR out QVA Screen abc sig ", "QVA in QOR Screen abc sig ",
                  "QVA out QOR Screen cba sig ", "QOR in QVA Screen cba sig ",
                  "QOR out QVA Recall r  ", "QVA in QOR Recall r  ",
                  "QVA out QOR Recall   F01", "QOR in QVA Recall   F01"));
}

TEST_F(PeerTest, BothSidesCountTheSameBytes) {
  const auto server = Serve(ServerOptions());
  const auto client = Connect(*server);
  for (int i = 0; i < 3; ++i) ASSERT_OK(Ask(*client));
  const Traffic at_client = client->traffic();
  EXPECT_EQ(at_client.calls, 3U);
  EXPECT_EQ(at_client.bytes_out, 3U * 10U);  // two fields of 2 + 3 bytes
  EXPECT_EQ(at_client.bytes_in, 3U * 10U);
  const auto traffic = server->counts().traffic;
  ASSERT_THAT(traffic, ElementsAre(Key("QOR")));
  EXPECT_EQ(traffic.at("QOR").calls, 3U);
  EXPECT_EQ(traffic.at("QOR").bytes_in, at_client.bytes_out);
  EXPECT_EQ(traffic.at("QOR").bytes_out, at_client.bytes_in);
}

TEST_F(PeerTest, WrongCallsAreRefusedBeforeAnythingIsSent) {
  const auto server = Serve(ServerOptions());
  const auto client = Connect(*server);
  EXPECT_THAT(client->Call("Reflect", {}, {}, seconds(1)),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(client->Call(method::kHello, {}, {}, milliseconds(0)),
              HasCode(absl::StatusCode::kInvalidArgument));
  const absl::Status large =
      client->Call(method::kHello, Bytes(kMaxMessageBytes), {}, seconds(5))
          .status();
  EXPECT_THAT(large, HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(ReasonOf(large), "message-too-large");
  EXPECT_EQ(client->traffic().calls, 0U);
}

TEST_F(PeerTest, ASuspensionBitesOnAnOpenConnection) {
  const auto server = Serve(ServerOptions());
  const auto client = Connect(*server);
  ASSERT_OK(Ask(*client));
  at_qva.Suspend("QOR");
  const absl::Status refused = Ask(*client).status();
  EXPECT_THAT(refused, HasCode(absl::StatusCode::kUnauthenticated));
  EXPECT_EQ(ReasonOf(refused), "party-not-admitted");
  EXPECT_THAT(server->counts().refused,
              Contains(Pair("party-not-admitted", 1)));
}

TEST_F(PeerTest, ASuspendedHolderGetsNothingMore) {
  int served = 0;
  const auto server = Serve(ServerOptions([&](const PeerCall& call) {
    ++served;
    return Reverse(call);
  }));
  const auto client = Connect(*server);
  ASSERT_OK(Ask(*client));
  at_qor.Suspend("QVA");
  const absl::Status refused = Ask(*client).status();
  EXPECT_THAT(refused, HasCode(absl::StatusCode::kUnauthenticated));
  EXPECT_EQ(ReasonOf(refused), "peer-not-pinned");
  EXPECT_EQ(served, 1);
}

TEST_F(PeerTest, AnAnswerThatComesAfterTheSuspensionIsDropped) {
  Barrier barrier;
  const auto server = Serve(
      ServerOptions([&](const PeerCall& call) { return barrier.Wait(call); }));
  const auto client = Connect(*server);
  auto call =
      std::async(std::launch::async, [&] { return Ask(*client).status(); });
  ASSERT_TRUE(Eventually([&] { return barrier.entered() == 1; }));
  at_qor.Suspend("QVA");
  barrier.Open();
  EXPECT_EQ(ReasonOf(call.get()), "peer-not-pinned");
}

TEST_F(PeerTest, NobodyThereIsAPlainSentence) {
  auto server = Serve(ServerOptions());
  const auto client = Connect(*server);
  server.reset();
  const absl::Status gone = Ask(*client).status();
  EXPECT_THAT(gone, HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(gone), "peer-unreachable");
  EXPECT_THAT(MessageOf(gone), HasSubstr("QVA cannot be reached at 127.0.0.1"));
  EXPECT_THAT(NextOf(gone), HasSubstr("node card"));
}

TEST_F(PeerTest, APeerThatComesBackIsFoundSoon) {
  PeerServerOptions options = ServerOptions();
  auto server = Serve(options);
  const auto client = Connect(*server);
  options.listen = "127.0.0.1:" + std::to_string(server->port());
  ASSERT_OK(Ask(*client));
  server.reset();
  EXPECT_THAT(Ask(*client), HasCode(absl::StatusCode::kUnavailable));
  server = Serve(options);
  EXPECT_TRUE(Eventually([&] { return Ask(*client).ok(); }));
}

TEST_F(PeerTest, StopWaitsForTheHandlers) {
  std::atomic<bool> done{false};
  std::atomic<bool> entered{false};
  auto server = Serve(ServerOptions([&](const PeerCall& call) {
    entered = true;
    std::this_thread::sleep_for(milliseconds(300));
    done = true;
    return Reverse(call);
  }));
  const auto client = Connect(*server);
  auto call =
      std::async(std::launch::async, [&] { return Ask(*client).status(); });
  ASSERT_TRUE(Eventually([&] { return entered.load(); }));
  server->Stop();
  EXPECT_TRUE(done);
  EXPECT_OK(call.get());  // an open call gets its answer
  server->Stop();         // twice is no harm
}

TEST_F(PeerTest, WrongOptionsAreRefused) {
  const auto code = [&](auto change) {
    PeerServerOptions options = ServerOptions();
    change(options);
    return PeerServer::Start(std::move(options)).status().code();
  };
  using Options = PeerServerOptions;
  EXPECT_EQ(code([](Options& o) { o.handler = nullptr; }),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](Options& o) { o.roster = nullptr; }),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](Options& o) { o.workers = 0; }),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](Options& o) { o.listen = "localhost:0"; }),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](Options& o) { o.listen = "203.0.113.7:0"; }),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(code([](Options& o) { o.tls.folder += "/none"; }),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code([](Options& o) { o.tls.roots += "none"; }),
            absl::StatusCode::kFailedPrecondition);

  const auto server = Serve(ServerOptions());
  PeerClientOptions client = ClientOptions(*server);
  client.target = "unix:/tmp/socket";
  EXPECT_THAT(PeerClient::Create(client),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(PeerTest, AKeyThatDoesNotFitItsCertificateIsRefused) {
  const TestCertificate other = MakeCertificate({.uris = {UriOf("QVA")}});
  qva.Use({other.key_pem, qva.certificate().cert_pem, {}});
  EXPECT_THAT(PeerServer::Start(ServerOptions()),
              HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_F(PeerTest, AProxyOfTheEnvironmentIsNotObeyed) {
  const auto server = Serve(ServerOptions());
  for (const char* name : {"https_proxy", "http_proxy", "grpc_proxy"}) {
    ASSERT_EQ(setenv(name, "http://127.0.0.1:9", 1), 0);
  }
  const auto client = Connect(*server);
  EXPECT_OK(Ask(*client));
  for (const char* name : {"https_proxy", "http_proxy", "grpc_proxy"}) {
    unsetenv(name);
  }
}

TEST_F(PeerTest, ManyCallsSideBySideGetTheirOwnAnswers) {
  PeerServerOptions options = ServerOptions();
  options.calls_per_party = 64;
  const auto server = Serve(std::move(options));
  const auto client = Connect(*server);
  std::vector<std::thread> askers;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 16; ++t) {
    askers.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string body = std::to_string(t) + "/" + std::to_string(i);
        const auto reply = Ask(*client, body);
        const std::string back(body.rbegin(), body.rend());
        if (!reply.ok() || ToString(reply->body) != back) ++wrong;
      }
    });
  }
  for (auto& asker : askers) asker.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(server->counts().traffic.at("QOR").calls, 400U);
}

}  // namespace
}  // namespace entente::rpc
