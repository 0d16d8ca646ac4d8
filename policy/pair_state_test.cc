#include "policy/pair_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "policy/fixture.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kNow = fixture::kNow;
constexpr std::int64_t kDay = 86400;

const VerifiedAgreement& Treaty() {
  static const VerifiedAgreement treaty =
      fixture::Verify(fixture::DemoAgreement());
  return treaty;
}

// Builds chains of events, signed by whoever must sign.
class PairStateTest : public ::testing::Test {
 protected:
  PairStateTest() {
    for (const char* party : {"QOR", "QVA"}) {
      StatusSeen& seen = party == std::string("QOR") ? qor_ : qva_;
      seen.statement = {Treaty().hash(), party,       1, kNow,
                        State::kActive,  std::nullopt};
      seen.highest_sequence = 1;
    }
  }

  Event Next(std::string_view party, EventKind kind, std::int64_t at) const {
    Event event =
        NextEvent(Treaty(), party, ChainHead(events_, party), kind, at);
    event.peer = party == "QOR" ? "QVA" : "QOR";
    return event;
  }
  Hash Add(Event event) {
    std::string chosen;
    if (event.kind == EventKind::kStop) {
      const std::string label =
          event.party == "QOR" ? "qor-dpo-2026" : "qva-dpo-2026";
      chosen = MakeKeyId(label, fixture::ExampleKey(label).public_key()).text;
    }
    event.by = fixture::Must(RequiredKeys(event, Treaty(), chosen));
    std::vector<std::string> labels;
    for (const KeyId& key : event.by) labels.emplace_back(key.label());
    events_.push_back(fixture::Must(VerifyEvent(
        fixture::SignedEnvelope(kEventType, Emit(event), labels), Treaty())));
    return events_.back().hash();
  }
  Hash Stop(std::string_view party, StopReason reason, std::int64_t at) {
    Event event = Next(party, EventKind::kStop, at);
    event.stop_reason = reason;
    return Add(event);
  }
  void Resume(std::string_view party, std::vector<Hash> lifts) {
    Event event = Next(party, EventKind::kResume, kNow);
    std::sort(lifts.begin(), lifts.end());
    event.lifts = std::move(lifts);
    Add(event);
  }
  void Assess(std::string_view party, std::int64_t date, std::int64_t at) {
    Event event = Next(party, EventKind::kAssessment, at);
    event.date = date;
    Add(event);
  }
  void Notice(std::string_view party, std::int64_t effective, std::int64_t at) {
    Event event = Next(party, EventKind::kNotice, at);
    event.effective = effective;
    Add(event);
  }
  PairView View(std::int64_t now = kNow) const {
    return Fold(Treaty(), {"QOR", "QVA", events_, &qor_, &qva_, next_from_},
                now);
  }

  std::vector<VerifiedEvent> events_;
  StatusSeen qor_;
  StatusSeen qva_;
  std::int64_t next_from_ = 0;
};

TEST_F(PairStateTest, IsActiveOnlyBetweenItsDates) {
  const Validity& v = Treaty().agreement().validity;
  EXPECT_EQ(View(v.from - 1).state, State::kSigned);
  EXPECT_EQ(View(v.from).state, State::kActive);
  EXPECT_EQ(View(v.until - 1).state, State::kActive);
  EXPECT_EQ(View(v.until).state, State::kTerminated);
  EXPECT_EQ(View(v.until).ended, v.until);
  EXPECT_EQ(View(v.until - 1).ended, 0);
}

TEST_F(PairStateTest, OneStopOfEitherPartySuspends) {
  const Hash stop = Stop("QVA", StopReason::kSecurity, kNow);
  EXPECT_EQ(View().state, State::kSuspended);
  EXPECT_THAT(View().open_stops, ElementsAre(stop));
}

TEST_F(PairStateTest, AStopHoldsWhateverItsTime) {
  Stop("QVA", StopReason::kSecurity, kNow + 900 * kDay);
  EXPECT_EQ(View().state, State::kSuspended);
}

