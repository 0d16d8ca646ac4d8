// What was disclosed stays as long as the agreement says, and no hour longer:
// masking, open cases, the end of the agreement and the proof of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "crypto/base/codec.h"
#include "node/base/time.h"
#include "policy/agreement.h"
#include "policy/envelope.h"
#include "policy/event.h"
#include "tests/integration/story.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;

constexpr std::int64_t kDay = 86'400;

// One exact match, disclosed; masked after 10 days, kept for 20, in an open
// case for 60.
class RetentionTest : public ::testing::Test {
 protected:
  void Begin(std::map<std::string, std::string> more = {}) {
    TwoNodes::Options options;
    const std::string at = "clause.disclose-terrorism.";
    options.set = {{at + "reviewers_asker", "1"},
                   {at + "mask_after_days", "10"},
                   {at + "retain_days", "20"},
                   {at + "retain_days_case", "60"}};
    for (const auto& [key, value] : more) options.set[key] = value;
    ASSERT_OK(story.Begin(options));
    ASSERT_OK(asker().AddPerson("qor-boss", {"approver"}));
    ASSERT_OK(story.two.Screen(story.flight));
    hit = ExactHit(asker());
    AskAndApprove(asker(), holder(), hit);
    MustDo(holder(), "qva-one", "disclose release", {{"hit", hit}});
    ASSERT_THAT(Shown(), ::testing::UnorderedElementsAre("hit.reason",
                                                         "person.family-name"));
  }
  TestNode& asker() { return *story.two.asker; }
  TestNode& holder() { return *story.two.holder; }

  void Pass(std::int64_t days) {
    asker().clock().Shift(days * kDay);
    holder().clock().Shift(days * kDay);
    asker()
        .node()
        .Tick()
        .IgnoreError();  // peers' cards and clocks may complain
    holder().node().Tick().IgnoreError();
  }
  // Codes of the fields that an officer sees; empty: nothing is kept.
  std::vector<std::string> Shown() {
    const auto reply = asker().Do("qor-one", "hits show", {{"hit", hit}});
    std::vector<std::string> out;
    if (!reply.ok()) return out;
    const json shown = json::parse(reply->json);
    if (!shown.contains("disclosed")) return out;
    for (const json& field : shown["disclosed"]["fields"])
      out.push_back(field["field"]);
    return out;
  }
  std::size_t Deleted(std::string_view reason) {
    std::size_t n = 0;
    for (const json& entry : Entries(asker(), "retain.delete")) {
      if (entry["data"]["dataset"] == "disclosed" &&
          entry["data"]["reason"] == reason)
        n += entry["data"]["n"].get<std::size_t>();
    }
    return n;
  }
  void OpenCase() {
    MustDo(asker(), "qor-one", "case ask",
           {{"hit", hit}, {"case", "QOR-2026-0018"}, {"reason", "trial"}});
    MustDo(asker(), "qor-boss", "case open",
           {{"hit", hit}, {"reason", "the trial needs it"}});
  }

