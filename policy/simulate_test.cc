#include "policy/simulate.h"

#include "crypto/base/status.h"
#include "policy/evaluate.h"
#include "policy/fixture.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

Agreement Demo() {
  return fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
}

class SimulateTest : public ::testing::Test {
 protected:
  Decision Under(const Agreement& draft) {
    const auto simulation =
        Simulation::Create(draft, fixture::RealCatalogues());
    EXPECT_OK(simulation);
    return simulation->Evaluate(was, facts);
  }
  const Compiled was = fixture::Compile(fixture::DemoAgreement());
  const Facts facts = fixture::ScreenFacts(was);
  const Decision then = Evaluate(was, Local{}, facts);
};

TEST_F(SimulateTest, TheSameDocumentDecidesTheSame) {
  ASSERT_EQ(then.outcome, Outcome::kPermit);
  EXPECT_EQ(Under(Demo()), then);
}

TEST_F(SimulateTest, DatesDoNotCount) {
  Agreement draft = Demo();
  draft.validity.from = facts.now + 1000;
  draft.validity.review_by = draft.validity.from + 1000;
  draft.validity.until = draft.validity.from + 2000;
  for (Party& party : draft.parties)
    party.history_from = facts.now - 400 * 86'400;
  EXPECT_EQ(Under(draft).outcome, Outcome::kPermit);
}

TEST_F(SimulateTest, ALowerQuotaDenies) {
  Agreement draft = Demo();
  for (Clause& clause : draft.clauses) clause.quota_per_day = 1;
  const Decision now = Under(draft);
  EXPECT_EQ(now.outcome, Outcome::kDeny);
  EXPECT_TRUE(now.Has(Reason::kC04));
}

TEST_F(SimulateTest, CodesAreMappedByName) {
  // A party before both others moves every index.
  const Compiled joined =
      fixture::WithThirdParty(fixture::DemoAgreement(), "QMA");
  EXPECT_EQ(Under(joined.agreement()).outcome, Outcome::kPermit);
}

TEST_F(SimulateTest, APartyThatIsGoneIsDenied) {
  // What QMA was given under the version with three parties.
  const Compiled joined =
      fixture::WithThirdParty(fixture::DemoAgreement(), "QMA");
  Facts asked = fixture::ScreenFacts(joined);
  asked.asker = *joined.PartyIndex("QMA");
  const auto simulation = Simulation::Create(Demo(), fixture::RealCatalogues());
  ASSERT_OK(simulation);
  const Decision now = simulation->Evaluate(joined, asked);
  EXPECT_EQ(now.outcome, Outcome::kDeny);
  EXPECT_TRUE(now.Has(Reason::kW01));
}

TEST_F(SimulateTest, WhatLintRefusesIsNotSimulated) {
  Agreement draft = Demo();
  Clause again = draft.clauses.back();  // two clauses that answer one request
  again.id = "zz-again";
  draft.clauses.push_back(again);
  const auto refused = Simulation::Create(draft, fixture::RealCatalogues());
  EXPECT_EQ(ReasonOf(refused.status()), "AG-201");
}

TEST(SimulationTallyTest, CountsBothWaysAndKeepsAFewExamples) {
  Decision permit;
  permit.outcome = Outcome::kPermit;
  Decision deny;
  deny.outcome = Outcome::kDeny;
  deny.reasons = Bit(Reason::kC04);
  SimulationTally tally;
  for (std::uint64_t i = 0; i < 8; ++i)
    tally.Add(i, "screen-terrorism", permit, deny);
  tally.Add(8, "screen-terrorism", deny, permit);
  tally.Add(9, "screen-terrorism", permit, permit);
  tally.Add(10, "screen-terrorism", deny, deny);
  EXPECT_EQ(tally.decisions, 11U);
  EXPECT_EQ(tally.same, 2U);
  EXPECT_EQ(tally.Denied(), 8U);
  EXPECT_EQ(tally.Allowed(), 1U);
  ASSERT_EQ(tally.denied.size(), 1U);
  EXPECT_EQ(tally.denied.begin()->first, "screen-terrorism C04");
  EXPECT_EQ(tally.denied.begin()->second.examples.size(),
            SimulationTally::kExamples);
}

}  // namespace
}  // namespace entente::policy
