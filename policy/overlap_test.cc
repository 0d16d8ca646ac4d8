#include "policy/overlap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/diff_oracle.h"
#include "policy/rewrite.h"

namespace entente::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Values = std::map<std::string, std::string>;

// The demo as another agreement, with edits.
Agreement Another(Values values) {
  values["id"] = "QOR-QVA-2026-002";
  return fixture::Must(Agreement::Parse(
      fixture::Must(Rewrite(fixture::DemoAgreement(), values))));
}

std::vector<ClauseOverlap> With(const Agreement& other) {
  const Agreement demo = oracle::Demo();
  return Overlaps({demo, oracle::Real()}, {other, oracle::Real()});
}

// The overlap of the disclosures, with the other clauses out of the way.
ClauseOverlap Disclosures(const Values& values) {
  for (const ClauseOverlap& overlap : With(Another(values))) {
    if (overlap.first_clause == "disclose-terrorism") return overlap;
  }
  ADD_FAILURE() << "no overlap";
  return {};
}

TEST(OverlapTest, ACopyOverlapsInEveryClauseAndIsAlike) {
  const std::vector<ClauseOverlap> found = With(Another({}));
  ASSERT_THAT(found, SizeIs(3));
  for (const ClauseOverlap& overlap : found) {
    EXPECT_EQ(overlap.first_clause, overlap.second_clause);
    EXPECT_EQ(overlap.stricter, Stricter::kAlike);
    EXPECT_THAT(overlap.points, IsEmpty());
  }
  EXPECT_EQ(Format(found[1], oracle::Demo(), Another({})),
            "QOR-QVA-2026-001 onward-court and QOR-QVA-2026-002 onward-court: "
            "QOR gives QVA doc.number, person.family-name and "
            "person.given-names, for terrorism. Both alike.");
}

TEST(OverlapTest, NamesTheStricterByItsConditions) {
  const ClauseOverlap older =
      Disclosures({{"clause.disclose-terrorism.record_age_max_hours", "200"}});
  EXPECT_EQ(older.stricter, Stricter::kFirst);
  EXPECT_THAT(older.points,
              ElementsAre(OverlapPoint{"records of up to 168 hours",
                                       "records of up to 200 hours"}));
  EXPECT_EQ(Disclosures({{"clause.disclose-terrorism.reviewers_holder", "2"}})
                .stricter,
            Stricter::kSecond);
  EXPECT_EQ(
      Disclosures({{"prohibition.human-rights.when", "torture-risk"}}).stricter,
      Stricter::kFirst);
}

TEST(OverlapTest, NamesTheStricterByItsObligations) {
  const ClauseOverlap shorter =
      Disclosures({{"clause.disclose-terrorism.retain_days", "30"},
                   {"clause.disclose-terrorism.article", "Article 12"}});
  EXPECT_EQ(shorter.stricter, Stricter::kSecond);
  EXPECT_THAT(shorter.points,
              ElementsAre(OverlapPoint{"retain days 183", "retain days 30"}));
}

TEST(OverlapTest, EachMayBeStricterInSomething) {
  EXPECT_EQ(Disclosures({{"clause.disclose-terrorism.retain_days", "30"},
                         {"clause.disclose-terrorism.quota_per_day", "300"}})
                .stricter,
            Stricter::kNeither);
}

// What only one of them speaks of is no matter of the overlap.
TEST(OverlapTest, ComparesOnlyWhereBothSpeak) {
  const ClauseOverlap more = Disclosures(
      {{"clause.disclose-terrorism.fields", "doc.number,person.nationality"},
       {"clause.disclose-terrorism.purposes", "terrorism.travel,vital"}});
  EXPECT_EQ(more.stricter, Stricter::kAlike);
  EXPECT_EQ(more.acts,
            "QOR gives QVA and QVA gives QOR doc.number, for "
            "terrorism.travel");
}

TEST(OverlapTest, NothingMeetsWithoutACommonAct) {
  EXPECT_THAT(With(Another({{"validity.from", "2029-01-01T00:00:00Z"},
                            {"validity.review_by", "2029-02-01T00:00:00Z"},
                            {"validity.until", "2030-01-01T00:00:00Z"}})),
              IsEmpty());
  EXPECT_THAT(With(Another({{"clause.disclose-terrorism.purposes", "vital"},
                            {"clause.onward-court.purposes", "vital"},
                            {"clause.screen-terrorism.purposes", "vital"}})),
              IsEmpty());
  Agreement strangers = Another({});
  strangers.parties[1].code = "QTA";
  for (Clause& clause : strangers.clauses) {
    if (!clause.each()) clause.asker = "QTA";
  }
  EXPECT_THAT(With(strangers), IsEmpty());
}

// Two clauses that Evaluate permits one and the same request under, found by
// walking; and only such.
TEST(OverlapTest, AgreesWithEvaluate) {
  const std::vector<Values> edits{
      {},
      {{"clause.disclose-terrorism.purposes", "terrorism.travel"},
       {"clause.onward-court.roles", "dpo"}},
      {{"clause.screen-terrorism.match_set", "narrow"},
       {"clause.disclose-terrorism.fields", "hit.reason"},
       {"clause.onward-court.onward_to", "QVA.police"}},
      {{"clause.disclose-terrorism.urgency", "vital"},
       {"clause.onward-court.fields", "hit.reason"}},
  };
  for (const Values& edit : edits) {
    const Agreement other = Another(edit);
    const Compiled a = fixture::Must(oracle::Load(oracle::Demo()));
    const Compiled b = fixture::Must(oracle::Load(other));
    std::set<Action> both;  // one clause of each action
    oracle::Walk(oracle::GridOf(oracle::Demo(), other),
                 [&](const oracle::Point& p) {
                   if (oracle::Permits(a, p) && oracle::Permits(b, p)) {
                     both.insert(p.action);
                   }
                   return false;
                 });
    std::set<Action> found;
    for (const ClauseOverlap& overlap : With(other)) {
      found.insert(a.FindClause(overlap.first_clause)->action);
    }
    EXPECT_EQ(found, both);
  }
}

}  // namespace
}  // namespace entente::policy
