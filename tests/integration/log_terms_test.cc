// The log's own retention, on a node that runs for years.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/story.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;

constexpr std::int64_t kDay = 86'400;

class LogTermsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TestNode::Make(folder_.path(), "QOR", "Orsena");
    ASSERT_OK(made);
    node_ = *std::move(made);
    ASSERT_OK(node_->Start());
  }
  json Shown(const std::string& type) {
    return MustDo(*node_, "qor-dpo", "audit show",
                  {{"type", type}, {"limit", "1000"}})["entries"];
  }
  json Opened(const json& entry) {
    return MustDo(*node_, "qor-dpo", "audit open",
                  {{"index", std::to_string(entry["index"].get<int>())},
                   {"why", "review"}})["entries"][0];
  }
  ScratchFolder folder_;
  std::unique_ptr<TestNode> node_;
};

TEST_F(LogTermsTest, BodiesGoAtNightWhenTheTermOfTheirClassEnds) {
  // Two years apart, two bodies of the class `access`.
  MustDo(*node_, "qor-dpo", "audit open",
         {{"index", "0"}, {"why", "first"}, {"case", "one"}});
  ASSERT_OK(node_->node().Tick());
  EXPECT_TRUE(Shown("log.expire").empty());
  node_->clock().Shift(730 * kDay);
  MustDo(*node_, "qor-dpo", "audit open",
         {{"index", "0"}, {"why", "second"}, {"case", "two"}});
  ASSERT_OK(node_->node().Tick());
  const json before = Shown("log.open");
  ASSERT_EQ(before.size(), 2U);
  EXPECT_EQ(Opened(before[0])["fields"]["case"], "one");

  node_->clock().Shift(400 * kDay);  // 1,130 days after the first
  ASSERT_OK(node_->node().Tick());
  const json expiries = Shown("log.expire");
  ASSERT_EQ(expiries.size(), 1U) << expiries.dump();
  EXPECT_EQ(expiries[0]["leaf"]["data"]["keep"], "access");
  EXPECT_EQ(expiries[0]["leaf"]["data"]["first"], before[0]["index"]);
  EXPECT_TRUE(Opened(before[0]).contains("closed"));
  EXPECT_EQ(Opened(before[1])["fields"]["case"], "two");
  // Once, and the next night there is nothing to say.
  node_->clock().Shift(2 * kDay);
  ASSERT_OK(node_->node().Tick());
  EXPECT_EQ(Shown("log.expire").size(), 1U);
  const json checked =
      MustDo(*node_, "qor-dpo", "audit check", {{"full", "true"}});
  EXPECT_GT(checked["checked"].get<int>(), 0) << checked.dump();
}

TEST_F(LogTermsTest, SaysHowFastTheLogGrowsAndWhenTheDiskIsFull) {
  const json young = MustDo(*node_, "qor-dpo", "audit stats");
  EXPECT_FALSE(young.contains("bytes_a_day")) << young.dump();
  constexpr int kTicks = 30;
  for (int i = 0; i < kTicks; ++i) {
    node_->clock().Shift(60);
    ASSERT_OK(node_->node().Tick());
  }
  const json stats = MustDo(*node_, "qor-dpo", "audit stats");
  // An idle log: 64 entries a minute, and a few at the start.
  const int entries = stats["entries_a_day"].get<int>();
  EXPECT_GT(entries, 64 * 1440 * 9 / 10) << stats.dump();
  EXPECT_LT(entries, 64 * 1440 * 12 / 10) << stats.dump();
  const int each = stats["bytes_an_entry"].get<int>();
  EXPECT_GT(each, 200) << stats.dump();
  EXPECT_LT(each, 1500) << stats.dump();
  EXPECT_EQ(stats["bytes_a_day"].get<std::int64_t>(),
            std::int64_t{entries} * each);
  const auto left = stats["disk_free"].get<std::int64_t>() -
                    stats["disk_floor"].get<std::int64_t>();
  const auto days = left / stats["bytes_a_day"].get<std::int64_t>();
  if (days > 36'500) {
    EXPECT_FALSE(stats.contains("full_on")) << "a very large disk";
  } else {
    EXPECT_EQ(stats["days_left"].get<std::int64_t>(), days);
    EXPECT_EQ(stats["full_on"].get<std::string>().size(), 10U);
  }
  RecordProperty("bytes_an_entry", each);
}

}  // namespace
}  // namespace entente::testing
