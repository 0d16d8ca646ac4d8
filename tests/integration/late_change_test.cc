// What changes after a hit was found, or in the middle of an import, and what
// must not happen then.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "node/base/time.h"
#include "tests/integration/story.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;

// An exact match that was confirmed, asked for and approved, not released yet.
class ApprovedRequestTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TwoNodes::Options options;
    options.set["clause.disclose-terrorism.reviewers_asker"] = "1";
    ASSERT_OK(story.Begin(options));
    ASSERT_OK(story.two.Screen(story.flight));
    hit = ExactHit(asker());
    AskAndApprove(asker(), holder(), hit);
  }
  TestNode& asker() { return *story.two.asker; }
  TestNode& holder() { return *story.two.holder; }

  Story story;
  std::string hit;
};

TEST_F(ApprovedRequestTest, AProtectedPersonIsNotDisclosedAfterTheHit) {
  const std::string file = WriteFile(story.Path("protected-late.csv"),
                                     ProtectedCsv(story.cast.listed[0]))
                               .string();
  ASSERT_OK(holder().Do("qva-dpo", "protect import", {{"@", file}}));
  EXPECT_THAT(holder().Do("qva-one", "disclose release", {{"hit", hit}}),
              IsRefusal(absl::StatusCode::kPermissionDenied, "H02"));
  EXPECT_TRUE(Entries(holder(), "disclose.release").empty());
  // And the next tag set goes without the entry.
  const absl::StatusOr<rpc::AdminReply> again = story.two.Screen(story.flight);
  ASSERT_OK(again);
  EXPECT_EQ(json::parse(again->json)["hits"], kPlantedHits - 1) << again->text;
}

TEST(LateChangeTest, AFileThatProtectsOnlySomeIsRefused) {
  Story story;
  ASSERT_OK(story.Begin());
  const std::string half =
      WriteFile(story.Path("half.csv"),
                ProtectedCsv(Stranger(900)) + "R000002,TOO,FEW\n")
          .string();
  EXPECT_THAT(
      story.two.asker->Do("qor-dpo", "protect import", {{"@", half}}),
      IsRefusal(absl::StatusCode::kInvalidArgument, "protect-incomplete"));
  // The set before it still hides its person.
  const absl::StatusOr<rpc::AdminReply> screened =
      story.two.Screen(story.flight);
  ASSERT_OK(screened);
  EXPECT_EQ(json::parse(screened->json)["hits"], kPlantedHits);
}

TEST_F(ApprovedRequestTest, AListThatDropsAnEntryRecallsWhatWasDisclosedOfIt) {
  MustDo(holder(), "qva-one", "disclose release", {{"hit", hit}});
  ASSERT_TRUE(MustDo(asker(), "qor-one", "hits show", {{"hit", hit}})
                  .contains("disclosed"));

  // The new list has everybody but the person who was disclosed.
  auto shorter = story.cast.listed;
  shorter.erase(shorter.begin());
  const std::string file =
      WriteFile(story.Path("shorter.csv"), ListCsv(shorter)).string();
  const std::string list =
      MustDo(holder(), "qva-one", "list show")["lists"][0]["list"];
  const json report =
      MustDo(holder(), "qva-one", "list import", {{"list", list}, {"@", file}});
  EXPECT_EQ(report["removed"], 1);
  EXPECT_EQ(report["recalls"], 1);
  EXPECT_FALSE(MustDo(asker(), "qor-one", "hits show", {{"hit", hit}})
                   .contains("disclosed"));
  // The same list once more recalls nothing again.
  EXPECT_EQ(MustDo(holder(), "qva-one", "list import",
                   {{"list", list}, {"@", file}})["recalls"],
            0);
}

// A refusal is no disclosure: a recall of it would tell that the row was real.
TEST_F(ApprovedRequestTest, NothingIsRecalledOfARequestThatWasRefused) {
  // Nobody releases it in time.
  holder().clock().Shift(25 * 3600);
  asker().clock().Shift(25 * 3600);
  ASSERT_OK(holder().node().Tick());
  ASSERT_EQ(Entries(holder(), "disclose.refuse").size(), 1U);

  auto shorter = story.cast.listed;
  shorter.erase(shorter.begin());
  const std::string file =
      WriteFile(story.Path("shorter.csv"), ListCsv(shorter)).string();
  EXPECT_EQ(MustDo(holder(), "qva-one", "list import",
                   {{"list", "subjects"}, {"@", file}})["recalls"],
            0);
  EXPECT_THAT(holder().Do("qva-one", "recall send",
                          {{"hit", hit}, {"reason", "entry-deleted"}}),
              IsRefusal(absl::StatusCode::kFailedPrecondition, "hit-state"));
  EXPECT_TRUE(Entries(holder(), "recall.send").empty());
}

