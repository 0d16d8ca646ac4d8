#include "policy/explain.h"

#include <algorithm>
#include <bit>
#include <random>

#include "crypto/base/status.h"
#include "policy/evaluate.h"
#include "policy/explain_parts.h"
#include "policy/fixture.h"
#include "policy/rewrite.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

TestState StateOf(const Explanation& e, Reason reason) {
  for (const ExplainedTest& test : e.tests) {
    if (test.reason == reason) return test.state;
  }
  ADD_FAILURE() << "no test " << ReasonName(reason);
  return TestState::kNotReached;
}

const Cure& CureOf(const Explanation& e, Reason reason) {
  static const Cure none{};
  for (const Cure& cure : e.cures) {
    if (cure.reason == reason) return cure;
  }
  ADD_FAILURE() << "no cure for " << ReasonName(reason);
  return none;
}

class ExplainTest : public ::testing::Test {
 protected:
  Explanation Of(const Facts& facts) {
    const Explanation e = Explain(compiled, Local{}, facts);
    EXPECT_EQ(e.decision, Evaluate(compiled, Local{}, facts));
    return e;
  }
  const Compiled compiled = fixture::Compile(fixture::DemoAgreement());
  Facts screen = fixture::ScreenFacts(compiled);
  Facts disclose = fixture::DiscloseFacts(compiled);
};

TEST_F(ExplainTest, APermitNamesItsClauseAndHasNothingToCure) {
  const Explanation e = Of(screen);
  EXPECT_EQ(e.clause, "screen-terrorism");
  EXPECT_FALSE(e.nearest);
  EXPECT_TRUE(e.cures.empty());
  EXPECT_EQ(e.peer, "");
  for (const ExplainedTest& test : e.tests)
    EXPECT_EQ(test.state, TestState::kPassed) << ReasonName(test.reason);
  EXPECT_EQ(e.fields.size(), 3U);
}

TEST_F(ExplainTest, WhatIsMissingIsNamedWithWhoMustDoIt) {
  disclose.approvals_holder = 0;
  disclose.bits &= static_cast<std::uint8_t>(~fact::kHasCase);
  disclose.Set(Flag::kTortureRisk, FlagState::kNotChecked);
  const Explanation e = Of(disclose);
  EXPECT_EQ(e.decision.outcome, Outcome::kPend);
  EXPECT_EQ(CureOf(e, Reason::kC01).who, "QVA, officer");
  EXPECT_EQ(CureOf(e, Reason::kC02).what,
            "approve: 1 more of QOR, each another person");
  EXPECT_THAT(CureOf(e, Reason::kX02).what,
              ::testing::HasSubstr("torture-risk"));
  EXPECT_EQ(StateOf(e, Reason::kC02), TestState::kFailed);
  EXPECT_EQ(StateOf(e, Reason::kC03), TestState::kPassed);
  EXPECT_EQ(e.peer, "pending C01");
}

TEST_F(ExplainTest, ANearestClauseIsNamedWithItsFailedWords) {
  screen.role = static_cast<std::uint8_t>(Role::kDpo);
  const Explanation e = Of(screen);
  EXPECT_TRUE(e.nearest);
  EXPECT_EQ(e.clause, "screen-terrorism");
  EXPECT_EQ(StateOf(e, Reason::kW02), TestState::kFailed);
  EXPECT_EQ(StateOf(e, Reason::kP01), TestState::kPassed);
  EXPECT_EQ(StateOf(e, Reason::kC04), TestState::kNotReached);
  EXPECT_EQ(CureOf(e, Reason::kW02).kind, CureKind::kAsk);
  EXPECT_THAT(CureOf(e, Reason::kW02).who, ::testing::HasSubstr("officer"));
}

TEST_F(ExplainTest, ADirectionThatNobodyAgreedOnNeedsTheParties) {
  Facts onward = disclose;
  onward.action = Action::kOnward;
  onward.holder = *compiled.PartyIndex("QVA");
  onward.asker = *compiled.PartyIndex("QOR");
  onward.role = static_cast<std::uint8_t>(Role::kApprover);
  onward.basis = *compiled.BasisIndex("court-order");
  onward.urgency = static_cast<std::uint8_t>(Urgency::kUrgent);
  onward.receiver = 1;
  const Explanation e = Of(onward);
  EXPECT_EQ(StateOf(e, Reason::kW01), TestState::kFailed);
  EXPECT_EQ(CureOf(e, Reason::kW01).kind, CureKind::kAmend);
}

TEST_F(ExplainTest, AStoppedAgreementShowsWhatElseWouldFail) {
  screen.state = static_cast<std::uint8_t>(State::kSuspended);
  screen.record_age = 1000;
  const Explanation e = Of(screen);
  EXPECT_TRUE(e.as_if_in_force);
  EXPECT_EQ(e.decision.reasons, Bit(Reason::kS01));
  EXPECT_EQ(StateOf(e, Reason::kS01), TestState::kFailed);
  EXPECT_EQ(StateOf(e, Reason::kC03), TestState::kFailed);
  EXPECT_EQ(StateOf(e, Reason::kC04), TestState::kPassed);
  EXPECT_EQ(e.peer, "not-in-force S01");
}