TEST_F(PairStateTest, AResumeLiftsOnlyTheStopsItNames) {
  const Hash first = Stop("QVA", StopReason::kLegal, kNow);
  const Hash second = Stop("QOR", StopReason::kTechnical, kNow);
  Resume("QOR", {first});
  EXPECT_THAT(View().open_stops, ElementsAre(second));
  EXPECT_EQ(View().state, State::kSuspended);
  Resume("QVA", {second});
  EXPECT_THAT(View().open_stops, IsEmpty());
  EXPECT_EQ(View().state, State::kActive);
}

TEST_F(PairStateTest, AfterAStopForRightsTheStoppingPartyAssessesAnew) {
  const Hash stop = Stop("QVA", StopReason::kRights, kNow - 10);
  Resume("QOR", {stop});
  EXPECT_EQ(View().state, State::kSuspended);
  Assess("QOR", kNow - 5, kNow - 5);  // the other party's does not count
  EXPECT_EQ(View().state, State::kSuspended);
  Assess("QVA", kNow - 10, kNow - 10);  // nor one not from after the stop
  EXPECT_EQ(View().state, State::kSuspended);
  Assess("QVA", kNow - 5, kNow - 5);
  EXPECT_EQ(View().state, State::kActive);
}

TEST_F(PairStateTest, TheOrderOfArrivalChangesNothing) {
  const Hash first = Stop("QVA", StopReason::kRights, kNow - 50);
  const Hash second = Stop("QOR", StopReason::kLegal, kNow - 40);
  Assess("QVA", kNow - 30, kNow - 30);
  Resume("QOR", {first, second});
  Stop("QVA", StopReason::kOther, kNow - 10);
  Notice("QOR", kNow + 200 * kDay, kNow);
  const PairView expected = View();
  std::vector<std::size_t> order(events_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const std::vector<VerifiedEvent> events = events_;
  int permutations = 0;
  do {
    events_.clear();
    for (std::size_t i : order) events_.push_back(events[i]);
    events_.push_back(events[order[0]]);  // heard twice
    ASSERT_EQ(View(), expected);
    ++permutations;
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(permutations, 720);
}

TEST_F(PairStateTest, AWithheldEventMakesTheStatusCountAsNone) {
  const Hash stop = Stop("QVA", StopReason::kLegal, kNow);
  qva_.statement.head = stop;
  EXPECT_EQ(View().status_age_b, 0U);
  events_.clear();  // the stop never arrived
  EXPECT_EQ(View().state, State::kActive);
  EXPECT_EQ(View().status_age_b, kNoStatus);
}

TEST_F(PairStateTest, AGapBreaksTheChainAndAStopBehindItStillHolds) {
  const Hash first = Stop("QVA", StopReason::kLegal, kNow);
  Resume("QVA", {first});
  const Hash third = Stop("QVA", StopReason::kLegal, kNow);
  EXPECT_FALSE(View().chain_broken_b);
  events_.erase(events_.begin() + 1);
  EXPECT_TRUE(View().chain_broken_b);
  EXPECT_EQ(View().open_stops.size(), 2U);
  qva_.statement.head = third;
  EXPECT_EQ(View().status_age_b, kNoStatus);
}

TEST_F(PairStateTest, WhoJoinedLaterFollowsAChainFromItsFirstKnownEvent) {
  const Hash stop = Stop("QVA", StopReason::kOther, kNow - 30);
  Resume("QVA", {stop});  // the first two are of other pairs
  for (const std::int64_t ago : {20, 15, 10})
    Assess("QVA", kNow - ago, kNow - ago);
  qva_.statement.head = events_.back().hash();
  events_.erase(events_.begin(), events_.begin() + 2);
  const auto fold = [this](bool joined) {
    PairInput input{"QOR", "QVA", events_, &qor_, &qva_, 0, joined};
    return Fold(Treaty(), input, kNow);
  };
  EXPECT_EQ(fold(false).status_age_b, kNoStatus);
  EXPECT_EQ(fold(true).status_age_b, 0U);
  EXPECT_FALSE(fold(true).chain_broken_b);
  // A gap behind the beginning still tells that something is withheld.
  events_.erase(events_.begin() + 1);
  EXPECT_EQ(fold(true).status_age_b, kNoStatus);
  EXPECT_TRUE(fold(true).chain_broken_b);
}

TEST_F(PairStateTest, AForkBreaksTheChain) {
  Stop("QVA", StopReason::kLegal, kNow);
  const std::vector<VerifiedEvent> one = events_;
  events_.clear();
  const Hash other = Stop("QVA", StopReason::kOther, kNow);
  events_.insert(events_.end(), one.begin(), one.end());
  qva_.statement.head = other;
  EXPECT_TRUE(View().chain_broken_b);
  EXPECT_EQ(View().open_stops.size(), 2U);
  EXPECT_EQ(View().status_age_b, kNoStatus);
  EXPECT_EQ(ChainHead(events_, "QVA"), nullptr);
}

TEST_F(PairStateTest, StatusOfAnotherPartyOrNoneIsNone) {
  const PairView none =
      Fold(Treaty(), {"QOR", "QVA", events_, nullptr, &qor_, 0}, kNow);
  EXPECT_EQ(none.status_age_a, kNoStatus);
  EXPECT_EQ(none.status_age_b, kNoStatus);
}

TEST_F(PairStateTest, AssessmentsRunOutAndAreRenewed) {
  const Party& qor = *Treaty().agreement().FindParty("QOR");
  const std::int64_t due = qor.assessment_date + 365 * kDay;
  EXPECT_EQ(View(due - 1).assessment_left_a, 1U);
  EXPECT_EQ(View(due).assessment_left_a, 0U);
  Assess("QOR", due + kDay, due);
  EXPECT_EQ(View(due).assessment_left_a, 0U);  // dated ahead of the clock
  EXPECT_EQ(View(due + kDay).assessment_left_a, 365U * kDay);
}

TEST_F(PairStateTest, NoticeRunsItsFullTime) {
  Notice("QVA", kNow + kDay, kNow);  // 180 days are agreed
  EXPECT_EQ(View(kNow + 180 * kDay - 1).state, State::kActive);
  EXPECT_EQ(View(kNow + 180 * kDay).state, State::kTerminated);
  EXPECT_EQ(View(kNow + 181 * kDay).ended, kNow + 180 * kDay);
}

TEST_F(PairStateTest, IsClosedWhenBothProvedTheDeletion) {
  const std::int64_t until = Treaty().agreement().validity.until;
  Add(Next("QOR", EventKind::kDeletionProof, until + 5));
  EXPECT_EQ(View(until + 10).state, State::kTerminated);
  Add(Next("QVA", EventKind::kDeletionProof, until - 5));  // too early
  EXPECT_EQ(View(until + 10).state, State::kTerminated);
  Add(Next("QVA", EventKind::kDeletionProof, until + 6));
  EXPECT_EQ(View(until + 10).state, State::kClosed);
  EXPECT_EQ(View(until - 1).state, State::kActive);
}

TEST_F(PairStateTest, ANextVersionReplacesAtItsFirstSecond) {
  next_from_ = kNow;
  EXPECT_EQ(View(kNow - 1).state, State::kActive);
  EXPECT_EQ(View(kNow).state, State::kSuperseded);
  const std::int64_t until = Treaty().agreement().validity.until;
  EXPECT_EQ(View(until + 5).state, State::kSuperseded);
  EXPECT_EQ(View(until + 5).ended, 0);
  Stop("QVA", StopReason::kLegal, kNow);
  EXPECT_EQ(View(kNow).state, State::kSuspended);
}

TEST_F(PairStateTest, FillsTheFactsOfTheHolder) {
  qor_.statement.issued = kNow - 7;
  Facts facts;
  View().Fill(facts);
  EXPECT_EQ(facts.status_age_holder, 7U);
  EXPECT_EQ(facts.status_age_asker, 0U);
  View().Swapped().Fill(facts);
  EXPECT_EQ(facts.status_age_holder, 0U);
  EXPECT_EQ(facts.status_age_asker, 7U);
}

}  // namespace
}  // namespace entente::policy