// What was disclosed does not outlive the agreement by more than it says.
TEST(LateChangeTest, TheEndOfTheAgreementErasesWhatWasDisclosed) {
  TwoNodes::Options options;
  options.set["clause.disclose-terrorism.reviewers_asker"] = "1";
  options.set["ending.delete_within_days"] = "2";
  const std::int64_t now = base::SystemClock().NowSeconds();
  constexpr std::int64_t kDay = 86'400;
  options.set["validity.review_by"] = base::FormatTime(now + kDay);
  options.set["validity.until"] = base::FormatTime(now + 3 * kDay);
  Story story;
  ASSERT_OK(story.Begin(options));
  TestNode& asker = *story.two.asker;
  ASSERT_OK(story.two.Screen(story.flight));
  const std::string hit = ExactHit(asker);
  AskAndApprove(asker, *story.two.holder, hit);
  MustDo(*story.two.holder, "qva-one", "disclose release", {{"hit", hit}});
  const auto ended = [&asker] {
    std::size_t n = 0;
    for (const json& entry : Entries(asker, "retain.delete"))
      n += entry["data"]["reason"] == "terminated" ? 1U : 0U;
    return n;
  };
  asker.clock().Shift(4 * kDay);  // over, and a day to go
  asker.node().Tick().IgnoreError();
  EXPECT_EQ(ended(), 0U);
  asker.clock().Shift(2 * kDay);
  asker.node().Tick().IgnoreError();
  EXPECT_EQ(ended(), 1U);
  EXPECT_EQ(MustDo(asker, "qor-one", "hits show", {{"hit", hit}})["state"],
            "erased");
}

TEST(LateChangeTest, TwoScreeningsAtOnceFetchTheTagSetOnce) {
  Story story;
  ASSERT_OK(story.Begin());
  std::vector<Somebody> people = story.cast.listed;
  for (std::uint32_t i = 0; i < 1500; ++i)
    people.push_back(Stranger(20'000 + i));  // more than one piece
  ASSERT_OK(story.ImportList(people));
  const auto screen = [&story] { return story.two.Screen(story.flight); };
  auto first = std::async(std::launch::async, screen);
  auto second = std::async(std::launch::async, screen);
  for (auto* screening : {&first, &second}) {
    const absl::StatusOr<rpc::AdminReply> reply = screening->get();
    ASSERT_OK(reply);
    EXPECT_EQ(json::parse(reply->json)["hits"], kPlantedHits) << reply->text;
  }
  EXPECT_EQ(Entries(*story.two.asker, "tagset.take").size(), 1U);
}

TEST(LateChangeTest, AFileWithoutAnEntryDoesNotEmptyTheList) {
  Story story;
  ASSERT_OK(story.Begin());
  TestNode& holder = *story.two.holder;
  const json before = MustDo(holder, "qva-one", "list show")["lists"][0];
  const std::string empty =
      WriteFile(story.Path("empty.csv"), ListCsv({})).string();
  EXPECT_THAT(
      holder.Do("qva-one", "list import",
                {{"list", before["list"].get<std::string>()}, {"@", empty}}),
      IsRefusal(absl::StatusCode::kInvalidArgument, "list-empty"));
  EXPECT_EQ(MustDo(holder, "qva-one", "list show")["lists"][0], before);
}

// Variants of an entry may stand anywhere in its file, and a list may be longer
// than a page or a round.
TEST(LateChangeTest, ALongListKeepsItsVariantsAndItsDifferences) {
  Story story;
  ASSERT_OK(story.Begin());
  TestNode& holder = *story.two.holder;
  std::vector<Somebody> people = story.cast.listed;
  for (std::uint32_t i = 0; i < 2500; ++i)
    people.push_back(Stranger(10'000 + i));
  std::string text = ListCsv(people);
  // Another name of the first one, behind all others.
  Somebody alias = story.cast.flying.back();
  alias.number = people[0].number;
  const std::string line = ListCsv({alias});
  text += line.substr(line.find('\n') + 1);
  const std::string file = WriteFile(story.Path("long.csv"), text).string();
  const json first = MustDo(holder, "qva-one", "list import",
                            {{"list", "subjects"}, {"@", file}});
  EXPECT_EQ(first["rows"], people.size());
  EXPECT_EQ(first["added"], 2500);
  EXPECT_EQ(first["changed"], 1);
  EXPECT_EQ(first["removed"], 0);
  EXPECT_EQ(MustDo(holder, "qva-one", "list import",
                   {{"list", "subjects"}, {"@", file}})["changed"],
            0);
  const json shown = MustDo(holder, "qva-one", "list show")["lists"][0];
  EXPECT_EQ(shown["rows"], people.size());
  // The traveller who bears the alias shows now.
  const absl::StatusOr<rpc::AdminReply> screened =
      story.two.Screen(story.flight);
  ASSERT_OK(screened);
  EXPECT_EQ(json::parse(screened->json)["hits"], kPlantedHits + 1)
      << screened->text;
}

TEST(LateChangeTest, AnEntryThatExpiresLeavesTheTagSet) {
  Story story;
  ASSERT_OK(story.Begin());
  TestNode& holder = *story.two.holder;
  std::string text = ListCsv(story.cast.listed);
  // The exact match is on the list until the end of today.
  const std::int64_t now = holder.clock().NowSeconds();
  const std::string day = base::DayKey(now);
  const std::size_t at = text.find("2090-12-31");
  text.replace(
      at, 10,
      day.substr(0, 4) + "-" + day.substr(4, 2) + "-" + day.substr(6, 2));
  const std::string file = WriteFile(story.Path("short.csv"), text).string();
  MustDo(holder, "qva-one", "list import", {{"list", "subjects"}, {"@", file}});
  const auto hits = [&story]() -> json {
    const absl::StatusOr<rpc::AdminReply> screened =
        story.two.Screen(story.flight);
    EXPECT_OK(screened);
    return screened.ok() ? json::parse(screened->json)["hits"] : json();
  };
  EXPECT_EQ(hits(), kPlantedHits);
  const std::int64_t to_midnight = 86'400 - now % 86'400;
  holder.clock().Shift(to_midnight + 60);
  story.two.asker->clock().Shift(to_midnight + 60);
  EXPECT_EQ(hits(), kPlantedHits - 1);
}

}  // namespace
}  // namespace entente::testing
