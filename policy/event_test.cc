#include "policy/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/fixture.h"
#include "policy/freshness.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

using fixture::SignedEnvelope;
using testing::HasCode;

const VerifiedAgreement& Treaty() {
  static const VerifiedAgreement treaty =
      fixture::Verify(fixture::DemoAgreement());
  return treaty;
}

std::string IdOf(std::string_view label) {
  return MakeKeyId(label, fixture::ExampleKey(label).public_key()).text;
}

Event Stop() {
  Event event =
      NextEvent(Treaty(), "QVA", nullptr, EventKind::kStop, fixture::kNow);
  event.peer = "QOR";
  event.stop_reason = StopReason::kRights;
  event.by = fixture::Must(RequiredKeys(event, Treaty(), IdOf("qva-dpo-2026")));
  return event;
}

Event Resume(const Hash& stop) {
  Event event =
      NextEvent(Treaty(), "QOR", nullptr, EventKind::kResume, fixture::kNow);
  event.peer = "QVA";
  event.lifts = {stop};
  event.by = fixture::Must(RequiredKeys(event, Treaty()));
  return event;
}

absl::StatusOr<VerifiedEvent> VerifyAs(const Event& event,
                                       const std::vector<std::string>& labels) {
  return VerifyEvent(SignedEnvelope(kEventType, Emit(event), labels), Treaty());
}

TEST(EventTest, EveryKindReadsBackAsItWasWritten) {
  for (std::size_t i = 0; i < WordList<EventKind>::kWords.size(); ++i) {
    Event event = Stop();
    event.kind = static_cast<EventKind>(i);
    event.lifts = {Hash{1}, Hash{2}};
    event.reason = "too-wide";
    event.language = "en";
    event.count = 7;
    const Bytes body = Emit(event);
    ASSERT_OK_AND_ASSIGN(const Event read, Event::Parse(body));
    EXPECT_EQ(Emit(read), body);
    EXPECT_EQ(read.kind, event.kind);
  }
}

TEST(EventTest, OneStopKeyIsEnough) {
  for (const char* label :
       {"qva-dpo-2026", "qva-duty-2026", "qva-legal-2026"}) {
    Event event = Stop();
    event.by = fixture::Must(RequiredKeys(event, Treaty(), IdOf(label)));
    EXPECT_OK(VerifyAs(event, {label}));
  }
}

TEST(EventTest, OtherKeysCannotStop) {
  for (const char* label :
       {"qva-tech-2026", "qor-dpo-2026", "qor-legal-2026", "qzz-other"}) {
    Event event = Stop();
    EXPECT_THAT(RequiredKeys(event, Treaty(), IdOf(label)),
                HasCode(absl::StatusCode::kPermissionDenied));
    event.by = {KeyId{IdOf(label)}};
    EXPECT_FALSE(VerifyAs(event, {label}).ok()) << label;
  }
}

TEST(EventTest, AStopNeedsTheSignatureOfTheKeyItNames) {
  EXPECT_EQ(ReasonOf(VerifyAs(Stop(), {"qva-duty-2026"}).status()), "AG-501");
  EXPECT_EQ(ReasonOf(VerifyAs(Stop(), {}).status()), "AG-501");
}

TEST(EventTest, AResumeNeedsBothKeysOfBothParties) {
  const Event event = Resume(Hash{1});
  const std::vector<std::string>& labels = fixture::TreatySigners();
  EXPECT_OK(VerifyAs(event, labels));
  for (std::size_t missing = 0; missing < labels.size(); ++missing) {
    std::vector<std::string> three = labels;
    three[missing] = "qva-dpo-2026";
    EXPECT_EQ(ReasonOf(VerifyAs(event, three).status()), "AG-501") << missing;
  }
  Event fewer = event;
  fewer.by.pop_back();
  EXPECT_EQ(ReasonOf(VerifyAs(fewer, labels).status()), "AG-503");
}

TEST(EventTest, AnAssessmentNeedsBothKeysOfItsParty) {
  Event event = NextEvent(Treaty(), "QOR", nullptr, EventKind::kAssessment, 5);
  event.by = fixture::Must(RequiredKeys(event, Treaty()));
  EXPECT_OK(VerifyAs(event, {"qor-legal-2026", "qor-tech-2026"}));
  EXPECT_EQ(ReasonOf(VerifyAs(event, {"qor-legal-2026"}).status()), "AG-501");
}

