#include "policy/reason.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "crypto/base/status.h"
#include "tests/testing/shared_data.h"

namespace entente::policy {
namespace {

// What a peer sees of a reason, in words.
std::string Shown(Reason reason) {
  const PeerAnswer answer = AnswerForPeer(Bit(reason));
  return PeerClassOf(reason) == PeerClass::kNeverSent ? "never sent"
                                                      : answer.Text();
}

// The table of docs/reference/reasons.md.
std::string Table() {
  std::string out =
      "| code | name | the peer sees | meaning | next "
      "|\n|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < kReasons; ++i) {
    const Reason reason = static_cast<Reason>(i);
    const ReasonText& text = TextOf(reason);
    out += Join({"| ", text.code, " | ", text.name, " | ", Shown(reason), " | ",
                 text.sentence, " | ", text.next, " |\n"});
  }
  return out;
}

TEST(ReasonTest, TheReferencePageIsTheTableOfTheCode) {
  const std::string page = testing::ReadFile(testing::SourceDir() / "docs" /
                                             "reference" / "reasons.md");
  constexpr std::string_view kBegin = "<!-- policy: begin -->\n";
  constexpr std::string_view kEnd = "<!-- policy: end -->\n";
  const std::size_t begin = page.find(kBegin);
  const std::size_t end = page.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  EXPECT_EQ(page.substr(begin + kBegin.size(), end - begin - kBegin.size()),
            Table());
}

TEST(ReasonTest, BitsNeverMove) {
  EXPECT_EQ(Bit(Reason::kA01), 1U);
  EXPECT_EQ(static_cast<int>(Reason::kC01), 4);
  EXPECT_EQ(static_cast<int>(Reason::kS01), 22);
  EXPECT_EQ(static_cast<int>(Reason::kX02), 40);
}

TEST(ReasonTest, EveryReasonHasItsOwnNamesAndANextStep) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kReasons; ++i) {
    const ReasonText& text = TextOf(static_cast<Reason>(i));
    EXPECT_TRUE(names.insert(text.code).second);
    EXPECT_TRUE(names.insert(text.name).second);
    EXPECT_FALSE(text.sentence.empty());
    EXPECT_FALSE(text.next.empty());
    EXPECT_EQ(ReasonFromName(text.code), static_cast<Reason>(i));
  }
  EXPECT_FALSE(ReasonFromName("R00").has_value());
  EXPECT_FALSE(ReasonFromName("").has_value());
}

// What would disclose leaves only as R00, and nothing tells its kinds apart.
TEST(ReasonTest, ReasonsThatWouldDiscloseLookAlike) {
  for (Reason reason :
       {Reason::kX01, Reason::kL01, Reason::kH01, Reason::kH02}) {
    EXPECT_EQ(AnswerForPeer(Bit(reason)).Text(), "refused R00");
  }
}

TEST(ReasonTest, ReasonsThatNeverLeaveGiveNoCode) {
  for (Reason reason :
       {Reason::kC08, Reason::kT01, Reason::kT02, Reason::kT03}) {
    EXPECT_EQ(AnswerForPeer(Bit(reason)).Text(), "unavailable");
  }
  EXPECT_EQ(AnswerForPeer(0).Text(), "unavailable");
}

TEST(ReasonTest, WhatThePeerCanWorkOutComesFirst) {
  EXPECT_EQ(AnswerForPeer(Bit(Reason::kX01) | Bit(Reason::kP01)).Text(),
            "outside P01");
  EXPECT_EQ(AnswerForPeer(Bit(Reason::kX01) | Bit(Reason::kC04)).Text(),
            "limit C04");
  EXPECT_EQ(AnswerForPeer(Bit(Reason::kX01) | Bit(Reason::kC02)).Text(),
            "refused R00");
  EXPECT_EQ(AnswerForPeer(Bit(Reason::kS01) | Bit(Reason::kA01)).Text(),
            "not-in-force S01");
  EXPECT_EQ(AnswerForPeer(Bit(Reason::kS04) | Bit(Reason::kS01)).Text(),
            "agreement-differs");
  EXPECT_EQ(AnswerForPeer(Bit(Reason::kC02) | Bit(Reason::kC01)).Text(),
            "pending C01");
}

TEST(ReasonTest, ListsInBitOrder) {
  EXPECT_EQ(ReasonList(Bit(Reason::kX02) | Bit(Reason::kA01)), "A01 X02");
  EXPECT_EQ(ReasonList(0), "");
}

}  // namespace
}  // namespace entente::policy
