// The whole way of the data, between two real nodes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/capture.h"
#include "tests/integration/story.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;

// The hits of the asker's queue, by what they agreed on.
std::size_t ByDocument(const json& queue) {
  std::size_t out = 0;
  for (const json& hit : queue["hits"]) {
    const std::string rules = hit["rules"].get<std::string>();
    out += (" " + rules + " ").find(" A1 ") != std::string::npos ? 1U : 0U;
  }
  return out;
}

TEST(WayTest, FromTheListToTheReceipt) {
  TwoNodes::Options options;
  options.set["clause.disclose-terrorism.reviewers_asker"] = "2";
  Story story;
  ASSERT_OK(story.Begin(options));
  TestNode& asker = *story.two.asker;
  TestNode& holder = *story.two.holder;

  const absl::StatusOr<rpc::AdminReply> screened =
      story.two.Screen(story.flight);
  ASSERT_OK(screened);
  EXPECT_EQ(screened->exit_code, 0) << screened->text;
  const json result = json::parse(screened->json);
  ASSERT_EQ(result["hits"], kPlantedHits) << screened->text;
  ASSERT_EQ(result["batches"].size(), 1U);
  EXPECT_EQ(result["batches"][0]["state"], "complete");
  EXPECT_EQ(result["batches"][0]["persons"], story.cast.flying.size());

  // The protected person flies with the very passport that is listed and would
  // be a second match by document; the near miss would be a fourth hit.
  const json queue = MustDo(asker, "qor-one", "hits list");
  ASSERT_EQ(queue["hits"].size(), static_cast<std::size_t>(kPlantedHits));
  EXPECT_EQ(ByDocument(queue), 1U) << queue.dump();
  for (const json& hit : queue["hits"]) EXPECT_EQ(hit["state"], "open");

  // Two people review; the second sees only that there was a first.
  const std::string hit = ExactHit(asker);
  const Words ask = {
      {"hit", hit},
      {"clause", "disclose-terrorism"},
      {"fields", "person.family-name,person.birth-date,hit.reason"},
      {"case", "QOR-2026-0017"},
      {"necessity", "arrival tonight"}};
  json after = MustDo(asker, "qor-one", "review",
                      {{"hit", hit},
                       {"verdict", "confirmed"},
                       {"reason", "face and passport agree"}});
  EXPECT_EQ(after["state"], "open");
  EXPECT_THAT(asker.Do("qor-one", "disclose ask", ask),
              IsRefusal(absl::StatusCode::kPermissionDenied, "C02"));
  json seen = MustDo(asker, "qor-two", "hits show", {{"hit", hit}});
  ASSERT_EQ(seen["reviews"].size(), 1U);
  EXPECT_FALSE(seen["reviews"][0].contains("reason"));
  EXPECT_FALSE(seen["reviews"][0].contains("verdict"));
  EXPECT_EQ(seen.dump().find("face and passport"), std::string::npos);
  after = MustDo(asker, "qor-two", "review",
                 {{"hit", hit},
                  {"verdict", "confirmed"},
                  {"reason", "asked the carrier"}});
  EXPECT_EQ(after["state"], "confirmed");
  seen = MustDo(asker, "qor-two", "hits show", {{"hit", hit}});
  EXPECT_EQ(seen["reviews"][0]["reason"], "face and passport agree");

  // One disclosure.
  after = MustDo(asker, "qor-one", "disclose ask", ask);
  EXPECT_EQ(after["delivered"], true);
  const json request =
      MustDo(holder, "qva-two", "disclose show", {{"hit", hit}});
  EXPECT_EQ(request["case"], "QOR-2026-0017");
  Words review = Story::AllFlagsAbsent();
  review.insert(
      review.end(),
      {{"hit", hit}, {"verdict", "approve"}, {"reason", "the same person"}});
  MustDo(holder, "qva-two", "review", review);
  after = MustDo(holder, "qva-one", "disclose release", {{"hit", hit}});
  EXPECT_EQ(after["state"], "delivered");
  seen = MustDo(asker, "qor-one", "hits show", {{"hit", hit}});
  ASSERT_TRUE(seen.contains("disclosed")) << seen.dump();
  std::map<std::string, std::string> fields;
  for (const json& field : seen["disclosed"]["fields"])
    fields[field["field"]] = field["value"];
  const std::map<std::string, std::string> expected = {
      {"person.family-name", "VALDERMAN"},
      {"person.birth-date", "19870412"},
      {"hit.reason", "terrorism.travel"}};
  EXPECT_EQ(fields, expected);
  MustDo(asker, "qor-one", "hits outcome",
         {{"hit", hit}, {"result", "confirmed"}});
  const json told = MustDo(holder, "qva-one", "disclose list");
  EXPECT_EQ(told["requests"][0]["outcome"], "confirmed");

  // And back.
  MustDo(holder, "qva-one", "recall send",
         {{"hit", hit}, {"reason", "entry-corrected"}});
  ASSERT_OK(asker.node().Tick());
  const json recalls = MustDo(holder, "qva-one", "recall list");
  ASSERT_EQ(recalls["recalls"].size(), 1U);
  EXPECT_NE(recalls["recalls"][0]["receipt"], "");
  seen = MustDo(asker, "qor-one", "hits show", {{"hit", hit}});
  EXPECT_FALSE(seen.contains("disclosed"));
  EXPECT_EQ(seen.dump().find("19870412"), std::string::npos);
}

TEST(WayTest, AChangedListGoesOverAsADelta) {
  Capture wire;
  TwoNodes::Options options;
  options.asker_tap = wire.tap();
  Story story;
  ASSERT_OK(story.Begin(options, MakeCast(120, 10)));
  TestNode& asker = *story.two.asker;

  ASSERT_OK(story.two.Screen(story.flight));
  const json first = MustDo(asker, "qor-one", "tagset list")["tag_sets"];
  ASSERT_EQ(first.size(), 1U);
  const std::uint64_t whole = wire.BytesIn("TagSetChunk");
  EXPECT_GT(whole, first[0]["bytes"].get<std::uint64_t>());

  // The match by document goes, a traveller who was on no list comes: by name
  // and date of birth, with no document, so that the two cannot be confused.
  std::vector<Somebody> changed(story.cast.listed.begin() + 1,
                                story.cast.listed.end());
  Somebody added = story.cast.flying.back();
  added.number.clear();
  changed.push_back(added);
  ASSERT_OK(story.ImportList(changed));
  wire.Clear();
  const absl::StatusOr<rpc::AdminReply> again = story.two.Screen(story.flight);
  ASSERT_OK(again);
  EXPECT_EQ(again->exit_code, 0) << again->text;
  EXPECT_EQ(json::parse(again->json)["hits"], kPlantedHits) << again->text;
  const json queue = MustDo(asker, "qor-one", "hits list");
  EXPECT_EQ(queue["hits"].size(), 2U * kPlantedHits);
  EXPECT_EQ(ByDocument(queue), 1U) << "only the one of the first screening";

  const json second = MustDo(asker, "qor-one", "tagset list")["tag_sets"];
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0]["sequence"], 2);
  const std::uint64_t crossed = wire.BytesIn("TagSetChunk");
  EXPECT_GT(crossed, 0U);
  EXPECT_LT(crossed, whole / 4) << "the whole set went again";
}

}  // namespace
}  // namespace entente::testing