TEST_F(ExplainTest, TheQuotaSaysWhatStillFits) {
  const Clause& clause = *compiled.FindClause("screen-terrorism");
  screen.used_day = clause.quota_per_day - 10;
  EXPECT_EQ(CureOf(Of(screen), Reason::kC04).what, "ask about at most 10 now");
  screen.used_day = clause.quota_per_day;
  EXPECT_EQ(CureOf(Of(screen), Reason::kC04).what,
            "wait until 2027-03-02T00:00:00Z");
  screen.used_year = clause.quota_per_year;
  EXPECT_EQ(CureOf(Of(screen), Reason::kC04).what,
            "wait until 2028-01-01T00:00:00Z");
  screen.units = clause.quota_per_day + 1;
  EXPECT_EQ(CureOf(Of(screen), Reason::kC04).kind, CureKind::kAmend);
}

TEST_F(ExplainTest, EachFieldHasItsReasonAndWhatTakesItAway) {
  disclose.asked |= compiled.fields().Bit("sensitive.religion") |
                    compiled.fields().Bit("person.sex");
  disclose.Set(Flag::kOwnNationalMinor, FlagState::kPresent);
  const Explanation e = Of(disclose);
  const auto field = [&](std::string_view code) {
    return *std::find_if(e.fields.begin(), e.fields.end(),
                         [&](const auto& f) { return f.code == code; });
  };
  EXPECT_EQ(field("sensitive.religion").reasons, Bit(Reason::kF02));
  EXPECT_EQ(field("person.sex").reasons, Bit(Reason::kF01));
  EXPECT_FALSE(field("person.sex").goes);
  EXPECT_TRUE(field("person.family-name").goes);
  EXPECT_EQ(CureOf(e, Reason::kF01).what, "leave out person.sex");
}

TEST_F(ExplainTest, ALocalRestrictionShowsOnlyHere) {
  Local local;
  local.fields = compiled.fields().Bit("doc.number");
  const Explanation e = Explain(compiled, local, disclose);
  const auto number =
      std::find_if(e.fields.begin(), e.fields.end(),
                   [](const auto& f) { return f.code == "doc.number"; });
  ASSERT_NE(number, e.fields.end());
  EXPECT_EQ(number->reasons, Bit(Reason::kL01));
  EXPECT_FALSE(number->goes);
}

TEST_F(ExplainTest, MalformedFactsAreSaidToBe) {
  screen.holder = screen.asker;
  const Explanation e = Of(screen);
  ASSERT_EQ(e.tests.size(), 1U);
  EXPECT_EQ(e.tests[0].reason, Reason::kA04);
}

TEST_F(ExplainTest, RetentionIsExplainedToo) {
  const Explanation e =
      Of(fixture::RetainFacts(compiled, "disclose-terrorism", 24U * 184U));
  EXPECT_EQ(StateOf(e, Reason::kT01), TestState::kFailed);
  EXPECT_EQ(StateOf(e, Reason::kW01), TestState::kPassed);
}