TEST(EventTest, AnOpinionIsTheDpos) {
  Event event = NextEvent(Treaty(), "QOR", nullptr, EventKind::kOpinion, 5);
  event.by = fixture::Must(RequiredKeys(event, Treaty(), IdOf("qor-dpo-2026")));
  EXPECT_OK(VerifyAs(event, {"qor-dpo-2026"}));
  EXPECT_FALSE(RequiredKeys(event, Treaty(), IdOf("qor-legal-2026")).ok());
}

TEST(EventTest, EventsOfOtherAgreementsAndPartiesAreRefused) {
  Event other = Stop();
  other.agreement = "QOR-QVA-2020-001";
  EXPECT_THAT(VerifyAs(other, {"qva-dpo-2026"}),
              HasCode(absl::StatusCode::kInvalidArgument));
  other = Stop();
  other.agreement_hash[0] ^= 1U;
  EXPECT_THAT(VerifyAs(other, {"qva-dpo-2026"}),
              HasCode(absl::StatusCode::kInvalidArgument));
  other = Stop();
  other.party = "QTA";
  EXPECT_THAT(VerifyAs(other, {"qva-dpo-2026"}),
              HasCode(absl::StatusCode::kPermissionDenied));
  other = Stop();
  other.peer = "QTA";
  EXPECT_FALSE(VerifyAs(other, {"qva-dpo-2026"}).ok());
}

TEST(EventTest, ChainsByHash) {
  const Event first = Stop();
  ASSERT_OK_AND_ASSIGN(const VerifiedEvent stop,
                       VerifyAs(first, {"qva-dpo-2026"}));
  EXPECT_EQ(stop.hash(), DocumentHash(Emit(first)));
  const Event next =
      NextEvent(Treaty(), "QVA", &stop, EventKind::kNotice, fixture::kNow);
  EXPECT_EQ(next.sequence, 2U);
  EXPECT_EQ(next.previous, stop.hash());
}

TEST(EventTest, OnlyTheFirstHasNothingBeforeIt) {
  Event event = Stop();
  event.sequence = 2;
  EXPECT_FALSE(Event::Parse(Emit(event)).ok());
  event.sequence = 1;
  event.previous = Hash{1};
  EXPECT_FALSE(Event::Parse(Emit(event)).ok());
}

TEST(EventTest, RefusesUnknownKindsAndKeysOfOtherKinds) {
  std::string text = ToString(Emit(Stop()));
  text.replace(text.find("\"stop\""), 6, "\"halt\"");
  EXPECT_EQ(ReasonOf(Event::Parse(AsBytes(text)).status()), "AG-110");
  text = ToString(Emit(Stop())) + "language = \"en\"\n";
  EXPECT_EQ(ReasonOf(Event::Parse(AsBytes(text)).status()), "AG-104");
}

StatusStatement Status() {
  return {Treaty().hash(), "QVA",          3,
          fixture::kNow,   State::kActive, std::nullopt};
}
Signer StatementKey() {
  return fixture::ExampleSigner("qva-node", "QVA", SignerRole::kStatement);
}

TEST(FreshnessTest, ReadsBackAndVerifies) {
  const StatusStatement status = Status();
  const Bytes envelope =
      SignedEnvelope(kStatusType, Emit(status), {"qva-node"});
  ASSERT_OK_AND_ASSIGN(const StatusStatement read,
                       VerifyStatus(envelope, StatementKey(), Treaty().hash()));
  EXPECT_EQ(read, status);
  EXPECT_FALSE(VerifyStatus(envelope, StatementKey(), Hash{}).ok());
  Signer other = StatementKey();
  other.party = "QOR";
  EXPECT_FALSE(VerifyStatus(envelope, other, Treaty().hash()).ok());
  EXPECT_FALSE(
      VerifyStatus(SignedEnvelope(kStatusType, Emit(status), {"qor-node"}),
                   StatementKey(), Treaty().hash())
          .ok());
}

TEST(FreshnessTest, LivesADayAndNotBeforeItsTime) {
  const StatusStatement s = Status();
  const std::int64_t t = fixture::kNow;
  EXPECT_EQ(StatusAge(s, 3, t), 0U);
  EXPECT_EQ(StatusAge(s, 3, t + 86400), 86400U);
  EXPECT_EQ(StatusAge(s, 3, t + 86401), kNoStatus);
  EXPECT_EQ(StatusAge(s, 3, t - 300), 0U);
  EXPECT_EQ(StatusAge(s, 3, t - 301), kNoStatus);
  EXPECT_EQ(StatusAge(s, 4, t), kNoStatus);  // a later one was seen
}

}  // namespace
}  // namespace entente::policy
