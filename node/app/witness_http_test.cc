// The witness behind its plain HTTP door, over real sockets: every status of
// C2SP tlog-witness, and a log that gets its cosignature by HTTP.

#include "node/wire/witness_http.h"

#include <nlohmann/json.hpp>

#include "crypto/base/codec.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/evidence.h"
#include "crypto/primitive/hash.h"
#include "node/app/witness_door.h"
#include "node/audit/rollback.h"
#include "node/audit/testing_log.h"
#include "node/model/witness_reply.h"
#include "node/rpc/plain_talk_for_test.h"
#include "node/rpc/tls_door_for_test.h"
#include "tests/testing/shared_data.h"

namespace entente::app {
namespace {

using audit::kOrigin;
using audit::TestWitness;
using rpc::GetText;
using rpc::PlainTalk;
using rpc::PostText;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kAdd[] = "/audit/witness/add-checkpoint";

int StatusOf(const std::string& told) {
  return told.size() < 12 ? 0 : std::atoi(told.substr(9, 3).c_str());
}
std::string BodyOf(const std::string& told) {
  const std::size_t gap = told.find("\r\n\r\n");
  return gap == std::string::npos ? std::string() : told.substr(gap + 4);
}

// A witness of `logs` at a door of its own.
class WitnessHttpTest : public audit::LogTest {
 protected:
  void SetUp() override {}
  void Serve(std::vector<audit::Witness::Log> logs, int per_minute = 1000,
             std::size_t at_door = 1000) {
    ASSERT_OK_AND_ASSIGN(
        store_,
        store::OpenSqlCipher({dir_.Path("other"), store::OpenMode::kCreate},
                             SecretBytes::CopyOf(Bytes(32, 6))));
    audit::Witness::Options options;
    options.name = witness_key_.Key().name();
    options.key = witness_key_.key.public_key();
    options.sign = witness_key_.Signer();
    options.store = store_.get();
    options.clock = &node_.clock;
    options.logs = std::move(logs);
    options.per_minute = per_minute;
    ASSERT_OK_AND_ASSIGN(witness_, audit::Witness::Create(std::move(options)));
    answers_ =
        std::make_unique<wire::WitnessHttp>(*witness_, node_.clock, at_door);
    rpc::HttpServerOptions door;
    door.listen = "127.0.0.1:0";
    door.handler = [this](const model::HttpRequest& request) {
      return answers_->Answer(request);
    };
    ASSERT_OK_AND_ASSIGN(door_, rpc::HttpServer::Start(std::move(door)));
  }
  // The own log with this witness, which the policy gives no URL: tests ask.
  void OpenLog() {
    node_.witness_policy = "log " + node_.keys.LogKey().Text() +
                           "\nwitness far " + witness_key_.Key().Text() +
                           "\nquorum far\n";
    ASSERT_OK(node_.Open());
  }
  std::string Talk(const std::string& bytes) const {
    return PlainTalk::Once(door_->port(), bytes);
  }
  int Add(const std::string& body) const {
    return StatusOf(Talk(PostText(kAdd, body)));
  }
  std::string LatestPath(std::string_view origin) const {
    return "/audit/witness/" + ToHex(primitive::Sha256(AsBytes(origin))) +
           "/checkpoint";
  }
  std::string NoteFor(std::uint64_t size, const Hash& root) {
    return *merkle::SignCheckpoint(
        {kOrigin, size, root}, node_.keys.LogKey(),
        [this](ByteView m) { return node_.keys.log.Sign(m); });
  }
  absl::StatusOr<audit::WitnessReply> AskByDoor(std::string_view body) const {
    model::SignedStatement ask;
    ask.body = ToBytes(body);
    TRY(const model::SignedStatement raw,
        AskByHttp(
            {"127.0.0.1", std::to_string(door_->port()), "/audit/witness"}, ask,
            {std::chrono::seconds(5), {}}));
    TRY(const model::WitnessReply reply, Decode<model::WitnessReply>(raw.body));
    return audit::WitnessReply{static_cast<int>(reply.status), reply.body,
                               reply.content_type};
  }

