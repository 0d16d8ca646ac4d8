// What changes after a hit was found, or in the middle of an import, and what
// must not happen then.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/story.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
namespace {

using nlohmann::json;

std::string ExactHit(TestNode& asker) {
  const json queue = MustDo(asker, "qor-one", "hits list");
  for (const json& hit : queue["hits"]) {
    const std::string rules = " " + hit["rules"].get<std::string>() + " ";
    if (rules.find(" A1 ") != std::string::npos)
      return hit["hit"].get<std::string>();
  }
  return "none";
}

// Confirmed and asked for on one side, approved on the other.
void AskAndApprove(TestNode& asker, TestNode& holder, const std::string& hit) {
  MustDo(asker, "qor-one", "review",
         {{"hit", hit},
          {"verdict", "confirmed"},
          {"reason", "face and passport"}});
  MustDo(asker, "qor-one", "disclose ask",
         {{"hit", hit},
          {"clause", "disclose-terrorism"},
          {"fields", "person.family-name,hit.reason"},
          {"case", "QOR-2026-0018"},
          {"necessity", "arrival tonight"}});
  Words review = Story::AllFlagsAbsent();
  review.insert(
      review.end(),
      {{"hit", hit}, {"verdict", "approve"}, {"reason", "the same person"}});
  MustDo(holder, "qva-two", "review", review);
}

TEST(LateChangeTest, AProtectedPersonIsNotDisclosedAfterTheHit) {
  TwoNodes::Options options;
  options.set["clause.disclose-terrorism.reviewers_asker"] = "1";
  Story story;
  ASSERT_OK(story.Begin(options));
  TestNode& asker = *story.two.asker;
  TestNode& holder = *story.two.holder;
  ASSERT_OK(story.two.Screen(story.flight));
  const std::string hit = ExactHit(asker);
  AskAndApprove(asker, holder, hit);

  const std::string file = WriteFile(story.Path("protected-late.csv"),
                                     ProtectedCsv(story.cast.listed[0]))
                               .string();
  ASSERT_OK(holder.Do("qva-dpo", "protect import", {{"@", file}}));
  EXPECT_THAT(holder.Do("qva-one", "disclose release", {{"hit", hit}}),
              IsRefusal(absl::StatusCode::kPermissionDenied, "H02"));
  EXPECT_TRUE(Entries(holder, "disclose.release").empty());
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

TEST(LateChangeTest, AListThatDropsAnEntryRecallsWhatWasDisclosedOfIt) {
  TwoNodes::Options options;
  options.set["clause.disclose-terrorism.reviewers_asker"] = "1";
  Story story;
  ASSERT_OK(story.Begin(options));
  TestNode& asker = *story.two.asker;
  TestNode& holder = *story.two.holder;
  ASSERT_OK(story.two.Screen(story.flight));
  const std::string hit = ExactHit(asker);
  AskAndApprove(asker, holder, hit);
  MustDo(holder, "qva-one", "disclose release", {{"hit", hit}});
  ASSERT_TRUE(MustDo(asker, "qor-one", "hits show", {{"hit", hit}})
                  .contains("disclosed"));

  // The new list has everybody but the person who was disclosed.
  auto shorter = story.cast.listed;
  shorter.erase(shorter.begin());
  const std::string file =
      WriteFile(story.Path("shorter.csv"), ListCsv(shorter)).string();
  const std::string list =
      MustDo(holder, "qva-one", "list show")["lists"][0]["list"];
  const json report =
      MustDo(holder, "qva-one", "list import", {{"list", list}, {"@", file}});
  EXPECT_EQ(report["removed"], 1);
  EXPECT_EQ(report["recalls"], 1);
  EXPECT_FALSE(MustDo(asker, "qor-one", "hits show", {{"hit", hit}})
                   .contains("disclosed"));
  // The same list once more recalls nothing again.
  EXPECT_EQ(MustDo(holder, "qva-one", "list import",
                   {{"list", list}, {"@", file}})["recalls"],
            0);
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

}  // namespace
}  // namespace entente::testing
