#include "node/match/list_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "node/match/made_people.h"

namespace entente::match {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<model::ListEntry> Entries(std::size_t same) {
  std::vector<model::ListEntry> entries;
  for (std::size_t i = 0; i < same; ++i) {
    entries.push_back(MadeEntry(
        MadePerson("VALDERMAN", "ORSINA", "198" + std::to_string(i))));
  }
  return entries;
}

TEST(ListCheckTest, AHealthyListHasNothingToTell) {
  const ListReport report = CheckList(Entries(3), Set::kStandard);
  EXPECT_EQ(report.units, 3U);
  EXPECT_THAT(report.shared, IsEmpty());
  EXPECT_THAT(report.without_keys, IsEmpty());
  ASSERT_EQ(report.rules.size(), 1U);
  EXPECT_EQ(report.rules[0].rule, 0x27);
  EXPECT_EQ(report.rules[0].units, 3U);
}

TEST(ListCheckTest, AKeyOfMoreThanThreeEntriesIsTold) {
  std::vector<model::ListEntry> entries = Entries(4);
  for (model::ListEntry& entry : entries) entry.dobs = {"1987", "1987"};
  EXPECT_THAT(CheckList({entries.data(), 3}, Set::kStandard).shared, IsEmpty());
  const ListReport report = CheckList(entries, Set::kStandard);
  EXPECT_EQ(report.units, 8U);
  ASSERT_EQ(report.shared.size(), 1U);
  EXPECT_EQ(report.shared[0].rule, 0x27);
  EXPECT_THAT(report.shared[0].entries, ElementsAre(0U, 1U, 2U, 3U));
}

TEST(ListCheckTest, EntriesThatNobodyCanFindAreTold) {
  std::vector<model::ListEntry> entries = Entries(2);
  entries.push_back(MadeEntry(MadePerson("SOLO", "", "19751209")));
  entries.push_back(MadeEntry(MadePerson("VALDERMAN", "ORSINA", "")));
  const ListReport report = CheckList(entries, Set::kStandard);
  EXPECT_THAT(report.without_keys, ElementsAre(2U, 3U));
  EXPECT_EQ(report.tally.name_too_short, 1U);
  EXPECT_EQ(report.tally.without_keys, 2U);
}

}  // namespace
}  // namespace entente::match
