// For every pair of legal profiles the stricter value is the limit: what it
// allows passes, one step looser is refused, and the finding names the party
// whose law it is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/fixture.h"
#include "policy/lint.h"

namespace entente::policy {
namespace {

const Catalogues& Files() {
  static const Catalogues files = fixture::RealCatalogues();
  return files;
}

// The demo agreement under two profiles, strict enough for any of them.
Agreement Strict(const Profile& one, const Profile& other) {
  Agreement a = fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
  a.parties[0].legal_profile = one.code;
  a.parties[1].legal_profile = other.code;
  a.validity.until = a.validity.from + 1096 * 86400;
  a.clauses[2].match_set = MatchSet::kNarrow;
  return a;
}

std::vector<std::string> Looser(const Agreement& agreement) {
  std::vector<std::string> out;
  for (const Finding& finding : Lint(agreement, Files())) {
    if (finding.code == 208) out.push_back(finding.message);
  }
  return out;
}

struct Limit {
  const char* name;
  std::uint32_t Profile::* bound;
  bool at_least;
  void (*set)(Agreement&, std::uint32_t);
};

const Limit kLimits[] = {
    {"retain_days", &Profile::retain_days, false,
     [](Agreement& a, std::uint32_t n) { a.clauses[0].retain_days = n; }},
    {"retain_days_case", &Profile::retain_days_case, false,
     [](Agreement& a, std::uint32_t n) { a.clauses[0].retain_days_case = n; }},
    {"mask_after_days", &Profile::mask_after_days, false,
     [](Agreement& a, std::uint32_t n) { a.clauses[0].mask_after_days = n; }},
    {"record_age_max_hours", &Profile::record_age_max_hours_no_case, false,
     [](Agreement& a, std::uint32_t n) {
       a.clauses[2].record_age_max_hours = n;
     }},
    {"reviewers_holder", &Profile::onward_reviewers_holder, true,
     [](Agreement& a, std::uint32_t n) { a.clauses[1].reviewers_holder = n; }},
    {"log_years", &Profile::log_years, true,
     [](Agreement& a, std::uint32_t n) { a.audit.log_years = n; }},
    {"access_answer_days", &Profile::access_answer_days, false,
     [](Agreement& a, std::uint32_t n) { a.rights.access_answer_days = n; }},
    {"assessment_renew_days", &Profile::assessment_renew_days, false,
     [](Agreement& a, std::uint32_t n) {
       a.parties[0].assessment_renew_days = n;
     }},
    {"days from `from` to `until`", &Profile::validity_days, false,
     [](Agreement& a, std::uint32_t n) {
       a.validity.until = a.validity.from + std::int64_t{n} * 86400;
     }}};

TEST(LintProfileTest, TheStricterNumberOfBothPartiesIsTheLimit) {
  for (const Profile& one : Files().profiles.profiles()) {
    for (const Profile& other : Files().profiles.profiles()) {
      for (const Limit& limit : kLimits) {
        SCOPED_TRACE(one.code + " " + other.code + " " + limit.name);
        const std::uint32_t first = one.*limit.bound;
        const std::uint32_t second = other.*limit.bound;
        const std::uint32_t bound =
            limit.at_least ? std::max(first, second) : std::min(first, second);
        Agreement a = Strict(one, other);
        EXPECT_THAT(Looser(a), ::testing::IsEmpty());
        limit.set(a, bound);
        EXPECT_THAT(Looser(a), ::testing::IsEmpty());
        limit.set(a, limit.at_least ? bound - 1 : bound + 1);
        const std::vector<std::string> found = Looser(a);
        ASSERT_EQ(found.size(), 1U);
        EXPECT_THAT(found[0], ::testing::HasSubstr(limit.name));
        const std::string whose = bound == first
                                      ? "QOR's profile " + one.code
                                      : "QVA's profile " + other.code;
        EXPECT_THAT(found[0], ::testing::HasSubstr(whose));
        EXPECT_THAT(found[0], ::testing::HasSubstr(
                                  (limit.at_least ? "at least " : "at most ") +
                                  std::to_string(bound)));
      }
    }
  }
}

TEST(LintProfileTest, TheStricterReviewOfBothPartiesIsTheLimit) {
  for (const Profile& one : Files().profiles.profiles()) {
    for (const Profile& other : Files().profiles.profiles()) {
      SCOPED_TRACE(one.code + " " + other.code);
      Agreement a = Strict(one, other);
      const Review bound = std::max(one.disclose_review, other.disclose_review);
      a.clauses[0].review = bound;
      EXPECT_THAT(Looser(a), ::testing::IsEmpty());
      a.clauses[0].review =
          bound == Review::kBothSides ? Review::kHolder : Review::kNone;
      const std::vector<std::string> found = Looser(a);
      ASSERT_EQ(found.size(), 1U);
      EXPECT_THAT(found[0],
                  ::testing::HasSubstr((bound == one.disclose_review
                                            ? "QOR's profile " + one.code
                                            : "QVA's profile " + other.code)));
    }
  }
}

TEST(LintProfileTest, TheFewerMatchSetsOfBothPartiesAreTheLimit) {
  for (const Profile& one : Files().profiles.profiles()) {
    for (const Profile& other : Files().profiles.profiles()) {
      Agreement a = Strict(one, other);
      a.clauses[2].match_set = MatchSet::kStandard;
      const bool strict =
          one.code == "eu-cjeu-strict" || other.code == "eu-cjeu-strict";
      EXPECT_EQ(Looser(a).size(), strict ? 1U : 0U)
          << one.code << " " << other.code;
    }
  }
}

// Only the law of the parties that the clause concerns counts.
TEST(LintProfileTest, AThirdPartysLawDoesNotReachAPairOfTwoOthers) {
  Agreement a = Strict(*Files().profiles.Find("icao-floor"),
                       *Files().profiles.Find("icao-floor"));
  Party third = a.parties[1];
  third.code = "QXX";
  third.legal_profile = "eu-cjeu-strict";
  a.parties.push_back(third);
  a.clauses[1].retain_days = 400;  // QOR to QVA
  EXPECT_THAT(Looser(a),
              ::testing::Not(::testing::Contains(
                  ::testing::HasSubstr("onward-court: retain_days"))));
  a.clauses[0].retain_days = 400;  // each to other
  EXPECT_THAT(Looser(a), ::testing::Contains(::testing::HasSubstr(
                             "disclose-terrorism: retain_days = 400, but "
                             "QXX's profile eu-cjeu-strict")));
}

}  // namespace
}  // namespace entente::policy