  // A list or proof of `node`, signed by both of its keys.
  std::string EndFile(TestNode& node, policy::EventKind kind,
                      std::uint32_t add_to_count = 0) {
    const std::string low = node.party() == "QOR" ? "qor" : "qva";
    const json list = MustDo(node, low + "-one", "agreement list");
    const std::string hash = list["agreements"][0]["hash"];
    const json next = MustDo(
        node, low + "-admin", "agreement next",
        {{"agreement", hash}, {"kind", std::string(policy::Word(kind))}});
    policy::Event event;
    event.agreement = list["agreements"][0]["id"];
    event.agreement_hash = *ToArray<32>(*FromHex(hash));
    event.party = node.party();
    event.sequence = next["sequence"];
    if (const std::string previous = next["previous"]; !previous.empty())
      event.previous = *ToArray<32>(*FromHex(previous));
    event.kind = kind;
    event.at = next["at"];
    event.count = next["count"].get<std::uint32_t>() + add_to_count;
    event.hash = *ToArray<32>(*FromHex(next["sum"].get<std::string>()));
    for (const char* role : {"-legal", "-tech"})
      event.by.push_back(*policy::ParseKeyId(node.person(low + role).key_id()));
    std::sort(event.by.begin(), event.by.end());
    policy::Envelope envelope;
    envelope.payload_type = policy::kEventType;
    envelope.payload = policy::Emit(event);
    const Bytes to_sign =
        policy::SignPayload(envelope.payload_type, envelope.payload);
    for (const char* role : {"-legal", "-tech"}) {
      const keys::PersonKey& key = node.person(low + role);
      envelope.signatures.push_back(
          {key.key_id(), ToBytes(ByteView(key.Sign(to_sign)))});
    }
    return WriteFile(story.Path(low + "-end.dsse"),
                     AsText(policy::EmitEnvelope(envelope)))
        .string();
  }
  std::string State(TestNode& node) {
    const std::string low = node.party() == "QOR" ? "qor" : "qva";
    return MustDo(node, low + "-one",
                  "agreement list")["agreements"][0]["pairs"][0]["state"];
  }
  std::map<std::string, std::string> EndsInThreeDays() {
    const std::int64_t now = base::SystemClock().NowSeconds();
    return {{"validity.review_by", base::FormatTime(now + kDay)},
            {"validity.until", base::FormatTime(now + 3 * kDay)},
            {"ending.delete_within_days", "2"},
            {"ending.open_case_extension_max_days", "10"}};
  }

  Story story;
  std::string hit;
};

TEST_F(RetentionTest, IdentifyingFieldsAreMaskedAndThenAllIsDeleted) {
  Begin();
  Pass(9);
  EXPECT_EQ(Entries(asker(), "retain.mask").size(), 0U);
  EXPECT_EQ(Shown().size(), 2U);
  Pass(2);
  ASSERT_EQ(Entries(asker(), "retain.mask").size(), 1U);
  EXPECT_EQ(Entries(asker(), "retain.mask")[0]["data"]["n"], 1);
  EXPECT_THAT(Shown(), ::testing::ElementsAre("hit.reason"));
  Pass(1);  // what is masked is not masked again
  EXPECT_EQ(Entries(asker(), "retain.mask").size(), 1U);
  Pass(9);
  EXPECT_TRUE(Shown().empty());
  EXPECT_EQ(Deleted("term"), 1U);
}

TEST_F(RetentionTest, TwoPeopleOpenACaseThatKeepsIt) {
  Begin();
  EXPECT_THAT(
      asker().Do("qor-boss", "case open", {{"hit", hit}, {"reason", "x"}}),
      IsRefusal(absl::StatusCode::kFailedPrecondition, "case-state"));
  EXPECT_THAT(asker().Do("qor-dpo", "case ask",
                         {{"hit", hit}, {"case", "C"}, {"reason", "x"}}),
              IsRefusal(absl::StatusCode::kPermissionDenied, "role"));
  MustDo(asker(), "qor-legal", "case ask",
         {{"hit", hit}, {"case", "QOR-2026-0018"}, {"reason", "trial"}});
  EXPECT_THAT(
      asker().Do("qor-one", "case open", {{"hit", hit}, {"reason", "x"}}),
      IsRefusal(absl::StatusCode::kPermissionDenied, "role"));
  EXPECT_THAT(
      asker().Do("qor-legal", "case open", {{"hit", hit}, {"reason", "x"}}),
      IsRefusal(absl::StatusCode::kPermissionDenied, "same-person"));
  MustDo(asker(), "qor-boss", "case open", {{"hit", hit}, {"reason", "trial"}});
  EXPECT_EQ(Entries(asker(), "approval.give").size(), 2U);
  Pass(21);
  EXPECT_THAT(Shown(), ::testing::ElementsAre("hit.reason"));
  EXPECT_EQ(Deleted("term"), 0U);
  Pass(40);
  EXPECT_TRUE(Shown().empty());
  EXPECT_EQ(Deleted("term"), 1U);
}

