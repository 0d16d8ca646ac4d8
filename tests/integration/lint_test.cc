// Lint at a real node: with its own use and its own other agreements.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "policy/civil.h"
#include "policy/envelope.h"
#include "policy/rewrite.h"
#include "tests/integration/story.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;

class LintAtNodeTest : public ::testing::Test {
 protected:
  // The first version in force since `days` ago.
  void Begin(std::int64_t days) {
    const std::int64_t now = base::SystemClock().NowSeconds();
    TwoNodes::Options options;
    options.set = {
        {"validity.from", policy::FormatInstant(now - days * 86'400)}};
    ASSERT_OK(story.Begin(std::move(options)));
    ASSERT_OK_AND_ASSIGN(const policy::Envelope envelope,
                         policy::ParseEnvelope(story.two.envelope));
    document = envelope.payload;
    ASSERT_OK(story.two.Screen(story.flight));
  }
  TestNode& asker() { return *story.two.asker; }
  json Lint(const std::map<std::string, std::string>& set, int exit_code = 0) {
    const auto next = policy::Rewrite(document, set);
    EXPECT_OK(next);
    const std::string file =
        WriteFile(story.Path("next.toml"), AsText(*next)).string();
    return MustDo(asker(), "qor-one", "agreement lint", {{"@", file}},
                  exit_code)["findings"];
  }
  std::map<std::string, std::string> Next() const {
    return {{"version", "2"},
            {"replaces", policy::HashText(policy::DocumentHash(document))}};
  }
  Story story;
  Bytes document;
};

std::vector<std::string> Of(const json& findings, const std::string& code) {
  std::vector<std::string> out;
  for (const json& finding : findings) {
    if (finding["code"] == code) out.push_back(finding["message"]);
  }
  return out;
}

TEST_F(LintAtNodeTest, QuotasAreHeldAgainstTheRealUse) {
  Begin(120);
  const std::vector<std::string> wide = Of(Lint(Next()), "AG-304");
  EXPECT_THAT(wide, ::testing::Contains(::testing::HasSubstr(
                        "screen-terrorism: quota_per_day = 250000")));
  // The use is what the log has: one batch, filled up to its size class.
  const json opened = Entries(asker(), "screen.open").at(0);
  const std::string used = std::to_string(opened["data"]["persons"].get<int>());
  EXPECT_THAT(wide, ::testing::Contains(::testing::EndsWith(", " + used)));
  // A quota that fits the use is no finding.
  auto modest = Next();
  modest["clause.screen-terrorism.quota_per_day"] = "1";
  modest["clause.screen-terrorism.quota_per_year"] = "300";
  EXPECT_THAT(Of(Lint(modest), "AG-304"),
              ::testing::Not(::testing::Contains(
                  ::testing::HasSubstr("screen-terrorism"))));
  // Counting is a read of the log.
  EXPECT_EQ(std::ranges::count_if(
                Entries(asker(), "log.read"),
                [](const json& e) { return e["data"]["filter"] == "lint"; }),
            2);
}

TEST_F(LintAtNodeTest, AYoungAgreementSaysNothingAboutUse) {
  Begin(10);
  EXPECT_THAT(Of(Lint(Next()), "AG-304"), ::testing::IsEmpty());
}

TEST_F(LintAtNodeTest, AnotherAgreementOfThePairIsTheHeldOne) {
  Begin(10);
  const std::vector<std::string> same =
      Of(Lint({{"id", "QOR-QVA-2026-777"}}), "AG-305");
  ASSERT_EQ(same.size(), 3U);
  EXPECT_THAT(same, ::testing::Each(::testing::HasSubstr("QOR-QVA-2026-001")));
  EXPECT_THAT(Of(Lint(Next()), "AG-305"), ::testing::IsEmpty());
}

TEST_F(LintAtNodeTest, WhatIsWrongIsAnErrorHereToo) {
  Begin(10);
  EXPECT_THAT(Of(Lint({{"version", "3"}}, 3), "AG-218"),
              ::testing::Not(::testing::IsEmpty()));
}

}  // namespace
}  // namespace entente::testing
