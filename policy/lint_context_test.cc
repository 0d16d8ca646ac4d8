// Warnings, and the rules that need more than the document: dates, opinions,
// use, other agreements, the own list.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/fixture.h"
#include "policy/lint.h"

namespace entente::policy {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Catalogues& Files() {
  static const Catalogues files = fixture::RealCatalogues();
  return files;
}

Agreement Demo() {
  return fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
}

// The findings with one code, each as the terminal prints it.
std::vector<std::string> Found(int code, const Agreement& agreement,
                               const LintContext& context = {}) {
  std::vector<std::string> out;
  for (const Finding& finding : Lint(agreement, Files(), context)) {
    EXPECT_FALSE(finding.next.empty());
    if (finding.code == code) out.push_back(Format(finding, "a.toml"));
  }
  return out;
}

TEST(LintWarningTest, ARefusalThatShowsSomethingIsWarnedAbout) {
  Agreement a = Demo();
  EXPECT_THAT(Found(301, a), ElementsAre());
  a.screening.suppressed_hit = SuppressedHit::kRefused;
  EXPECT_THAT(Found(301, a), ElementsAre(HasSubstr("a.toml:23:18")));
}

TEST(LintWarningTest, TheWholeRootSeriousIsWarnedAbout) {
  Agreement a = Demo();
  a.clauses[0].purposes = {"serious.drugs"};
  EXPECT_THAT(Found(302, a), ElementsAre());
  a.clauses[0].purposes = {"serious"};
  EXPECT_THAT(Found(302, a), ElementsAre(HasSubstr("26 purposes")));
  // Leaf by leaf is the same whole.
  a.clauses[0].purposes.clear();
  for (const Purpose& purpose : Files().purposes.purposes()) {
    if (purpose.code.starts_with("serious.")) {
      a.clauses[0].purposes.push_back(purpose.code);
    }
  }
  EXPECT_EQ(Found(302, a).size(), 1U);
}

TEST(LintWarningTest, AScreeningOfTwoRootsIsWarnedAbout) {
  Agreement a = Demo();
  a.clauses[2].purposes = {"terrorism", "vital.missing-person"};
  EXPECT_THAT(Found(303, a),
              ElementsAre(AllOf(HasSubstr("screen-terrorism"),
                                HasSubstr("terrorism and vital"))));
  a.clauses[2].purposes = {"terrorism.financing", "terrorism.travel"};
  EXPECT_THAT(Found(303, a), ElementsAre());
  // A disclosure has no tag set.
  a.clauses[0].purposes = {"terrorism", "vital.missing-person"};
  EXPECT_THAT(Found(303, a), ElementsAre());
}

TEST(LintWarningTest, QuotaFarOverTheUseIsWarnedAbout) {
  const Agreement a = Demo();  // disclose: 200 a day, 20,000 a year
  const auto used = [&](std::uint64_t units) {
    LintContext context;
    context.use = {{"disclose-terrorism", units}};
    return Found(304, a, context);
  };
  EXPECT_EQ(used(0).size(), 2U);
  EXPECT_EQ(used(1799).size(), 1U);  // 200 * 90 > 10 * 1799
  EXPECT_THAT(used(1799),
              ElementsAre(HasSubstr("quota_per_day = 200 is over ten times")));
  EXPECT_EQ(used(1800).size(), 0U);
  EXPECT_EQ(used(492).size(), 2U);
  LintContext unknown;
  unknown.use = {{"no-such-clause", 0}};
  EXPECT_THAT(Found(304, a, unknown), ElementsAre());
}

TEST(LintWarningTest, TheSameRightInAnotherAgreementIsWarnedAbout) {
  const Agreement a = Demo();
  Agreement other = Demo();
  other.id = "QOR-QVA-OLD";
  LintContext context;
  context.others = {&other};
  EXPECT_EQ(Found(305, a, context).size(), 3U);
  other.bases[0].code = "another-name";  // the code of a basis is only a name
  other.clauses[1].bases = {"another-name"};
  EXPECT_EQ(Found(305, a, context).size(), 3U);
  other.clauses[0].purposes = {"vital"};
  EXPECT_EQ(Found(305, a, context).size(), 2U);
  std::swap(other.clauses[1].holder, other.clauses[1].asker);
  EXPECT_EQ(Found(305, a, context).size(), 1U);
  other.parties[1].code = "QTA";  // no common pair is left
  EXPECT_THAT(Found(305, a, context), ElementsAre());
  other = Demo();  // one is over before the other begins
  other.id = "QOR-QVA-OLD";
  other.validity.until = a.validity.from;
  EXPECT_THAT(Found(305, a, context), ElementsAre());
  other = Demo();  // no field is left that both give
  other.id = "QOR-QVA-OLD";
  other.clauses[0].fields = {"hit.reason"};
  Agreement narrow = a;
  narrow.clauses[0].fields = {"doc.number"};
  narrow.clauses[0].offered_fields.clear();
  EXPECT_EQ(Found(305, narrow, context).size(), 2U);
  other = Demo();  // an earlier version of the same
  EXPECT_THAT(Found(305, a, context), ElementsAre());
}

TEST(LintWarningTest, AnOwnListOverTheMaximumIsWarnedAbout) {
  const Agreement a = Demo();
  const auto rows = [&](const char* party, std::uint64_t count) {
    LintContext context;
    context.own_lists = {{party, count}};
    return Found(306, a, context);
  };
  EXPECT_THAT(rows("QOR", 100000), ElementsAre());
  EXPECT_THAT(rows("QOR", 100001),
              ElementsAre(AllOf(HasSubstr("screen-terrorism"),
                                HasSubstr("100001 rows"))));
}

TEST(LintWarningTest, ARightInOneDirectionIsRemarked) {
  Agreement a = Demo();
  EXPECT_THAT(
      Found(307, a),
      ElementsAre(HasSubstr("onward-court: QOR gives QVA this onward right")));
  Clause back = a.clauses[1];
  back.id = "onward-return";
  std::swap(back.holder, back.asker);
  a.clauses.insert(a.clauses.begin() + 2, back);
  EXPECT_THAT(Found(307, a), ElementsAre());
  a.clauses[2].purposes = {"vital.missing-person"};
  EXPECT_EQ(Found(307, a).size(), 2U);
}

TEST(LintWarningTest, AReviewThatIsNearOrPastIsWarnedAbout) {
  const Agreement a = Demo();
  const std::int64_t review = a.validity.review_by;
  const auto at = [&](std::int64_t now) {
    LintContext context;
    context.now = now;
    return Found(308, a, context);
  };
  EXPECT_THAT(at(review - 90 * 86400 - 1), ElementsAre());
  EXPECT_THAT(at(review - 90 * 86400), ElementsAre(HasSubstr("is near")));
  EXPECT_THAT(at(review - 1), ElementsAre(HasSubstr("is near")));
  EXPECT_THAT(at(review), ElementsAre(HasSubstr("is past")));
  EXPECT_THAT(Found(308, a), ElementsAre());
}

TEST(LintWarningTest, AProhibitionThatCutsNothingIsWarnedAbout) {
  Agreement a = Demo();
  EXPECT_THAT(Found(309, a), ElementsAre());
  const auto first = [&]() -> Prohibition& { return a.prohibitions[0]; };
  first().fields = {"person.sex"};  // granted by no clause
  EXPECT_THAT(Found(309, a), ElementsAre(HasSubstr("human-rights takes")));
  first().fields = {"flight.number"};  // offered by disclose-terrorism
  EXPECT_THAT(Found(309, a), ElementsAre());
  first().purposes = {"vital"};
  EXPECT_EQ(Found(309, a).size(), 1U);
  first() = Demo().prohibitions[0];
  first().actions = WordSet<Action>::Of({Action::kExport});
  EXPECT_EQ(Found(309, a).size(), 1U);
}

TEST(LintWarningTest, NoWarningHindersAProposal) {
  Agreement a = Demo();
  a.screening.suppressed_hit = SuppressedHit::kRefused;
  a.prohibitions[0].fields = {"person.sex"};
  const Findings findings = Lint(a, Files());
  EXPECT_GE(findings.size(), 3U);
  EXPECT_FALSE(HasErrors(findings));
}

TEST(LintContextTest, AnAssessmentMustBeThereAndYoungEnough) {
  Agreement a = Demo();
  const std::int64_t made = a.parties[0].assessment_date;
  const std::int64_t due = made + 365 * 86400;
  const auto at = [&](std::int64_t now) {
    LintContext context;
    context.now = now;
    return Found(215, a, context);
  };
  a.parties[1].assessment_date = made;
  EXPECT_EQ(at(made - 1).size(), 2U);  // dated ahead
  EXPECT_THAT(at(made), ElementsAre());
  EXPECT_THAT(at(due - 1), ElementsAre());
  EXPECT_EQ(at(due).size(), 2U);
  a.parties[1].assessment_renew_days = 366;
  EXPECT_THAT(at(due), ElementsAre(HasSubstr("QOR: the assessment of")));
  EXPECT_THAT(Found(215, a), ElementsAre());  // no date, no question of age
  a.parties[1].assessment_hash = {};
  EXPECT_THAT(Found(215, a),
              ElementsAre(HasSubstr("QVA: the human-rights assessment is "
                                    "missing")));
}

TEST(LintContextTest, EveryDpoMustHaveAnOpinionAndMayNotObjectToMore) {
  Agreement a = Demo();
  LintContext context;
  EXPECT_THAT(Found(223, a, context), ElementsAre());  // not asked
  context.opinions.emplace();
  EXPECT_EQ(Found(223, a, context).size(), 2U);
  context.opinions = {{"QOR", OpinionVerdict::kObject},
                      {"QVA", OpinionVerdict::kConditions}};
  // Version 1 needs an opinion, whatever it says.
  context.change = Change::kWider;
  EXPECT_THAT(Found(223, a, context), ElementsAre());
  a.version = 2;
  a.replaces = Hash{};
  EXPECT_THAT(Found(223, a, context), ElementsAre(HasSubstr("QOR")));
  context.change = Change::kNotWider;
  EXPECT_THAT(Found(223, a, context), ElementsAre());
}

}  // namespace
}  // namespace entente::policy
