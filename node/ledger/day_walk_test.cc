#include "node/ledger/day_walk.h"

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {
namespace {

using ::testing::ElementsAre;
using testing::HasCode;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = Difference::Kind;

Hash KeyAt(std::size_t i) {
  return primitive::Sha256(AsBytes("key " + std::to_string(i)));
}
DaySet SetOf(std::size_t count) {
  DaySet out;
  for (std::size_t i = 0; i < count; ++i)
    out[KeyAt(i)] = primitive::Sha256(AsBytes("record " + std::to_string(i)));
  return out;
}
AskDayNode Asking(const DaySet& set) {
  return [&set](ByteView nibbles) { return DayNodeAt(set, nibbles); };
}
DayWalk Walked(const DaySet& here, const DaySet& there,
               std::size_t most = 100) {
  const auto walk = WalkDay(here, DayRoot(there), Asking(there), most);
  EXPECT_OK(walk);
  return walk.ok() ? *walk : DayWalk{};
}

TEST(DayWalkTest, OneOfAHundredThousandIsFoundInTwelveMessages) {
  const DaySet all = SetOf(100'000);
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < 100'000; i += 40'000) {
    DaySet without = all;
    without.erase(KeyAt(i));
    const DayWalk here = Walked(without, all);
    EXPECT_THAT(here.differences,
                ElementsAre(Difference{Kind::kMissingHere, KeyAt(i)}));
    const DayWalk there = Walked(all, without);
    EXPECT_THAT(there.differences,
                ElementsAre(Difference{Kind::kMissingThere, KeyAt(i)}));
    most = std::max({most, here.asked, there.asked});
  }
  // A question and an answer for each node, and for the note of the day.
  EXPECT_LE(2 * (most + 1), 12U) << most;
}

TEST(DayWalkTest, EqualDaysAskNothing) {
  const DaySet all = SetOf(1000);
  EXPECT_THAT(Walked(all, all).differences, IsEmpty());
  EXPECT_EQ(Walked(all, all).asked, 0U);
  EXPECT_EQ(Walked({}, {}).asked, 0U);
}

TEST(DayWalkTest, FindsWhatAComparisonOfWholeSetsFinds) {
  for (const std::size_t count : {1U, 2U, 16U, 17U, 300U, 5000U}) {
    const DaySet all = SetOf(count);
    DaySet other = all;
    for (std::size_t i = 0; i < count; i += 7) {
      if (i % 2 == 0) other.erase(KeyAt(i));
      if (i % 3 == 0) other[KeyAt(i)] = Hash{9};
      other[KeyAt(count + i)] = Hash{8};
    }
    EXPECT_EQ(Walked(all, other, 100'000).differences, Compare(all, other));
    EXPECT_EQ(Walked(other, all, 100'000).differences, Compare(other, all));
  }
}

TEST(DayWalkTest, ASideThatLogsNothingIsNamedAtOnce) {
  const DaySet all = SetOf(50);
  const DayWalk walk = Walked(all, {});
  EXPECT_THAT(walk.differences, SizeIs(50));
  EXPECT_EQ(walk.asked, 0U);
  EXPECT_FALSE(walk.more);
  const DayWalk cut = Walked(all, {}, 10);
  EXPECT_THAT(cut.differences, SizeIs(10));
  EXPECT_TRUE(cut.more);
}

TEST(DayWalkTest, AnAnswerThatDoesNotLeadToTheSignedRootIsRefused) {
  const DaySet all = SetOf(2000);
  DaySet here = all;
  here.erase(KeyAt(3));
  const std::function<void(DayNode&)> lies[] = {
      [](DayNode& node) { node.digest[0] ^= 1; },
      [](DayNode& node) { ++node.count; },
      [](DayNode& node) { node.count = 1; },
      [](DayNode& node) {
        if (!node.children.empty()) node.children[5][0] ^= 1;
        if (!node.records.empty()) node.records[0].second[0] ^= 1;
      },
      [](DayNode& node) {
        if (!node.children.empty()) node.children.pop_back();
        if (!node.records.empty()) node.records.pop_back();
      },
      [](DayNode& node) { node.records.emplace_back(); },
  };
  for (const auto& lie : lies) {
    // Whether it lies from the first answer on, or only at the end.
    for (const std::size_t depth : {0U, 2U}) {
      const auto ask = [&](ByteView nibbles) -> absl::StatusOr<DayNode> {
        TRY(DayNode node, DayNodeAt(all, nibbles));
        if (nibbles.size() >= depth) lie(node);
        return node;
      };
      EXPECT_THAT(WalkDay(here, DayRoot(all), ask, 100),
                  HasCode(absl::StatusCode::kDataLoss));
    }
  }
  // Records of another place, though they exist.
  const auto elsewhere = [&](ByteView) { return DayNodeAt(SetOf(3), {}); };
  EXPECT_THAT(WalkDay(here, DayRoot(all), elsewhere, 100),
              HasCode(absl::StatusCode::kDataLoss));
}

TEST(DayWalkTest, ANoteHasOneSpelling) {
  const std::string text = DayNoteText(Hash{1}, "2027-01-01", SetOf(12));
  ASSERT_OK_AND_ASSIGN(const DayNote note, ParseDayNote(text));
  EXPECT_EQ(note.agreement, Hash{1});
  EXPECT_EQ(note.day, "2027-01-01");
  EXPECT_EQ(note.count, 12U);
  EXPECT_EQ(note.root, DayRoot(SetOf(12)));
  for (std::size_t cut = 0; cut < text.size(); ++cut)
    EXPECT_FALSE(ParseDayNote(text.substr(0, cut)).ok()) << cut;
  EXPECT_FALSE(ParseDayNote(text + "\n").ok());
  std::string zero = text;
  zero.replace(zero.find("\n12\n"), 4, "\n012\n");
  EXPECT_FALSE(ParseDayNote(zero).ok());
}

}  // namespace
}  // namespace entente::ledger
