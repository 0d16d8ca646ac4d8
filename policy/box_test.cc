// The algebra of boxes against membership, over random boxes and acts.

#include "policy/box.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace entente::policy {
namespace {

using Random = std::mt19937;

std::uint32_t Below(Random& random, std::uint32_t limit) {
  return static_cast<std::uint32_t>(random()) % limit;
}

// Few values on every axis, so that boxes meet.
Box SomeBox(Random& random) {
  Box box;
  box.action = Action::kOnward;
  for (IndexSet& set : box.sets) {
    set = {1 + Below(random, 3), 0};  // {0}, {1} or both
    if (Below(random, 8) == 0) set.high = 1;
  }
  // Most boxes leave most ranges whole.
  for (Range& range : box.ranges) {
    range = {0, 6};
    if (Below(random, 3) == 0) {
      range.from = Below(random, 5);
      range.to = range.from + 1 + Below(random, 3);
    }
  }
  for (std::uint16_t r = 0; r < 3; ++r) {
    if (Below(random, 3) != 0 || (r == 2 && box.receivers.empty())) {
      box.receivers.push_back(r);
    }
  }
  box.flags.absent = Below(random, 8) & Below(random, 8);
  return box;
}

Act SomeAct(Random& random) {
  Act act;
  act.action = Action::kOnward;
  for (std::uint8_t& value : act.sets) {
    value = static_cast<std::uint8_t>(Below(random, 9) == 0 ? 64
                                                            : Below(random, 2));
  }
  act.sets[0] = static_cast<std::uint8_t>(Below(random, 2));
  act.sets[1] = static_cast<std::uint8_t>(1 - act.sets[0]);
  for (std::uint64_t& value : act.ranges) value = Below(random, 8);
  act.receiver = static_cast<std::uint16_t>(Below(random, 3));
  act.checked_absent = Below(random, 8);
  return act;
}

// An act near a box: of its values, one perhaps another.
Act ActNear(Random& random, const Box& box) {
  Act act = SomeAct(random);
  const Act far = act;
  for (std::size_t i = 2; i < kSetAxes; ++i) {
    const auto members = box.sets[i].Members();
    act.sets[i] = static_cast<std::uint8_t>(
        members[Below(random, static_cast<std::uint32_t>(members.size()))]);
  }
  for (std::size_t i = 0; i < kRangeAxes; ++i) {
    const Range& range = box.ranges[i];
    act.ranges[i] =
        range.from +
        Below(random, static_cast<std::uint32_t>(range.to - range.from));
  }
  if (Below(random, 2) == 0) {
    const std::size_t axis = Below(random, kRangeAxes);
    act.ranges[axis] = far.ranges[axis];
  }
  return act;
}

std::size_t HeldBy(const std::vector<Box>& boxes, const Act& act) {
  return static_cast<std::size_t>(
      std::count_if(boxes.begin(), boxes.end(),
                    [&](const Box& box) { return Holds(box, act); }));
}

TEST(BoxTest, ADifferenceIsExactAndDisjoint) {
  Random random(41);
  int inside = 0;
  for (int i = 0; i < 4000; ++i) {
    const Box from = SomeBox(random);
    std::vector<Box> taken;
    for (std::uint32_t n = Below(random, 5); n > 0; --n) {
      taken.push_back(SomeBox(random));
    }
    const std::vector<Box> left = Difference({from}, taken);
    std::vector<Box> merged = left;
    Merge(merged);
    ASSERT_LE(merged.size(), left.size());
    for (int j = 0; j < 60; ++j) {
      const Act act = ActNear(random, from);
      const bool expected = Holds(from, act) && !Holds(taken, act);
      ASSERT_EQ(HeldBy(left, act), expected ? 1U : 0U);
      ASSERT_EQ(Holds(merged, act), expected);
      inside += expected ? 1 : 0;
    }
  }
  EXPECT_GT(inside, 10000);
}

TEST(BoxTest, MergeKeepsEveryActAndAddsNone) {
  Random random(42);
  for (int i = 0; i < 4000; ++i) {
    // Variations of one box on one axis, so that there is something to merge.
    const Box base = SomeBox(random);
    std::vector<Box> boxes{base};
    for (int n = 0; n < 5; ++n) {
      Box other = base;
      const Box source = SomeBox(random);
      const std::size_t axis = Below(random, kSetAxes + kRangeAxes);
      if (axis < kSetAxes) {
        other.sets[axis] = source.sets[axis];
      } else {
        other.ranges[axis - kSetAxes] = {Below(random, 6), 7};
        other.ranges[axis - kSetAxes].to =
            other.ranges[axis - kSetAxes].from + 1;
      }
      if (!other.Empty()) boxes.push_back(other);
    }
    std::vector<Box> merged = boxes;
    Merge(merged);
    for (int j = 0; j < 60; ++j) {
      const Act act = ActNear(
          random,
          boxes[Below(random, static_cast<std::uint32_t>(boxes.size()))]);
      ASSERT_EQ(Holds(merged, act), Holds(boxes, act));
    }
  }
}

TEST(BoxTest, CommonHoldsWhatBothHold) {
  Random random(43);
  int met = 0;
  for (int i = 0; i < 15000; ++i) {
    const Box a = SomeBox(random);
    const Box b = SomeBox(random);
    const bool meet = Meet(a, b);
    met += meet ? 1 : 0;
    const Box common = Common(a, b);
    ASSERT_EQ(meet, Apart(a, b) == 0 && !common.Empty());
    for (int j = 0; j < 20; ++j) {
      const Act act = ActNear(random, a);
      const bool both = Holds(a, act) && Holds(b, act);
      ASSERT_EQ(meet && Holds(common, act), both);
    }
  }
  EXPECT_GT(met, 400);
}

TEST(BoxTest, NobodyExchangesWithItself) {
  Box box;
  box.sets.fill(IndexSet::One(3));
  box.ranges.fill({0, 1});
  EXPECT_TRUE(box.Empty());
  box.at(SetAxis::kAsker) = IndexSet::One(3) | IndexSet::One(100);
  EXPECT_FALSE(box.Empty());
  Act act;
  act.sets.fill(3);
  EXPECT_FALSE(Holds(box, act));
  act.sets[AxisNumber(SetAxis::kAsker)] = 100;
  EXPECT_TRUE(Holds(box, act));
}

TEST(BoxTest, SetsReachTo128) {
  EXPECT_TRUE(IndexSet::One(128).empty());
  EXPECT_EQ(IndexSet::Below(128).size(), 128U);
  EXPECT_EQ(IndexSet::Below(65).Members().back(), 64U);
  EXPECT_EQ(IndexSet::Below(0).size(), 0U);
  EXPECT_FALSE(IndexSet::Below(64).Has(64));
  EXPECT_FALSE(IndexSet::Below(128).Has(128));
}

}  // namespace
}  // namespace entente::policy
