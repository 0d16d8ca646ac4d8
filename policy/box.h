#pragma once
// Boxes: the sets in which permitted acts are counted, compared and subtracted.
// A box is a product of one set or range per axis, so the difference of two
// boxes is a handful of boxes, exactly, without a solver.
//
// An act in the sense of these boxes speaks of ONE field that one side releases
// for one purpose leaf. Indexes are those of a Universe (permitted.h).
// Values; pure. Source: agreements.md 6, "Diff".

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "policy/words.h"

namespace entente::policy {

// A set of indexes below 128.
struct IndexSet {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  static IndexSet One(std::size_t index);
  static IndexSet Below(std::size_t count);
  bool empty() const { return (low | high) == 0; }
  std::size_t size() const {
    return static_cast<std::size_t>(std::popcount(low) + std::popcount(high));
  }
  bool Has(std::size_t index) const {
    return index < 128 &&
           (((index < 64 ? low : high) >> (index % 64)) & 1U) != 0;
  }
  bool Covers(const IndexSet& other) const { return (other - *this).empty(); }
  IndexSet operator&(const IndexSet& o) const {
    return {low & o.low, high & o.high};
  }
  IndexSet operator|(const IndexSet& o) const {
    return {low | o.low, high | o.high};
  }
  IndexSet operator-(const IndexSet& o) const {
    return {low & ~o.low, high & ~o.high};
  }
  auto operator<=>(const IndexSet&) const = default;
  // The members in rising order.
  std::vector<std::size_t> Members() const;
};

// Half-open: from <= x < to.
struct Range {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  bool empty() const { return from >= to; }
  bool Has(std::uint64_t x) const { return from <= x && x < to; }
  bool operator==(const Range&) const = default;
};
// Above every value that an act can have.
inline constexpr std::uint64_t kNoUpperLimit = std::uint64_t{1} << 40U;

// What must be known of the flags: every one in `absent` was checked absent,
// and of each set in `open` at least one was not. Bits by Flag.
struct FlagRule {
  std::uint32_t absent = 0;
  std::vector<std::uint32_t> open;
  bool Possible() const;
  bool Has(std::uint32_t checked_absent) const;
  bool operator==(const FlagRule&) const = default;
};

// The axes that are sets, in the order in which a difference is cut: what a
// reader wants to hear first stays widest.
enum class SetAxis : std::uint8_t {
  kHolder,
  kAsker,
  kField,
  kPurpose,
  kBasis,
  kRole,
  kRoute,
  kUrgency,
  kMatchSet,
  kCase,  // 0 without, 1 with a case
  kLast = kCase
};
inline constexpr std::size_t kSetAxes =
    static_cast<std::size_t>(SetAxis::kLast) + 1;

// The axes that are numbers. A use is what was used plus the units of this act.
enum class RangeAxis : std::uint8_t {
  kApprovalsHolder,
  kApprovalsAsker,
  kRecordAge,  // hours
  kUseDay,
  kUseYear,
  kUseCase,
  kLast = kUseCase
};
inline constexpr std::size_t kRangeAxes =
    static_cast<std::size_t>(RangeAxis::kLast) + 1;

// Whether the field is the holder's, or goes along with the asker's request.
enum class Side : std::uint8_t { kReleased, kOffered, kLast = kOffered };

struct Box {
  Action action = Action::kScreen;
  Dataset dataset = Dataset::kApi;
  Side side = Side::kReleased;
  std::uint16_t clause = 0;  // of the document that the box comes from
  std::array<IndexSet, kSetAxes> sets{};
  std::array<Range, kRangeAxes> ranges{};
  std::vector<std::uint16_t> receivers;  // sorted; empty: has no such axis
  FlagRule flags;

  IndexSet& at(SetAxis axis) { return sets[static_cast<std::size_t>(axis)]; }
  const IndexSet& at(SetAxis axis) const {
    return sets[static_cast<std::size_t>(axis)];
  }
  Range& at(RangeAxis axis) { return ranges[static_cast<std::size_t>(axis)]; }
  const Range& at(RangeAxis axis) const {
    return ranges[static_cast<std::size_t>(axis)];
  }
  // No act is inside: an empty axis, or nobody but one party with itself.
  bool Empty() const;
  bool SameKind(const Box& other) const {
    return action == other.action && dataset == other.dataset &&
           side == other.side;
  }
  bool operator==(const Box&) const = default;
};

// One act. A box holds it, or does not.
struct Act {
  Action action = Action::kScreen;
  Dataset dataset = Dataset::kApi;
  Side side = Side::kReleased;
  std::array<std::uint8_t, kSetAxes> sets{};
  std::array<std::uint64_t, kRangeAxes> ranges{};
  std::uint16_t receiver = 0;
  std::uint32_t checked_absent = 0;  // bits by Flag
};
bool Holds(const Box& box, const Act& act);
bool Holds(const std::vector<Box>& boxes, const Act& act);

// The axes, as in the loops over them, on which two boxes of one kind have no
// value in common: bits by SetAxis, then RangeAxis, then receivers, flags.
inline constexpr std::size_t kReceiverAxis = kSetAxes + kRangeAxes;
inline constexpr std::size_t kFlagAxis = kReceiverAxis + 1;
constexpr std::size_t AxisNumber(SetAxis axis) {
  return static_cast<std::size_t>(axis);
}
constexpr std::size_t AxisNumber(RangeAxis axis) {
  return kSetAxes + static_cast<std::size_t>(axis);
}
std::uint32_t Apart(const Box& a, const Box& b);
// Whether some act is in both.
bool Meet(const Box& a, const Box& b);
// The acts of both, as a box with the clause of `a`.
Box Common(const Box& a, const Box& b);

// Adds to `out` what is in `from` and not in `taken`, as disjoint boxes with
// the clause of `from`. `taken.flags.open` is empty.
void Subtract(const Box& from, const Box& taken, std::vector<Box>& out);
// All of `from` that is in no box of `taken`.
std::vector<Box> Difference(const std::vector<Box>& from,
                            const std::vector<Box>& taken);
// Fewer boxes for the same acts: those of one clause that differ on one axis.
void Merge(std::vector<Box>& boxes);

}  // namespace entente::policy
