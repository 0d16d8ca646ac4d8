// Looking for a person in the log of a node that really asked, or was asked.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/integration/story.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr char kExact[] = "QOR:KX4410982";  // flies, is listed, is a hit

std::multiset<std::string> Types(const json& found) {
  std::multiset<std::string> out;
  for (const json& entry : found["entries"])
    out.insert(entry["leaf"]["type"].get<std::string>());
  return out;
}

class SearchTest : public ::testing::Test {
 protected:
  // Screened, reviewed, asked for and released.
  void SetUp() override {
    ASSERT_OK(story.Begin());
    const auto screened = story.two.Screen(story.flight);
    ASSERT_OK(screened);
    ASSERT_EQ(json::parse(screened->json)["hits"], kPlantedHits);
    const json queue = MustDo(asker(), "qor-one", "hits list");
    for (const json& hit : queue["hits"]) {
      const std::string rules = hit["rules"].get<std::string>();
      if ((" " + rules + " ").find(" A1 ") != std::string::npos)
        hit_ = hit["hit"].get<std::string>();
    }
    MustDo(asker(), "qor-one", "review",
           {{"hit", hit_}, {"verdict", "confirmed"}, {"reason", "agrees"}});
    MustDo(asker(), "qor-one", "disclose ask",
           {{"hit", hit_},
            {"clause", "disclose-terrorism"},
            {"fields", "person.family-name"},
            {"case", "QOR-2026-0017"},
            {"necessity", "arrival tonight"}});
    Words review = Story::AllFlagsAbsent();
    review.insert(
        review.end(),
        {{"hit", hit_}, {"verdict", "approve"}, {"reason", "the same"}});
    MustDo(holder(), "qva-two", "review", review);
    MustDo(holder(), "qva-one", "disclose release", {{"hit", hit_}});
  }
  TestNode& asker() { return *story.two.asker; }
  TestNode& holder() { return *story.two.holder; }
  static Words With(Words words) {
    words.insert(words.end(), {{"case", "DPO-7"}, {"why", "subject-request"}});
    return words;
  }
  json Search(TestNode& node, Words words) {
    const std::string dpo = node.party() == "QOR" ? "qor-dpo" : "qva-dpo";
    return MustDo(node, dpo, "audit search", With(std::move(words)));
  }

  Story story;
  std::string hit_;
};

TEST_F(SearchTest, FindsAllThatWasDoneAboutAHitOnBothSides) {
  const auto here = Types(Search(asker(), {{"document", kExact}}));
  EXPECT_THAT(here, IsSupersetOf({"hit.find", "review.decide", "disclose.ask",
                                  "disclose.take"}));
  const auto there = Types(Search(holder(), {{"document", kExact}}));
  EXPECT_THAT(there, IsSupersetOf({"disclose.ask", "disclose.release"}));
  // By name and date, with and without given names.
  EXPECT_THAT(Types(Search(asker(), {{"family-name", "VALDERMAN"},
                                     {"given-names", "ORSINA"},
                                     {"born", "19870412"}})),
              Contains("hit.find"));
  EXPECT_THAT(Types(Search(holder(), {{"family-name", "Valderman"},
                                      {"born", "19870412"}})),
              Contains("disclose.release"));
}

TEST_F(SearchTest, WhoIsNoHitLeavesNoTag) {
  const Somebody& other = story.cast.flying.back();
  const json found =
      Search(asker(), {{"document", other.nationality + ":" + other.number}});
  EXPECT_TRUE(found["entries"].empty()) << found.dump();
  const Somebody& hidden = story.cast.hidden;
  const json protected_person =
      Search(asker(), {{"document", hidden.nationality + ":" + hidden.number}});
  EXPECT_TRUE(protected_person["entries"].empty()) << protected_person.dump();
}

TEST_F(SearchTest, WhoLookedForMeHasAnAnswer) {
  Search(asker(), {{"document", kExact}});
  Search(asker(), {{"document", "QVA:ZZ0000001"}});
  const json again = Search(asker(), {{"document", kExact}});
  std::size_t searches = 0;
  for (const json& entry : again["entries"]) {
    if (entry["leaf"]["type"] != "log.search") continue;
    ++searches;
    EXPECT_EQ(entry["leaf"]["data"]["kind"], "subject");
    EXPECT_EQ(entry["leaf"]["data"]["why"], "subject-request");
  }
  EXPECT_EQ(searches, 1U) << "its own entry came after its results";
  EXPECT_EQ(Entries(asker(), "log.search").size(), 3U);
}

TEST_F(SearchTest, IsRefusedToEverybodyElseAndWithoutACase) {
  const std::size_t before = Entries(asker(), "log.search").size();
  for (const char* person : {"qor-one", "qor-audit", "qor-admin"}) {
    EXPECT_THAT(
        asker().Do(person, "audit search", With({{"document", kExact}})),
        IsRefusal(absl::StatusCode::kPermissionDenied, "role"));
  }
  EXPECT_THAT(asker().Do("qor-dpo", "audit search",
                         {{"document", kExact}, {"why", "complaint"}}),
              IsRefusal(absl::StatusCode::kInvalidArgument, kUsageReason));
  EXPECT_THAT(asker().Do("qor-dpo", "audit search", With({})),
              IsRefusal(absl::StatusCode::kInvalidArgument, kUsageReason));
  EXPECT_EQ(Entries(asker(), "log.search").size(), before);
}

TEST_F(SearchTest, AScanFindsWhatTheIndexLeadsTo) {
  Search(asker(), {{"document", kExact}});
  const json scan = Search(asker(), {{"document", kExact}, {"scan", "true"}});
  std::multiset<std::string> types;
  for (const json& entry : scan["entries"])
    types.insert(entry["type"].get<std::string>());
  EXPECT_THAT(types, IsSupersetOf({"hit.find", "log.search"}));
  EXPECT_TRUE(scan["index_lacks"].empty()) << scan.dump();
  EXPECT_GT(scan["opened"].get<int>(), 5);
  EXPECT_EQ(Entries(asker(), "log.open").size(), 1U)
      << "opening bodies leaves its own entry";
}

TEST_F(SearchTest, ByActAndByPage) {
  const json all = Search(asker(), {{"hit", hit_}, {"limit", "1000"}});
  ASSERT_GE(all["entries"].size(), 3U);
  EXPECT_FALSE(all.contains("next"));
  json paged = json::array();
  std::string from = "0";
  for (int i = 0; i < 100; ++i) {
    const json page =
        Search(asker(), {{"hit", hit_}, {"limit", "2"}, {"from", from}});
    for (const json& entry : page["entries"]) paged.push_back(entry);
    if (!page.contains("next")) break;
    from = std::to_string(page["next"].get<std::uint64_t>());
  }
  EXPECT_EQ(paged, all["entries"]);
  const json asked =
      Search(asker(), {{"peer", "QVA"}, {"type", "screen.open"}});
  EXPECT_EQ(asked["entries"].size(), 1U);
  for (const json& entry : asked["entries"])
    EXPECT_EQ(entry["leaf"]["data"]["peer"], "QVA");
  EXPECT_EQ(Search(asker(), {{"peer", "QTA"}})["entries"].size(), 0U);
  const json acts = Search(asker(), {{"actor", "qor-one"}, {"limit", "1000"}});
  EXPECT_THAT(Types(acts), IsSupersetOf({"ingest.take", "review.decide"}));
  EXPECT_THAT(Types(acts), Not(Contains("log.search")));
}

}  // namespace
}  // namespace entente::testing
