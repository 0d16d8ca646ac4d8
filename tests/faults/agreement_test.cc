// Agreements that must not count, and the stop that must work at once.

#include "policy/agreement.h"

#include <chrono>
#include <thread>

#include "node/base/time.h"
#include "policy/envelope.h"
#include "policy/event.h"
#include "policy/rewrite.h"
#include "tests/faults/support.h"

namespace entente::testing {
namespace {

using nlohmann::json;

class AgreementTest : public FaultTest {
 protected:
  absl::StatusOr<rpc::AdminReply> Import(TestNode& node,
                                         const policy::Envelope& envelope) {
    const Bytes text = policy::EmitEnvelope(envelope);
    const std::string file =
        WriteFile(story.Path("envelope.dsse"), AsText(text)).string();
    return node.Do(node.party() == "QOR" ? "qor-admin" : "qva-admin",
                   "agreement import", {{"@", file}});
  }
  policy::Envelope Good() { return *policy::ParseEnvelope(story.two.envelope); }
  static policy::EnvelopeSignature SignatureOf(const keys::PersonKey& key,
                                               const policy::Envelope& of) {
    return {key.key_id(), ToBytes(ByteView(key.Sign(policy::SignPayload(
                              of.payload_type, of.payload))))};
  }
  // The agreement again with other values, signed by all four.
  policy::Envelope Rewritten(const std::map<std::string, std::string>& set) {
    policy::Envelope out = Good();
    out.payload = *policy::Rewrite(out.payload, set);
    out.signatures.clear();
    for (TestNode* node : {&asker(), &holder()}) {
      const std::string low = node->party() == "QOR" ? "qor" : "qva";
      for (const char* role : {"-legal", "-tech"})
        out.signatures.push_back(SignatureOf(node->person(low + role), out));
    }
    return out;
  }
  void BeginWithoutAgreement() {
    TwoNodes::Options options;
    options.import_agreement = false;
    Begin(options);
  }
  std::string StopFile(const std::string& person) {
    const policy::Envelope good = Good();
    const keys::PersonKey& key = holder().person(person);
    policy::Event event;
    event.agreement = policy::Agreement::Parse(good.payload)->id;
    event.agreement_hash = policy::DocumentHash(good.payload);
    event.party = "QVA";
    event.kind = policy::EventKind::kStop;
    event.at = holder().clock().NowSeconds();
    event.peer = "all";
    event.stop_reason = policy::StopReason::kRights;
    event.by = {*policy::ParseKeyId(key.key_id())};
    policy::Envelope envelope;
    envelope.payload_type = policy::kEventType;
    envelope.payload = policy::Emit(event);
    envelope.signatures.push_back(SignatureOf(key, envelope));
    const Bytes text = policy::EmitEnvelope(envelope);
    return WriteFile(story.Path("stop.dsse"), AsText(text)).string();
  }
};

TEST_F(AgreementTest, AnEnvelopeThatIsNotWhollySignedIsRefused) {
  BeginWithoutAgreement();
  std::map<std::string, policy::Envelope> bad;
  bad["one signature missing"] = Good();
  bad["one signature missing"].signatures.pop_back();
  bad["all signatures stripped"] = Good();
  bad["all signatures stripped"].signatures.clear();
  bad["one signature twice"] = Good();
  bad["one signature twice"].signatures[1] =
      bad["one signature twice"].signatures[0];
  bad["a foreign signature in the place of one"] = Good();
  bad["a foreign signature in the place of one"].signatures[3] =
      SignatureOf(*keys::PersonKey::Create("stranger"), Good());
  bad["another text under the signatures"] = Good();
  bad["another text under the signatures"].payload = *policy::Rewrite(
      Good().payload, {{"clause.screen-terrorism.quota_per_day", "300000"}});
  bad["a signature with a flipped bit"] = Good();
  bad["a signature with a flipped bit"].signatures[2].signature[5] ^= 1U;
  std::size_t refused = 0;
  for (const auto& [what, envelope] : bad) {
    const auto reply = Import(asker(), envelope);
    EXPECT_THAT(reply, IsRefusal(absl::StatusCode::kDataLoss, "AG-501"))
        << what;
    EXPECT_EQ(CountEntries(asker(), "agreement.reject"), ++refused) << what;
    EXPECT_TRUE(
        MustDo(asker(), "qor-one", "agreement list")["agreements"].empty());
  }
  EXPECT_THAT(story.two.Screen(story.flight),
              IsRefusal(absl::StatusCode::kPermissionDenied, "clause-unknown"));

  // A foreign signature beside the four counts for nothing, for or against.
  policy::Envelope more = Good();
  more.signatures.push_back(
      SignatureOf(*keys::PersonKey::Create("stranger"), Good()));
  ASSERT_OK(Import(asker(), more));
  EXPECT_EQ(CountEntries(asker(), "agreement.sign"), 4U);
  ASSERT_OK(Import(holder(), Good()));
  ASSERT_OK(story.two.Settle());
  GoodScreening();
}

TEST_F(AgreementTest, TwoVersionsDoNotScreen) {
  BeginWithoutAgreement();
  ASSERT_OK(Import(asker(), Good()));
  ASSERT_OK(
      Import(holder(),
             Rewritten({{"clause.screen-terrorism.quota_per_day", "300000"}})));
  // The doors look at their TLS files once a second.
  absl::StatusOr<rpc::AdminReply> reply = story.two.Screen(story.flight);
  for (int i = 0;
       i < 40 && reply.status().code() == absl::StatusCode::kUnavailable; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    reply = story.two.Screen(story.flight);
  }
  EXPECT_THAT(reply, IsRefusal(absl::StatusCode::kFailedPrecondition,
                               "agreement-differs"));
  EXPECT_EQ(CountEntries(asker(), "screen.fail", "code", "agreement-differs"),
            1U);
  EXPECT_EQ(CountEntries(holder(), "screen.answer"), 0U);
}

TEST_F(AgreementTest, BeforeItsStartAndAfterItsEndNothingGoes) {
  const std::int64_t now = base::SystemClock().NowSeconds();
  constexpr std::int64_t kDay = 86'400;
  TwoNodes::Options options;
  options.set["validity.from"] = base::FormatTime(now + kDay);
  options.set["validity.review_by"] = base::FormatTime(now + 20 * kDay);
  options.set["validity.until"] = base::FormatTime(now + 30 * kDay);
  Begin(options);
  EXPECT_THAT(story.two.Screen(story.flight),
              IsRefusal(absl::StatusCode::kPermissionDenied, "S02"));
  EXPECT_EQ(CountEntries(asker(), "screen.refuse", "code", "S02"), 1U);
  const auto shift = [this](std::int64_t seconds) {
    for (TestNode* node : {&asker(), &holder()}) node->clock().Shift(seconds);
  };
  shift(kDay + 3600);
  GoodScreening();
  const std::size_t answered = CountEntries(holder(), "screen.answer");
  EXPECT_GT(answered, 0U);
  shift(30 * kDay);
  ASSERT_OK_AND_ASSIGN(story.flight,
                       story.ImportFlight(story.cast.flying, "Q7413"));
  const auto late = story.two.Screen(story.flight);
  EXPECT_THAT(late, IsRefusal(absl::StatusCode::kPermissionDenied, "S03"));
  EXPECT_EQ(CountEntries(holder(), "screen.answer"), answered);
}

TEST_F(AgreementTest, AStopStopsBothWithinASecondAndOutlivesARestart) {
  Begin();
  GoodScreening();
  const std::string stop = StopFile("qva-dpo");
  const auto started = std::chrono::steady_clock::now();
  const json told =
      MustDo(holder(), "qva-dpo", "agreement suspend", {{"@", stop}});
  const auto took = std::chrono::steady_clock::now() - started;
  EXPECT_EQ(told["told"][0]["ok"], true) << told.dump();
  // A second where the machine is quiet; the machines of tests are not.
  EXPECT_LT(took, std::chrono::seconds(5));
  for (int round = 0; round < 2; ++round) {
    for (TestNode* node : {&asker(), &holder()}) {
      const std::string person = node->party() == "QOR" ? "qor-one" : "qva-one";
      const json list = MustDo(*node, person, "agreement list");
      EXPECT_EQ(list["agreements"][0]["pairs"][0]["state"], "suspended")
          << node->party() << list.dump();
    }
    const auto reply = story.two.Screen(story.flight);
    EXPECT_THAT(reply, IsRefusal(absl::StatusCode::kPermissionDenied, "S01"));
    for (TestNode* node : {&asker(), &holder()}) {
      node->Stop();
      ASSERT_OK(node->Start());
    }
  }
  EXPECT_EQ(CountEntries(holder(), "suspend.set"), 1U);
  EXPECT_EQ(CountEntries(asker(), "suspend.set"), 1U);
  EXPECT_EQ(CountEntries(asker(), "screen.refuse"), 2U);
}

TEST_F(AgreementTest, AStopByAKeyThatMayNotStopIsRefused) {
  Begin();
  const auto reply = holder().Do("qva-dpo", "agreement suspend",
                                 {{"@", StopFile("qva-tech")}});
  EXPECT_THAT(reply, IsRefusal(absl::StatusCode::kPermissionDenied, "AG-503"));
  EXPECT_EQ(CountEntries(holder(), "suspend.set"), 0U);
  GoodScreening();
}

}  // namespace
}  // namespace entente::testing