// Random facts near what is permitted, from one seed.
class Faker {
 public:
  explicit Faker(const Compiled& compiled) : compiled_(compiled) {}
  Facts Next() {
    Facts f = Pick(2) == 0 ? fixture::ScreenFacts(compiled_)
                           : fixture::DiscloseFacts(compiled_);
    if (Pick(4) == 0) f.state = static_cast<std::uint8_t>(Pick(9));
    const auto state = static_cast<State>(f.state);
    if (state == State::kTerminated || state == State::kClosed) f.ended = 1;
    if (Pick(4) == 0) f.role = static_cast<std::uint8_t>(Pick(4));
    if (Pick(4) == 0) f.route = static_cast<std::uint8_t>(Pick(4));
    if (Pick(4) == 0) f.urgency = static_cast<std::uint8_t>(Pick(3));
    if (Pick(4) == 0) f.dataset = static_cast<std::uint8_t>(Pick(3));
    if (Pick(4) == 0) f.purpose = static_cast<std::uint8_t>(Pick(46));
    if (Pick(4) == 0) f.basis = static_cast<std::uint8_t>(Pick(2));
    if (Pick(4) == 0) std::swap(f.holder, f.asker);
    if (Pick(4) == 0) f.record_age = Pick(2000);
    if (Pick(4) == 0) f.used_day = Pick(300'000);
    if (Pick(8) == 0) f.used_year = Pick(70'000'000);
    if (Pick(4) == 0) f.used_case = Pick(20);
    if (Pick(4) == 0) f.status_age_asker = Pick(100'000);
    if (Pick(8) == 0) f.assessment_left_holder = 0;
    if (Pick(4) == 0) f.approvals_holder = static_cast<std::uint8_t>(Pick(3));
    if (Pick(4) == 0) f.approvals_asker = static_cast<std::uint8_t>(Pick(3));
    if (Pick(4) == 0) f.bits = static_cast<std::uint8_t>(Pick(256));
    for (int i = 0; i < 3; ++i)
      f.Set(static_cast<Flag>(Pick(10)), static_cast<FlagState>(Pick(3)));
    if (Pick(2) == 0) f.asked |= Bits();
    if (Pick(2) == 0) f.offered = Bits();
    return f;
  }

 private:
  std::uint32_t Pick(std::uint32_t n) {
    return static_cast<std::uint32_t>(random_() % n);
  }
  std::uint64_t Bits() {
    return random_() & random_() & random_() & compiled_.fields().all();
  }
  const Compiled& compiled_;
  std::mt19937_64 random_{20261130};
};

TEST_F(ExplainTest, NeverDisagreesWithEvaluateOnRandomFacts) {
  Faker faker(compiled);
  for (int i = 0; i < 20'000; ++i) {
    const Facts facts = faker.Next();
    const Explanation e = Of(facts);
    // Each reason of the decision is a failed test, and has a way out or a no.
    for (const Reason reason : ReasonsIn(e.decision.reasons)) {
      ASSERT_EQ(StateOf(e, reason), TestState::kFailed) << ReasonName(reason);
      if (reason != Reason::kA04) ASSERT_NE(CureOf(e, reason).what, "");
    }
    if (e.as_if_in_force) continue;
    // And nothing else failed.
    std::uint64_t failed = 0;
    for (const ExplainedTest& test : e.tests) {
      if (test.state == TestState::kFailed) failed |= Bit(test.reason);
    }
    ASSERT_EQ(failed, e.decision.reasons);
    if (e.decision.outcome == Outcome::kDeny) continue;
    std::uint64_t goes = 0;
    std::uint64_t offered = 0;
    for (const ExplainedField& field : e.fields) {
      if (!field.goes) continue;
      (field.offered ? offered : goes) |= compiled.fields().Bit(field.code);
    }
    ASSERT_EQ(goes, e.decision.fields);
    ASSERT_EQ(offered, e.decision.offered);
  }
}

// What the steps say is enough: with all of them done, a pending act is
// permitted, and a cure that keeps the request takes its reason away.
TEST_F(ExplainTest, TheStepsTogetherGiveAPermit) {
  Faker faker(compiled);
  int pended = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Facts facts = faker.Next();
    const Decision decision = Evaluate(compiled, Local{}, facts);
    if (decision.outcome != Outcome::kPend) continue;
    ++pended;
    Facts now = facts;
    const Local local;
    for (const Reason reason : ReasonsIn(decision.reasons & kCurable)) {
      const explain::Case c{compiled, local,           now,
                            now,      decision.clause, decision.reasons};
      const explain::Remedy remedy = explain::RemedyFor(c, reason);
      ASSERT_EQ(remedy.cure.kind, CureKind::kStep);
      ASSERT_TRUE(remedy.changed);
      now = *remedy.changed;
    }
    ASSERT_EQ(Evaluate(compiled, Local{}, now).outcome, Outcome::kPermit);
  }
  EXPECT_GT(pended, 100);
}

TEST(ExplainerTest, ADraftIsExplainedAndAClauseFillsItsWordsIn) {
  const Agreement draft =
      fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
  const Explainer explainer =
      fixture::Must(Explainer::Create(draft, fixture::RealCatalogues()));
  ActWords words;
  words.one = {{"clause", "screen-terrorism"},
               {"holder", "QOR"},
               {"asker", "QVA"},
               {"purpose", "terrorism.travel"},
               {"at", "2026-06-01T12:00:00Z"}};
  const auto e = explainer.Explain(words, fixture::kNow);
  ASSERT_OK(e);
  EXPECT_EQ(e->decision.outcome, Outcome::kPermit) << Format(*e);
  words.one["age"] = "49";
  const auto old = explainer.Explain(words, fixture::kNow);
  ASSERT_OK(old);
  EXPECT_EQ(CureOf(*old, Reason::kC03).what,
            "ask with a record of at most 48 h");
}

TEST(ExplainerTest, AWordThatNoFactsCanNameIsRefusedWithItsReason) {
  const Agreement draft =
      fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
  const Explainer explainer =
      fixture::Must(Explainer::Create(draft, fixture::RealCatalogues()));
  const std::map<std::string, std::string, std::less<>> good = {
      {"clause", "screen-terrorism"},
      {"holder", "QOR"},
      {"asker", "QVA"},
      {"purpose", "terrorism.travel"}};
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"clause", "no-such", "W03"},  {"holder", "QZZ", "W01"},
      {"purpose", "tax", "P01"},     {"basis", "no-such", "P02"},
      {"fields", "hit.none", "F01"}, {"asker", "QOR", "W01"},
      {"role", "spy", "usage"},      {"age", "-1", "usage"},
      {"units", "0", "usage"},       {"at", "yesterday", "usage"}};
  for (const auto& [name, value, reason] : cases) {
    ActWords words;
    words.one = good;
    words.one[name] = value;
    const auto e = explainer.Explain(words, fixture::kNow);
    EXPECT_FALSE(e.ok()) << name;
    EXPECT_EQ(ReasonOf(e.status()), reason) << name;
  }
}

}  // namespace
}  // namespace entente::policy