TEST_F(RetentionTest, ACaseThatNobodyConfirmedKeepsNothing) {
  Begin();
  MustDo(asker(), "qor-one", "case ask",
         {{"hit", hit}, {"case", "QOR-2026-0018"}, {"reason", "trial"}});
  Pass(21);
  EXPECT_TRUE(Shown().empty());
  EXPECT_TRUE(MustDo(asker(), "qor-one", "case list")["cases"].empty());
}

TEST_F(RetentionTest, AClosedCaseGivesTheShorterTermBack) {
  Begin();
  OpenCase();
  Pass(21);
  EXPECT_EQ(Shown().size(), 1U);
  MustDo(asker(), "qor-one", "case close",
         {{"hit", hit}, {"reason", "acquitted"}});
  Pass(0);
  asker().clock().Shift(3601);
  asker().node().Tick().IgnoreError();
  EXPECT_TRUE(Shown().empty());
  EXPECT_EQ(Deleted("term"), 1U);
}

TEST_F(RetentionTest, ACaseOutlivesTheAgreementOnlyInASignedList) {
  Begin(EndsInThreeDays());
  OpenCase();
  Pass(4);  // over; a day to go
  EXPECT_EQ(Deleted("terminated"), 0U);
  EXPECT_THAT(
      asker().Do("qor-admin", "agreement case-list",
                 {{"@", EndFile(asker(), policy::EventKind::kCaseList, 1)}}),
      IsRefusal(absl::StatusCode::kFailedPrecondition, "end-differs"));
  MustDo(asker(), "qor-admin", "agreement case-list",
         {{"@", EndFile(asker(), policy::EventKind::kCaseList)}});
  EXPECT_EQ(MustDo(asker(), "qor-one", "case list")["cases"][0]["listed"],
            true);
  Pass(3);
  EXPECT_EQ(Deleted("terminated"), 0U);
  EXPECT_THAT(asker().Do("qor-one", "hits show", {{"hit", hit}}),
              IsRefusal(absl::StatusCode::kPermissionDenied, "S01"));  // frozen
  Pass(10);
  EXPECT_EQ(Deleted("terminated"), 1U);
}

TEST_F(RetentionTest, AnUnlistedCaseGoesWithTheAgreement) {
  Begin(EndsInThreeDays());
  OpenCase();
  Pass(6);
  EXPECT_EQ(Deleted("terminated"), 1U);
}

TEST_F(RetentionTest, BothProofsCloseTheAgreement) {
  Begin(EndsInThreeDays());
  EXPECT_THAT(asker().Do("qor-admin", "agreement next",
                         {{"agreement",
                           MustDo(asker(), "qor-one",
                                  "agreement list")["agreements"][0]["hash"]},
                          {"kind", "deletion-proof"}}),
              IsRefusal(absl::StatusCode::kFailedPrecondition, "not-ended"));
  Pass(4);
  EXPECT_THAT(asker().Do("qor-admin", "agreement next",
                         {{"agreement",
                           MustDo(asker(), "qor-one",
                                  "agreement list")["agreements"][0]["hash"]},
                          {"kind", "deletion-proof"}}),
              IsRefusal(absl::StatusCode::kFailedPrecondition, "data-remains"));
  Pass(2);
  MustDo(asker(), "qor-admin", "agreement deletion-proof",
         {{"@", EndFile(asker(), policy::EventKind::kDeletionProof)}});
  EXPECT_EQ(State(asker()), "terminated");
  const json proved =
      MustDo(holder(), "qva-admin", "agreement deletion-proof",
             {{"@", EndFile(holder(), policy::EventKind::kDeletionProof)}});
  EXPECT_EQ(State(holder()), "closed") << proved.dump();
  EXPECT_EQ(State(asker()), "closed") << proved.dump();
}

}  // namespace
}  // namespace entente::testing