  TestWitness witness_key_{"far"};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<audit::Witness> witness_;
  std::unique_ptr<wire::WitnessHttp> answers_;
  std::unique_ptr<rpc::HttpServer> door_;
};

TEST_F(WitnessHttpTest, EveryStatusWithItsBytes) {
  OpenLog();
  Serve({{kOrigin, node_.keys.LogKey().Text()}});
  EXPECT_EQ(StatusOf(Talk(GetText(LatestPath(kOrigin)))), 404);

  ASSERT_OK_AND_ASSIGN(const std::string body, log().BuildAddCheckpoint("far"));
  const std::string told = Talk(PostText(kAdd, body));
  EXPECT_EQ(StatusOf(told), 200);
  EXPECT_THAT(BodyOf(told),
              StartsWith("\xe2\x80\x94 " + witness_key_.Key().name() + " "));
  EXPECT_OK(log().AcceptCosignature("far", BodyOf(told)));
  EXPECT_EQ(log().PublishedHead().size, 64U);

  const std::string latest = Talk(GetText(LatestPath(kOrigin)));
  EXPECT_EQ(StatusOf(latest), 200);
  EXPECT_THAT(latest, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_EQ(BodyOf(latest), body.substr(body.find(kOrigin)));

  const std::string conflict = Talk(PostText(kAdd, body));
  EXPECT_EQ(StatusOf(conflict), 409);
  EXPECT_THAT(conflict, HasSubstr("Content-Type: text/x.tlog.size\r\n"));
  EXPECT_EQ(BodyOf(conflict), "64\n");

  EXPECT_EQ(Add("old x\n"), 400);
  EXPECT_EQ(Add("old 65\n\n" + NoteFor(64, Hash{})), 400);
  const std::string foreign = *merkle::SignCheckpoint(
      {"log.stranger.example", 1, Hash{}},
      *merkle::VerifierKey::Make("log.stranger.example",
                                 merkle::NoteKeyType::kEd25519,
                                 node_.keys.log.public_key()),
      [this](ByteView m) { return node_.keys.log.Sign(m); });
  EXPECT_EQ(Add("old 0\n\n" + foreign), 404);
  std::string unsigned_note = NoteFor(64, Hash{});
  unsigned_note[unsigned_note.size() - 10] ^= 1;
  EXPECT_EQ(Add("old 64\n\n" + unsigned_note), 403);
  EXPECT_EQ(Add("old 64\n\n" + NoteFor(64, Hash{})), 422);
  ASSERT_OK_AND_ASSIGN(const auto evidence, witness_->Evidence(kOrigin));
  EXPECT_EQ(evidence.size(), 1U);

  EXPECT_EQ(Add(std::string(65 * 1024, 'x')), 413);
  const std::string other = Talk(GetText(kAdd));
  EXPECT_EQ(StatusOf(other), 405);
  EXPECT_THAT(other, HasSubstr("Allow: POST\r\n"));
  EXPECT_EQ(StatusOf(Talk(PostText(LatestPath(kOrigin), ""))), 405);
  for (const char* path :
       {"/", "/audit/witness", "/audit/witness/add-checkpoint/",
        "/audit/witness/../witness/add-checkpoint", "/add-checkpoint",
        "/audit/witness/abcd/checkpoint"}) {
    EXPECT_EQ(StatusOf(Talk(PostText(path, body))), 404) << path;
  }
}

TEST_F(WitnessHttpTest, TooManyOfOneLogAreTurnedAway) {
  OpenLog();
  Serve({{kOrigin, node_.keys.LogKey().Text()}}, 4);
  ASSERT_OK_AND_ASSIGN(const std::string body, log().BuildAddCheckpoint("far"));
  EXPECT_EQ(Add(body), 200);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Add(body), 409);
  EXPECT_EQ(Add(body), 429);
  // What nobody signed is not counted, whatever it claims.
  node_.clock.Advance(61);
  std::string unsigned_note = NoteFor(64, Hash{});
  unsigned_note[unsigned_note.size() - 10] ^= 1;
  for (int i = 0; i < 8; ++i) EXPECT_EQ(Add("old 64\n\n" + unsigned_note), 403);
  EXPECT_EQ(Add(body), 409);
}

TEST_F(WitnessHttpTest, StrangersDoNotUseUpWhatAPeerNeeds) {
  OpenLog();
  Serve({{kOrigin, node_.keys.LogKey().Text()}}, 6, 3);
  ASSERT_OK_AND_ASSIGN(const std::string body, log().BuildAddCheckpoint("far"));
  EXPECT_EQ(Add(body), 200);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(Add(body), 409);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Add(body), 429);
  ASSERT_OK_AND_ASSIGN(const audit::WitnessReply peer,
                       witness_->AddCheckpoint(AsBytes(body)));
  EXPECT_EQ(peer.status, 409);
}

TEST_F(WitnessHttpTest, TheStartAsksByHttpToo) {
  OpenLog();
  Serve({{kOrigin, node_.keys.LogKey().Text()}});
  ASSERT_OK_AND_ASSIGN(const std::string body, log().BuildAddCheckpoint("far"));
  ASSERT_OK_AND_ASSIGN(const audit::WitnessReply reply, AskByDoor(body));
  ASSERT_EQ(reply.status, 200);
  ASSERT_OK(log().AcceptCosignature("far", reply.body));
  const audit::AskWitness ask = [this](std::string_view, std::string_view b) {
    return AskByDoor(b);
  };
  EXPECT_OK(audit::CheckNotRolledBack(node_.LogOptions(), ask));
  door_->Stop();
  door_.reset();
}

// As a public witness answers: by a name, behind TLS.
TEST_F(WitnessHttpTest, ALogIsCosignedByHttps) {
  OpenLog();
  Serve({{kOrigin, node_.keys.LogKey().Text()}});
  rpc::CertificateSpec spec;
  spec.names = "DNS:localhost";
  const rpc::TestCertificate certificate = rpc::MakeCertificate(spec);
  rpc::WriteText(dir_.Path("roots.pem"), certificate.cert_pem);
  rpc::TlsDoor tls({certificate}, [this](const std::string& got) {
    const model::HttpReply reply = answers_->Answer(
        {"POST", got.substr(5, got.find(" HTTP/") - 5), BodyOf(got)});
    return rpc::AnswerText(reply.status, reply.body);
  });
  ASSERT_OK_AND_ASSIGN(
      const rpc::HttpUrl url,
      rpc::ParseHttpUrl("https://localhost:" + std::to_string(tls.port()) +
                        "/audit/witness"));
  ASSERT_OK_AND_ASSIGN(const std::string body, log().BuildAddCheckpoint("far"));
  const auto ask = [&](const std::string& roots) {
    return AskByHttp(url, {ToBytes(body), {}},
                     {std::chrono::seconds(5), roots});
  };
  EXPECT_EQ(ReasonOf(ask("").status()), "witness-certificate");
  ASSERT_OK_AND_ASSIGN(const model::SignedStatement raw,
                       ask(dir_.Path("roots.pem")));
  ASSERT_OK_AND_ASSIGN(const auto reply, Decode<model::WitnessReply>(raw.body));
  ASSERT_EQ(reply.status, 200U);
  ASSERT_OK(log().AcceptCosignature("far", reply.body));
  EXPECT_EQ(log().Witnesses().at(0).size, log().PublishedHead().size);
}

TEST_F(WitnessHttpTest, TheLitewitnessConversations) {
  SKIP_WITHOUT_SHARED("vectors/tlog/torchwood");
  const nlohmann::json data = nlohmann::json::parse(testing::ReadFile(
      testing::SharedDir() /
      "vectors/tlog/torchwood/litewitness-conversations.json"));
  std::vector<audit::Witness::Log> logs;
  for (const auto& conversation : data["conversations"]) {
    const auto& setup = conversation["setup"];
    if (setup.contains("log_vkey")) {
      logs.push_back(
          {"go.sum database tree", setup["log_vkey"].get<std::string>()});
      continue;
    }
    const std::string origin = setup["origin"];
    ASSERT_OK_AND_ASSIGN(
        const auto raw,
        FromHex(setup["log_public_key_hex"].get<std::string>()));
    ASSERT_OK_AND_ASSIGN(const auto key, ToArray<32>(raw));
    logs.push_back({origin, merkle::VerifierKey::Make(
                                origin, merkle::NoteKeyType::kEd25519, key)
                                ->Text()});
  }
  Serve(logs);
  std::size_t steps = 0;
  for (const auto& conversation : data["conversations"]) {
    for (const auto& step : conversation["steps"]) {
      const std::string told =
          Talk(PostText(kAdd, step["request_body"].get<std::string>()));
      int want = step["status"];
      // The older specification said 403 for an unknown log.
      if (step.value("response_contains", "") == "unknown log") want = 404;
      EXPECT_EQ(StatusOf(told), want);
      if (step.contains("response_body")) {
        EXPECT_EQ(BodyOf(told), step["response_body"].get<std::string>());
      }
      ++steps;
    }
  }
  EXPECT_EQ(steps, 10U);
}

}  // namespace
}  // namespace entente::app
