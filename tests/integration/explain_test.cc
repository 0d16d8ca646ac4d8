// Why an act was or would be decided as it is, told at a real node.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/envelope.h"
#include "policy/rewrite.h"
#include "tests/integration/story.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;

class ExplainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(story.Begin());
    ASSERT_OK_AND_ASSIGN(const policy::Envelope envelope,
                         policy::ParseEnvelope(story.two.envelope));
    document = envelope.payload;
    held = ToHex(policy::DocumentHash(document));
  }
  TestNode& asker() { return *story.two.asker; }
  Words Screening(const std::string& hash) const {
    return {{"agreement", hash},
            {"clause", "screen-terrorism"},
            {"holder", "QVA"},
            {"asker", "QOR"},
            {"purpose", "terrorism.travel"}};
  }
  json Explain(Words words) {
    return MustDo(asker(), "qor-dpo", "agreement explain", words);
  }
  Story story;
  Bytes document;
  std::string held;
};

std::string StateOf(const json& said, const std::string& code) {
  for (const json& test : said["tests"]) {
    if (test["code"] == code) return test["state"];
  }
  return "no such test";
}

TEST_F(ExplainTest, AnEntryOfTheLogIsDecidedAgainWithItsOwnFacts) {
  ASSERT_OK(story.two.Screen(story.flight));
  const json opened = MustDo(asker(), "qor-audit", "audit show",
                             {{"type", "screen.open"}})["entries"];
  ASSERT_EQ(opened.size(), 1U);
  const std::string entry =
      std::to_string(opened[0]["index"].get<std::uint64_t>());
  const std::size_t reads = Entries(asker(), "log.open").size();
  const json said = Explain({{"entry", entry}});
  EXPECT_EQ(said["outcome"], "permit") << said.dump();
  EXPECT_EQ(said["clause"], "screen-terrorism");
  EXPECT_EQ(said["agreement"], held);
  // Opening the facts is an entry, and so is the look.
  EXPECT_EQ(Entries(asker(), "log.open").size(), reads + 1);
  EXPECT_EQ(Entries(asker(), "agreement.dryrun").size(), 1U);
}

TEST_F(ExplainTest, AHeldAgreementIsAskedWithWhatTheNodeKnows) {
  ASSERT_OK(story.two.Screen(story.flight));
  json said = Explain(Screening(held));
  EXPECT_EQ(said["outcome"], "permit") << said.dump();
  // The use of today counts, though nobody typed it.
  bool used = false;
  for (const json& test : said["tests"]) {
    if (test["code"] == "C04")
      used = !test["found"].get<std::string>().starts_with("day 0 ");
  }
  EXPECT_TRUE(used) << said["tests"].dump();
  Words stopped = Screening(held);
  stopped.push_back({"state", "suspended"});
  stopped.push_back({"age", "1000"});
  said = Explain(stopped);
  EXPECT_EQ(said["outcome"], "deny");
  EXPECT_EQ(StateOf(said, "S01"), "failed");
  EXPECT_EQ(StateOf(said, "C03"), "failed");
  EXPECT_EQ(said["peer_is_told"], "not-in-force S01");
}

TEST_F(ExplainTest, ADraftOnTheTableIsExplained) {
  const auto next = policy::Rewrite(
      document, {{"version", "2"},
                 {"replaces", policy::HashText(policy::DocumentHash(document))},
                 {"clause.screen-terrorism.quota_per_day", "1"}});
  ASSERT_OK(next);
  const std::string file =
      WriteFile(story.Path("draft.toml"), AsText(*next)).string();
  const std::string draft =
      MustDo(asker(), "qor-admin", "agreement draft", {{"@", file}})["hash"];
  Words words = Screening(draft);
  words.push_back({"units", "5"});
  const json said = Explain(words);
  EXPECT_EQ(said["outcome"], "deny");
  ASSERT_EQ(said["cures"].size(), 1U);
  EXPECT_EQ(said["cures"][0]["what"], "ask about at most 1 now");
}

TEST_F(ExplainTest, OnlyTheProtectionOfficerLooks) {
  for (const Words& words : {Screening(held), Words{{"entry", "1"}}}) {
    EXPECT_THAT(asker().Do("qor-admin", "agreement explain", words),
                IsRefusal(absl::StatusCode::kPermissionDenied, "role"));
  }
}

TEST_F(ExplainTest, RefusesWhatHoldsNoFactsAndWordsThatNothingKnows) {
  const auto explain = [&](const Words& words) {
    return asker().Do("qor-dpo", "agreement explain", words);
  };
  EXPECT_THAT(explain({{"entry", "0"}}),
              IsRefusal(absl::StatusCode::kNotFound, "facts-unknown"));
  EXPECT_THAT(explain({{"entry", "999999"}}),
              IsRefusal(absl::StatusCode::kNotFound, "facts-unknown"));
  EXPECT_THAT(explain({{"entry", "0"}, {"age", "1"}}),
              IsRefusal(absl::StatusCode::kInvalidArgument, "usage"));
  Words tax = Screening(held);
  tax.back().second = "tax";
  EXPECT_THAT(explain(tax),
              IsRefusal(absl::StatusCode::kPermissionDenied, "P01"));
  EXPECT_THAT(explain(Screening(std::string(64, '0'))),
              IsRefusal(absl::StatusCode::kNotFound, "draft-unknown"));
}

}  // namespace
}  // namespace entente::testing
