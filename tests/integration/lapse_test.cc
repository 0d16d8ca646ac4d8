// A proposal that not all have signed within 90 days is over, on both sides.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "node/exchange/drafts.h"
#include "policy/envelope.h"
#include "policy/event.h"
#include "tests/integration/story.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;
using policy::EventKind;

class LapseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TwoNodes::Options options;
    options.import_agreement = false;
    ASSERT_OK_AND_ASSIGN(two,
                         TwoNodes::Make(folder.path(), std::move(options)));
    ASSERT_OK_AND_ASSIGN(const policy::Envelope envelope,
                         policy::ParseEnvelope(two.envelope));
    document = envelope.payload;
    hash = ToHex(policy::DocumentHash(document));
  }
  // One person's signed step about the draft, as the terminal writes it.
  absl::StatusOr<rpc::AdminReply> Step(TestNode& node,
                                       const std::string& person,
                                       EventKind kind) {
    const json next = MustDo(
        node, person, "agreement next",
        {{"agreement", hash}, {"kind", std::string(policy::Word(kind))}});
    policy::Event event;
    TRY(const policy::Agreement agreement, policy::Agreement::Parse(document));
    event.agreement = agreement.id;
    event.agreement_hash = policy::DocumentHash(document);
    event.party = next["party"];
    event.sequence = next["sequence"];
    if (const std::string previous = next["previous"]; !previous.empty()) {
      TRY(const Bytes raw, FromHex(previous));
      TRY(event.previous, ToArray<32>(raw));
    }
    event.kind = kind;
    event.at = next["at"];
    event.text_hash = event.agreement_hash;
    event.language = "en";
    return Give(node, person, policy::kEventType, [&](const policy::KeyId& id) {
      event.by = {id};
      return policy::Emit(event);
    });
  }
  absl::StatusOr<rpc::AdminReply> SignDocument(TestNode& node,
                                               const std::string& person) {
    return Give(node, person, policy::kAgreementType,
                [&](const policy::KeyId&) { return document; });
  }
  template <class Body>
  absl::StatusOr<rpc::AdminReply> Give(TestNode& node,
                                       const std::string& person,
                                       std::string_view type, Body body) {
    const keys::PersonKey& key = node.person(person);
    TRY(const policy::KeyId id, policy::ParseKeyId(key.key_id()));
    policy::Envelope envelope;
    envelope.payload_type = std::string(type);
    envelope.payload = body(id);
    const Bytes message = policy::SignPayload(type, envelope.payload);
    envelope.signatures.push_back(
        {key.key_id(), ToBytes(ByteView(key.Sign(message)))});
    const std::string file = WriteFile(folder.path() / "step.dsse",
                                       AsText(policy::EmitEnvelope(envelope)))
                                 .string();
    return node.Do(person, "agreement add", {{"agreement", hash}, {"@", file}});
  }
  static std::string StateAt(TestNode& node) {
    const json drafts =
        MustDo(node, node.party() == "QOR" ? "qor-admin" : "qva-admin",
               "agreement status")["drafts"];
    return drafts.empty() ? "none" : drafts[0]["state"];
  }
  void Propose() {
    const std::string file =
        WriteFile(folder.path() / "draft.toml", AsText(document)).string();
    MustDo(*two.asker, "qor-admin", "agreement draft", {{"@", file}});
    ASSERT_OK(Step(*two.asker, "qor-dpo", EventKind::kOpinion));
    ASSERT_OK(Step(*two.asker, "qor-legal", EventKind::kPropose));
    // The doors look at their new cards once a second; each step is told again.
    for (int i = 0; i < 40 && StateAt(*two.holder) != "proposed"; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(250));
      ASSERT_OK(Step(*two.asker, "qor-dpo", EventKind::kOpinion));
    }
    ASSERT_EQ(StateAt(*two.holder), "proposed");
    ASSERT_OK(Step(*two.holder, "qva-dpo", EventKind::kOpinion));
    ASSERT_OK(SignDocument(*two.asker, "qor-legal"));
  }
  void Wait(std::int64_t seconds) {
    two.asker->clock().Shift(seconds);
    two.holder->clock().Shift(seconds);
  }
  ScratchFolder folder;
  TwoNodes two;
  Bytes document;
  std::string hash;
};

TEST_F(LapseTest, OneMinuteBeforeTheEndItStillCanBeSigned) {
  Propose();
  Wait(exchange::kProposalSeconds - 60);
  EXPECT_EQ(StateAt(*two.asker), "proposed");
  EXPECT_EQ(StateAt(*two.holder), "proposed");
  EXPECT_OK(SignDocument(*two.asker, "qor-tech"));
}

TEST_F(LapseTest, AfterNinetyDaysNobodyAddsAnything) {
  Propose();
  Wait(exchange::kProposalSeconds + 60);
  EXPECT_EQ(StateAt(*two.asker), "lapsed");
  EXPECT_EQ(StateAt(*two.holder), "lapsed");
  const auto over =
      IsRefusal(absl::StatusCode::kFailedPrecondition, "draft-state");
  EXPECT_THAT(SignDocument(*two.asker, "qor-tech"), over);
  EXPECT_THAT(SignDocument(*two.holder, "qva-legal"), over);
  EXPECT_THAT(Step(*two.holder, "qva-dpo", EventKind::kOpinion), over);
  // No signature of it ever makes an agreement.
  for (TestNode* node : {two.asker.get(), two.holder.get()}) {
    EXPECT_TRUE(MustDo(*node,
                       node == two.asker.get() ? "qor-admin" : "qva-admin",
                       "agreement list")["agreements"]
                    .empty());
  }
}

}  // namespace
}  // namespace entente::testing
