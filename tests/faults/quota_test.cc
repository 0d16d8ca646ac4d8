// Ceilings of the agreement.

#include "tests/faults/support.h"

namespace entente::testing {
namespace {

using nlohmann::json;
using QuotaTest = FaultTest;

TEST_F(QuotaTest, WhatIsUsedUpIsRefusedBeforeAnythingLeaves) {
  TwoNodes::Options options;
  options.set["clause.screen-terrorism.quota_per_day"] = "40";
  Begin(options);
  GoodScreening();  // asked as 16 or 32 places
  absl::StatusOr<rpc::AdminReply> reply = story.two.Screen(story.flight);
  for (int i = 0; i < 3 && reply.ok(); ++i)
    reply = story.two.Screen(story.flight);
  EXPECT_THAT(reply, IsRefusal(absl::StatusCode::kPermissionDenied, "C04"));
  EXPECT_EQ(CountEntries(asker(), "quota.exceed", "dir", "out"), 1U);
  const std::size_t answered = CountEntries(holder(), "screen.answer");
  EXPECT_FALSE(story.two.Screen(story.flight).ok());
  EXPECT_EQ(CountEntries(holder(), "screen.answer"), answered);
  // The next day counts anew.
  for (TestNode* node : {&asker(), &holder()}) node->clock().Shift(86'400);
  GoodScreening();
}

// The holder counted more than the asker: its ceiling is met in the middle of a
// batch. What was answered shows, and the batch never says "nothing found".
// 32 places of 40.
TEST_F(QuotaTest, AtEightyPercentBothProtectionOfficersAreTold) {
  TwoNodes::Options options;
  options.set["clause.screen-terrorism.quota_per_day"] = "40";
  Begin(options);
  const auto alarms = [](TestNode& node, const std::string& person) {
    return MustDo(node, person, "status")["alarms"].size();
  };
  EXPECT_EQ(alarms(asker(), "qor-dpo"), 0U);
  GoodScreening();
  for (TestNode* node : {&asker(), &holder()}) {
    const std::string low = node->party() == "QOR" ? "qor" : "qva";
    const json told = MustDo(*node, low + "-dpo", "status");
    ASSERT_TRUE(told.contains("alarms")) << told.dump();
    ASSERT_EQ(told["alarms"].size(), 1U) << told.dump();
    const json& alarm = told["alarms"][0];
    EXPECT_EQ(alarm["kind"], "quota-nearly-used");
    EXPECT_EQ(alarm["clause"], "screen-terrorism");
    EXPECT_EQ(alarm["direction"], node == &asker() ? "out" : "in");
    EXPECT_EQ(alarm["used"], 32);
    EXPECT_EQ(alarm["limit"], 40);
    EXPECT_EQ(CountEntries(*node, "log.read", "filter", "alarms"), 1U);
    EXPECT_EQ(alarms(*node, low + "-one"), 0U);
    node->clock().Shift(8 * 86'400);
    EXPECT_EQ(alarms(*node, low + "-dpo"), 0U);
  }
}

TEST_F(QuotaTest, ACeilingInTheMiddleOfABatchEndsItPartial) {
  TwoNodes::Options options;
  options.set["clause.screen-terrorism.quota_per_day"] = "110";
  Begin(options, MakeCast(10, 40));
  // 64 places are asked in chunks of 16. The asker's memory of what it asked is
  // put back to before: only the holder counts on.
  const std::filesystem::path data = asker().data();
  asker().Stop();
  std::filesystem::copy(data, story.Path("before"),
                        std::filesystem::copy_options::recursive |
                            std::filesystem::copy_options::copy_symlinks);
  ASSERT_OK(asker().Start());
  GoodScreening();
  asker().Stop();
  std::filesystem::remove_all(data);
  std::filesystem::rename(story.Path("before"), data);
  ASSERT_OK(asker().Start());

  const absl::StatusOr<rpc::AdminReply> reply = story.two.Screen(story.flight);
  ASSERT_OK(reply);
  EXPECT_EQ(reply->exit_code, 1) << reply->text;
  const json batch = json::parse(reply->json)["batches"][0];
  EXPECT_EQ(batch["state"], "partial") << reply->text;
  EXPECT_EQ(batch["reason"], "C04") << reply->text;
  EXPECT_NE(reply->text.find("this is not \"nothing found\""),
            std::string::npos);
  EXPECT_GE(CountEntries(holder(), "screen.refuse", "code", "C04"), 1U);
  EXPECT_GE(CountEntries(holder(), "quota.exceed", "dir", "in"), 1U);
  EXPECT_EQ(CountEntries(asker(), "screen.fail", "code", "C04"), 1U);
  const json queue = MustDo(asker(), "qor-one", "hits list");
  EXPECT_EQ(queue["hits"].size(), batch["hits"].get<std::size_t>());
}

}  // namespace
}  // namespace entente::testing
