// What was asked in the last days, decided again under a draft.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/envelope.h"
#include "policy/rewrite.h"
#include "tests/integration/story.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;

class SimulateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(story.Begin());
    ASSERT_OK_AND_ASSIGN(const policy::Envelope envelope,
                         policy::ParseEnvelope(story.two.envelope));
    document = envelope.payload;
    ASSERT_OK(story.two.Screen(story.flight));
    // Refused by the agreement as it is: no such purpose in the clause.
    EXPECT_FALSE(
        story.two.Screen(story.flight, {{"purpose", "immigration.visa"}}).ok());
  }
  // The next version with one value changed, on the table; its hash.
  std::string Draft(TestNode& node, const std::string& admin,
                    const std::string& path, const std::string& value) {
    const auto next = policy::Rewrite(
        document,
        {{"version", "2"},
         {"replaces", policy::HashText(policy::DocumentHash(document))},
         {path, value}});
    EXPECT_OK(next);
    const std::string file =
        WriteFile(story.Path("draft.toml"), AsText(*next)).string();
    return MustDo(node, admin, "agreement draft", {{"@", file}})["hash"];
  }

  Story story;
  Bytes document;
};

TEST_F(SimulateTest, ANarrowerDraftWouldHaveDeniedWhatWasPermitted) {
  TestNode& asker = *story.two.asker;
  const std::string hash =
      Draft(asker, "qor-admin", "clause.screen-terrorism.quota_per_day", "1");
  const json said =
      MustDo(asker, "qor-dpo", "agreement simulate", {{"agreement", hash}});
  EXPECT_EQ(said["decisions"], 2) << said.dump();
  EXPECT_EQ(said["same"], 1);
  ASSERT_EQ(said["denied"].size(), 1U);
  EXPECT_EQ(said["denied"][0]["what"], "screen-terrorism C04");
  EXPECT_TRUE(said["allowed"].empty());
  // The example is the entry of that screening.
  EXPECT_EQ(Entries(asker, "agreement.dryrun").size(), 1U);
  EXPECT_EQ(Entries(asker, "log.open").size(), 1U);
}

TEST_F(SimulateTest, TheHolderSeesItsOwnDecisions) {
  TestNode& holder = *story.two.holder;
  const std::string hash =
      Draft(holder, "qva-admin", "clause.screen-terrorism.quota_per_year",
            "50000000");
  const json said =
      MustDo(holder, "qva-dpo", "agreement simulate", {{"agreement", hash}});
  EXPECT_GE(said["decisions"], 1);
  EXPECT_EQ(said["decisions"], said["same"]) << said.dump();
}

TEST_F(SimulateTest, OnlyTheProtectionOfficerOpensTheFacts) {
  TestNode& asker = *story.two.asker;
  const std::string hash =
      Draft(asker, "qor-admin", "clause.screen-terrorism.quota_per_day", "1");
  EXPECT_THAT(
      asker.Do("qor-admin", "agreement simulate", {{"agreement", hash}}),
      IsRefusal(absl::StatusCode::kPermissionDenied, "role"));
}

}  // namespace
}  // namespace entente::testing
