// Acts that the agreement or the rules about people refuse.

#include "tests/faults/support.h"

namespace entente::testing {
namespace {

constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

using ActsTest = FaultTest;

TEST_F(ActsTest, AWordThatTheAgreementDoesNotKnowLeavesNothing) {
  Begin();
  EXPECT_THAT(story.two.Screen(story.flight, {{"purpose", "terrorism.none"}}),
              IsRefusal(kDenied, "P01"));
  EXPECT_THAT(story.two.Screen(story.flight, {{"basis", "my-own-word"}}),
              IsRefusal(kDenied, "P02"));
  EXPECT_THAT(story.two.Screen(story.flight, {{"clause", "screen-other"}}),
              IsRefusal(absl::StatusCode::kPermissionDenied, "clause-unknown"));
  EXPECT_EQ(CountEntries(asker(), "screen.refuse", "code", "P01"), 1U);
  EXPECT_EQ(CountEntries(asker(), "screen.refuse", "code", "P02"), 1U);
  // One entry each: what the room noted is not noted again at the door.
  EXPECT_EQ(CountEntries(asker(), "login.fail"), 1U);
  EXPECT_EQ(CountEntries(asker(), "login.fail", "reason", "clause-unknown"),
            1U);
  EXPECT_EQ(CountEntries(holder(), "screen.answer"), 0U);
  GoodScreening();
}

TEST_F(ActsTest, APurposeOutsideTheClauseIsRefused) {
  Begin();
  EXPECT_THAT(story.two.Screen(story.flight, {{"purpose", "immigration.visa"}}),
              IsRefusal(kDenied, "P01"));
  EXPECT_EQ(CountEntries(asker(), "screen.refuse", "dir", "out"), 1U);
  EXPECT_EQ(CountEntries(holder(), "screen.answer"), 0U);
  GoodScreening();
}

TEST_F(ActsTest, NobodyReviewsTwice) {
  TwoNodes::Options options;
  options.set["clause.disclose-terrorism.reviewers_asker"] = "2";
  Begin(options);
  GoodScreening();
  const std::string hit = ExactHit();
  Confirm(hit);
  const Words again = {
      {"hit", hit}, {"verdict", "confirmed"}, {"reason", "once more"}};
  EXPECT_THAT(asker().Do("qor-one", "review", again),
              IsRefusal(kDenied, "same-person"));
  EXPECT_EQ(CountEntries(asker(), "disclose.refuse"), 1U);
  EXPECT_EQ(
      MustDo(asker(), "qor-two", "hits show", {{"hit", hit}})["reviews"].size(),
      1U);
  EXPECT_EQ(MustDo(asker(), "qor-two", "review", again)["state"], "confirmed");
}

TEST_F(ActsTest, OnlyOfficersAndApproversReview) {
  Begin();
  GoodScreening();
  const std::string hit = ExactHit();
  const Words review = {
      {"hit", hit}, {"verdict", "confirmed"}, {"reason", "agrees"}};
  for (const char* person : {"qor-audit", "qor-admin", "qor-dpo", "qor-tech"})
    EXPECT_THAT(asker().Do(person, "review", review),
                IsRefusal(kDenied, "role"))
        << person;
  EXPECT_EQ(CountEntries(asker(), "disclose.refuse"), 4U);
  EXPECT_EQ(CountEntries(asker(), "review.decide"), 0U);
  // What a role may not do at all is refused at the door, and noted there.
  EXPECT_THAT(
      story.two.asker->Do("qor-audit", "screen", {{"flight", story.flight}}),
      IsRefusal(kDenied, "role"));
  EXPECT_EQ(CountEntries(asker(), "login.fail", "reason", "role"), 1U);
  Confirm(hit);
}

TEST_F(ActsTest, NothingIsAskedForWithoutAReview) {
  Begin();
  GoodScreening();
  const std::string hit = ExactHit();
  EXPECT_THAT(asker().Do("qor-one", "disclose ask", AskWords(hit)),
              IsRefusal(kDenied, "C02"));
  EXPECT_EQ(CountEntries(asker(), "disclose.refuse"), 1U);
  EXPECT_EQ(CountEntries(holder(), "disclose.ask"), 0U);
  Confirm(hit);
  EXPECT_EQ(
      MustDo(asker(), "qor-one", "disclose ask", AskWords(hit))["delivered"],
      true);
  EXPECT_EQ(CountEntries(holder(), "disclose.ask"), 1U);
}

TEST_F(ActsTest, NothingIsReleasedWithoutAReview) {
  Begin();
  const std::string hit = Asked();
  const auto early = holder().Do("qva-one", "disclose release", {{"hit", hit}});
  ASSERT_EQ(early.status().code(), kDenied) << early.status();
  EXPECT_THAT(ReasonOf(early.status()), ::testing::HasSubstr("C02"));
  EXPECT_EQ(CountEntries(holder(), "disclose.refuse"), 1U);
  EXPECT_EQ(CountEntries(holder(), "disclose.release"), 0U);
  MustDo(holder(), "qva-two", "review", ApproveWords(hit));
  EXPECT_EQ(
      MustDo(holder(), "qva-one", "disclose release", {{"hit", hit}})["state"],
      "delivered");
}

TEST_F(ActsTest, AFlagThatIsPresentStopsTheRelease) {
  Begin();
  const std::string hit = Asked();
  Words review = ApproveWords(hit);
  review[0].second = "death-penalty-risk=present";
  MustDo(holder(), "qva-two", "review", review);
  const auto refused =
      holder().Do("qva-one", "disclose release", {{"hit", hit}});
  ASSERT_EQ(refused.status().code(), kDenied) << refused.status();
  EXPECT_EQ(ReasonOf(refused.status()), "X01");
  EXPECT_EQ(CountEntries(holder(), "disclose.refuse"), 1U);
  EXPECT_EQ(CountEntries(holder(), "disclose.release"), 0U);
  EXPECT_FALSE(MustDo(asker(), "qor-one", "hits show", {{"hit", hit}})
                   .contains("disclosed"));
}

TEST_F(ActsTest, AFlagThatNobodyLookedAtStopsTheRelease) {
  Begin();
  const std::string hit = Asked();
  Words review = ApproveWords(hit);
  review.erase(review.begin());
  MustDo(holder(), "qva-two", "review", review);
  const auto refused =
      holder().Do("qva-one", "disclose release", {{"hit", hit}});
  ASSERT_EQ(refused.status().code(), kDenied) << refused.status();
  EXPECT_EQ(ReasonOf(refused.status()), "X02");
  EXPECT_EQ(CountEntries(holder(), "disclose.release"), 0U);
  // Another person looks at all of them.
  MustDo(holder(), "qva-duty", "review", ApproveWords(hit));
  EXPECT_EQ(
      MustDo(holder(), "qva-one", "disclose release", {{"hit", hit}})["state"],
      "delivered");
}

}  // namespace
}  // namespace entente::testing
