#include "node/match/rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace entente::match {
namespace {

using Codes = std::vector<std::uint8_t>;

Codes KnownCodes() {
  Codes codes;
  for (unsigned code = 0; code < 256; ++code) {
    if (!RuleName(static_cast<std::uint8_t>(code)).empty()) {
      codes.push_back(static_cast<std::uint8_t>(code));
    }
  }
  return codes;
}

std::set<std::string_view> RulesOf(Set set) {
  std::set<std::string_view> names;
  for (const std::uint8_t code : KnownCodes()) {
    if (Holds(set, code)) names.insert(RuleName(code));
  }
  return names;
}

Tier Of(const Codes& codes) { return Classify(codes); }

TEST(RuleTest, EachRuleHasItsOwnNameAndSentence) {
  std::set<std::string_view> names, sentences;
  for (const std::uint8_t code : KnownCodes()) {
    names.insert(RuleName(code));
    sentences.insert(RuleSentence(code));
  }
  EXPECT_EQ(KnownCodes().size(), 24U);
  EXPECT_EQ(names.size(), 24U);
  EXPECT_EQ(sentences.size(), 24U);
  EXPECT_FALSE(sentences.contains(""));
  EXPECT_EQ(RuleSentence(0x23),
            "surname within one letter, same first initial, same date of "
            "birth");
}

TEST(RuleTest, UnknownCodesHaveNothing) {
  for (const std::uint8_t code :
       Codes{0x00, 0x10, 0x15, 0x28, 0x91, 0xA3, 0xFF}) {
    EXPECT_EQ(RuleName(code), "");
    EXPECT_EQ(RuleSentence(code), "");
    EXPECT_GT(RuleFalseRate(code), 1'000'000'000U);
    EXPECT_FALSE(Holds(Set::kStandard, code) || Holds(Set::kNarrow, code) ||
                 Holds(Set::kWide, code));
  }
}

TEST(RuleTest, SetsHoldTheirRulesAndNoLocalOne) {
  EXPECT_THAT(RulesOf(Set::kStandard),
              ::testing::ElementsAre("A1", "A2", "A3", "A4", "B1", "B2", "B3",
                                     "B4", "B5", "B6", "B7"));
  EXPECT_THAT(RulesOf(Set::kNarrow),
              ::testing::ElementsAre("A1", "A2", "A3", "A4", "B1F", "B2F", "B3",
                                     "B4", "B5F", "B6", "B7F"));
  EXPECT_THAT(RulesOf(Set::kWide),
              ::testing::ElementsAre("C1", "C2", "C3F", "C4", "C5F"));
}

TEST(RuleTest, SetsHaveTheirSizes) {
  EXPECT_EQ(ElementsPerPerson(Set::kStandard), 48U);
  EXPECT_EQ(ElementsPerPerson(Set::kNarrow), 48U);
  EXPECT_EQ(ElementsPerPerson(Set::kWide), 24U);
  EXPECT_EQ(EntriesPerUnit(Set::kStandard), 48U);
  EXPECT_EQ(EntriesPerUnit(Set::kNarrow), 64U);
  EXPECT_EQ(EntriesPerUnit(Set::kWide), 48U);
}

TEST(RuleTest, AnyRuleOfDocumentOrWholeNameIsAHit) {
  for (const std::uint8_t code : Codes{0x11, 0x12, 0x13, 0x14}) {
    EXPECT_EQ(Of({code}), Tier::kHit);
  }
}

TEST(RuleTest, AnyFactoredRuleOfNarrowIsAHit) {
  for (const std::uint8_t code : Codes{0xA1, 0xA2, 0xA5, 0xA7}) {
    EXPECT_EQ(Of({code}), Tier::kHit);
  }
}

TEST(RuleTest, OneFamilyIsPossibleAndTwoAreAHit) {
  for (const std::uint8_t code :
       Codes{0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27}) {
    EXPECT_EQ(Of({code}), Tier::kPossible);
    EXPECT_EQ(Of({code, code}), Tier::kPossible);
  }
  EXPECT_EQ(Of({0x23, 0x24}), Tier::kHit);
  EXPECT_EQ(Of({0x27, 0x26}), Tier::kHit);
  EXPECT_EQ(Of({0x21, 0x22}), Tier::kHit);
  EXPECT_EQ(Of({0x21, 0x25}), Tier::kPossible);
  EXPECT_EQ(Of({0x25, 0x21, 0x23}), Tier::kHit);
}

TEST(RuleTest, WideRulesAreNeverMoreThanPossible) {
  EXPECT_EQ(Of({0x31, 0x32, 0xB3, 0x34, 0xB5}), Tier::kPossible);
  EXPECT_EQ(Of({0x31, 0x21}), Tier::kPossible);
}

TEST(RuleTest, CodesThatNoPeerCanTestCountForNothing) {
  EXPECT_EQ(Of({}), Tier::kNothing);
  EXPECT_EQ(Of({0x00}), Tier::kNothing);
  EXPECT_EQ(Of({0x33, 0x35, 0x41, 0x42}), Tier::kNothing);
  EXPECT_EQ(Of({0x91, 0xFF}), Tier::kNothing);
  EXPECT_EQ(Of({0x33, 0x21}), Tier::kPossible);
}

TEST(RuleTest, EstimateGivesTheFiguresOfThePage) {
  EXPECT_NEAR(ExpectedFalsePairs(Set::kStandard, 10'000, 82'000), 40, 1);
  EXPECT_NEAR(ExpectedFalsePairs(Set::kNarrow, 10'000, 82'000), 16, 1);
  EXPECT_EQ(ExpectedFalsePairs(Set::kStandard, 0, 82'000), 0);
}

}  // namespace
}  // namespace entente::match
