#include "policy/rewrite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/agreement.h"
#include "policy/fixture.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

using fixture::DemoAgreement;
using ::testing::ElementsAre;
using testing::HasCode;
using Values = std::map<std::string, std::string>;

TEST(RewriteTest, NoChangeGivesTheSameBytes) {
  ASSERT_OK_AND_ASSIGN(const Bytes bytes, Rewrite(DemoAgreement(), {}));
  EXPECT_EQ(bytes, DemoAgreement());
}

TEST(RewriteTest, ReplacesByPath) {
  ASSERT_OK_AND_ASSIGN(
      const Bytes bytes,
      Rewrite(DemoAgreement(), {{"title", "A trial"},
                                {"validity.from", "2026-06-01T00:00:00Z"},
                                {"party.QOR.name", "Orsena the Lesser"},
                                {"clause.screen-terrorism.quota_per_day", "9"},
                                {"clause.screen-terrorism.rescreen", "false"},
                                {"basis.court-order.QVA", "Law 1"}}));
  ASSERT_OK_AND_ASSIGN(const Agreement a, Agreement::Parse(bytes));
  EXPECT_EQ(a.title, "A trial");
  EXPECT_EQ(a.validity.from, 1780272000);
  EXPECT_EQ(a.parties[0].name, "Orsena the Lesser");
  EXPECT_EQ(a.clauses[2].quota_per_day, 9U);
  EXPECT_FALSE(a.clauses[2].rescreen);
  EXPECT_EQ(a.bases[0].provisions[1].text, "Law 1");
}

TEST(RewriteTest, SortsSetsAndDropsDoubles) {
  ASSERT_OK_AND_ASSIGN(
      const Bytes bytes,
      Rewrite(DemoAgreement(),
              {{"clause.onward-court.urgency", "vital,urgent,vital"},
               {"clause.onward-court.caveats", ""}}));
  ASSERT_OK_AND_ASSIGN(const Agreement a, Agreement::Parse(bytes));
  EXPECT_EQ(a.clauses[1].urgency,
            WordSet<Urgency>::Of({Urgency::kUrgent, Urgency::kVital}));
  EXPECT_TRUE(a.clauses[1].caveats.empty());
}

TEST(RewriteTest, SortsTablesThatGotANewName) {
  ASSERT_OK_AND_ASSIGN(
      const Bytes bytes,
      Rewrite(DemoAgreement(), {{"clause.screen-terrorism.id", "a-first"}}));
  ASSERT_OK_AND_ASSIGN(const Agreement a, Agreement::Parse(bytes));
  EXPECT_EQ(a.clauses[0].id, "a-first");
}

TEST(RewriteTest, RefusesUnknownPathsAndOtherTypes) {
  for (const char* path :
       {"", "titles", "validity", "validity.froms", "party.QXX.name",
        "party.name", "clause.screen-terrorism.mask_after_days", "party.QOR"}) {
    EXPECT_THAT(Rewrite(DemoAgreement(), Values{{path, "x"}}),
                HasCode(absl::StatusCode::kNotFound))
        << path;
  }
  for (const auto& [path, value] : Values{{"version", "one"},
                                          {"version", ""},
                                          {"version", "-1"},
                                          {"rights.false_hit_notice", "yes"}}) {
    EXPECT_THAT(Rewrite(DemoAgreement(), Values{{path, value}}),
                HasCode(absl::StatusCode::kInvalidArgument))
        << path;
  }
}

TEST(RewriteTest, RefusesWhatWouldNotLoad) {
  const auto status =
      Rewrite(DemoAgreement(), Values{{"validity.until", "tomorrow"}}).status();
  EXPECT_EQ(ReasonOf(status), "AG-107");
  EXPECT_EQ(ReasonOf(Rewrite(DemoAgreement(),
                             Values{{"clause.onward-court.roles", ""}})
                         .status()),
            "AG-109");
  EXPECT_EQ(
      ReasonOf(Rewrite(DemoAgreement(), Values{{"title", "a\"b"}}).status()),
      "AG-102");
  EXPECT_FALSE(Rewrite(AsBytes("nonsense"), {}).ok());
}

TEST(RewriteTest, RenamesAPartyEverywhere) {
  ASSERT_OK_AND_ASSIGN(const Bytes bytes,
                       RenameParty(DemoAgreement(), "QVA", "QAB"));
  EXPECT_EQ(ToString(bytes).find("\"QVA"), std::string::npos);
  ASSERT_OK_AND_ASSIGN(const Agreement a, Agreement::Parse(bytes));
  EXPECT_EQ(a.parties[0].code, "QAB");
  EXPECT_EQ(a.bases[0].provisions[0].party, "QAB");
  EXPECT_EQ(a.clauses[1].asker, "QAB");
  EXPECT_THAT(a.clauses[1].onward_to,
              ElementsAre("QAB.prosecutor", "QAB.supreme-court"));
  EXPECT_EQ(a.reservations[0].by, "QAB");
  EXPECT_THAT(RenameParty(DemoAgreement(), "QXX", "QAB"),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_FALSE(RenameParty(DemoAgreement(), "QVA", "QOR").ok());
}

}  // namespace
}  // namespace entente::policy
