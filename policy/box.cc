#include "policy/box.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "crypto/base/status.h"

namespace entente::policy {
namespace {

constexpr std::size_t kHolder = AxisNumber(SetAxis::kHolder);
constexpr std::size_t kAsker = AxisNumber(SetAxis::kAsker);

void Keep(Box box, std::vector<Box>& out) {
  if (!box.Empty()) out.push_back(std::move(box));
}

bool Disjoint(const std::vector<std::uint16_t>& a,
              const std::vector<std::uint16_t>& b) {
  // Boxes of one kind have receivers both, or neither.
  if (a.empty() && b.empty()) return false;
  return std::none_of(a.begin(), a.end(), [&](std::uint16_t receiver) {
    return std::binary_search(b.begin(), b.end(), receiver);
  });
}

Range Overlap(const Range& a, const Range& b) {
  return {std::max(a.from, b.from), std::min(a.to, b.to)};
}

FlagRule Both(const FlagRule& a, const FlagRule& b) {
  FlagRule out = a;
  out.absent |= b.absent;
  for (std::uint32_t open : b.open) {
    if (std::find(out.open.begin(), out.open.end(), open) == out.open.end()) {
      out.open.push_back(open);
    }
  }
  return out;
}

// Adds the parts of `left` on one axis outside `taken`, and narrows `left` to
// the part inside.
void CutSet(Box& left, const Box& taken, std::size_t axis,
            std::vector<Box>& out) {
  const IndexSet rest = left.sets[axis] - taken.sets[axis];
  if (rest.empty()) return;
  Box piece = left;
  piece.sets[axis] = rest;
  Keep(std::move(piece), out);
  left.sets[axis] = left.sets[axis] & taken.sets[axis];
}

void CutRange(Box& left, const Box& taken, std::size_t axis,
              std::vector<Box>& out) {
  const Range whole = left.ranges[axis];
  const Range inside = Overlap(whole, taken.ranges[axis]);
  for (const Range& rest :
       {Range{whole.from, inside.from}, Range{inside.to, whole.to}}) {
    if (rest.empty()) continue;
    Box piece = left;
    piece.ranges[axis] = rest;
    Keep(std::move(piece), out);
  }
  left.ranges[axis] = inside;
}

void CutReceivers(Box& left, const Box& taken, std::vector<Box>& out) {
  if (left.receivers == taken.receivers) return;
  std::vector<std::uint16_t> rest;
  std::vector<std::uint16_t> inside;
  std::set_difference(left.receivers.begin(), left.receivers.end(),
                      taken.receivers.begin(), taken.receivers.end(),
                      std::back_inserter(rest));
  std::set_intersection(left.receivers.begin(), left.receivers.end(),
                        taken.receivers.begin(), taken.receivers.end(),
                        std::back_inserter(inside));
  if (!rest.empty()) {
    Box piece = left;
    piece.receivers = std::move(rest);
    Keep(std::move(piece), out);
  }
  left.receivers = std::move(inside);
}

// What remains needs a flag that `taken` wants absent and that is not.
void CutFlags(const Box& left, const Box& taken, std::vector<Box>& out) {
  const std::uint32_t more = taken.flags.absent & ~left.flags.absent;
  if (more == 0) return;
  Box piece = left;
  std::vector<std::uint32_t>& open = piece.flags.open;
  // A set that holds a smaller one says nothing more than the smaller one.
  const auto within = [](std::uint32_t small, std::uint32_t big) {
    return (small & ~big) == 0;
  };
  if (std::none_of(open.begin(), open.end(),
                   [&](std::uint32_t mask) { return within(mask, more); })) {
    std::erase_if(open, [&](std::uint32_t mask) { return within(more, mask); });
    open.push_back(more);
  }
  Keep(std::move(piece), out);
}

// Nobody exchanges with itself, so one party alone on one side leaves the other
// side; boxes with the same acts then look the same.
void DropItself(Box& box) {
  IndexSet& holders = box.sets[kHolder];
  IndexSet& askers = box.sets[kAsker];
  if (holders.size() == 1) askers = askers - holders;
  if (askers.size() == 1) holders = holders - askers;
}

// Makes `a` the union when they differ on one set, or on one range that goes
// on.
bool Unite(Box& a, const Box& b) {
  if (!a.SameKind(b) || a.clause != b.clause || a.flags != b.flags ||
      a.receivers != b.receivers) {
    return false;
  }
  std::size_t differ = 0;
  std::size_t axis = 0;
  for (std::size_t i = 0; i < kSetAxes && differ < 2; ++i) {
    if (a.sets[i] == b.sets[i]) continue;
    ++differ;
    axis = i;
  }
  for (std::size_t i = 0; i < kRangeAxes && differ < 2; ++i) {
    if (a.ranges[i] == b.ranges[i]) continue;
    ++differ;
    axis = kSetAxes + i;
  }
  if (differ > 1) return false;
  if (differ == 0) return true;
  if (axis < kSetAxes) {
    a.sets[axis] = a.sets[axis] | b.sets[axis];
    return true;
  }
  Range& whole = a.ranges[axis - kSetAxes];
  const Range& more = b.ranges[axis - kSetAxes];
  if (whole.to < more.from || more.to < whole.from) return false;
  whole = {std::min(whole.from, more.from), std::max(whole.to, more.to)};
  return true;
}

}  // namespace

IndexSet IndexSet::One(std::size_t index) {
  if (index >= 128) return {};
  const std::uint64_t bit = std::uint64_t{1} << (index % 64);
  return index < 64 ? IndexSet{bit, 0} : IndexSet{0, bit};
}

IndexSet IndexSet::Below(std::size_t count) {
  const auto low_bits = [](std::size_t n) {
    return n >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1;
  };
  return {low_bits(count), count > 64 ? low_bits(count - 64) : 0};
}

std::vector<std::size_t> IndexSet::Members() const {
  std::vector<std::size_t> out;
  out.reserve(size());
  for (std::size_t i = 0; i < 128; ++i) {
    if (Has(i)) out.push_back(i);
  }
  return out;
}

bool FlagRule::Possible() const {
  return std::all_of(open.begin(), open.end(), [this](std::uint32_t mask) {
    return (mask & ~absent) != 0;
  });
}

bool FlagRule::Has(std::uint32_t checked_absent) const {
  return (absent & ~checked_absent) == 0 &&
         std::all_of(open.begin(), open.end(), [&](std::uint32_t mask) {
           return (mask & ~checked_absent) != 0;
         });
}

bool Box::Empty() const {
  return std::any_of(sets.begin(), sets.end(),
                     [](const IndexSet& set) { return set.empty(); }) ||
         std::any_of(ranges.begin(), ranges.end(),
                     [](const Range& range) { return range.empty(); }) ||
         (sets[kHolder].size() == 1 && sets[kHolder] == sets[kAsker]) ||
         !flags.Possible();
}

bool Holds(const Box& box, const Act& act) {
  if (box.action != act.action || box.dataset != act.dataset ||
      box.side != act.side || act.sets[kHolder] == act.sets[kAsker]) {
    return false;
  }
  for (std::size_t i = 0; i < kSetAxes; ++i) {
    if (!box.sets[i].Has(act.sets[i])) return false;
  }
  for (std::size_t i = 0; i < kRangeAxes; ++i) {
    if (!box.ranges[i].Has(act.ranges[i])) return false;
  }
  return (box.receivers.empty() ||
          std::binary_search(box.receivers.begin(), box.receivers.end(),
                             act.receiver)) &&
         box.flags.Has(act.checked_absent);
}

bool Holds(const std::vector<Box>& boxes, const Act& act) {
  return std::any_of(boxes.begin(), boxes.end(),
                     [&](const Box& box) { return Holds(box, act); });
}

std::uint32_t Apart(const Box& a, const Box& b) {
  std::uint32_t apart = 0;
  for (std::size_t i = 0; i < kSetAxes; ++i) {
    if ((a.sets[i] & b.sets[i]).empty()) apart |= 1U << i;
  }
  for (std::size_t i = 0; i < kRangeAxes; ++i) {
    if (Overlap(a.ranges[i], b.ranges[i]).empty()) {
      apart |= 1U << (kSetAxes + i);
    }
  }
  if (Disjoint(a.receivers, b.receivers)) apart |= 1U << kReceiverAxis;
  if (!Both(a.flags, b.flags).Possible()) apart |= 1U << kFlagAxis;
  return apart;
}

bool Meet(const Box& a, const Box& b) {
  if (!a.SameKind(b)) return false;
  const IndexSet holders = a.sets[kHolder] & b.sets[kHolder];
  const IndexSet askers = a.sets[kAsker] & b.sets[kAsker];
  return !(holders.size() == 1 && holders == askers) && Apart(a, b) == 0;
}

Box Common(const Box& a, const Box& b) {
  Box out = a;
  for (std::size_t i = 0; i < kSetAxes; ++i) {
    out.sets[i] = a.sets[i] & b.sets[i];
  }
  for (std::size_t i = 0; i < kRangeAxes; ++i) {
    out.ranges[i] = Overlap(a.ranges[i], b.ranges[i]);
  }
  std::vector<std::uint16_t> inside;
  std::set_intersection(a.receivers.begin(), a.receivers.end(),
                        b.receivers.begin(), b.receivers.end(),
                        std::back_inserter(inside));
  out.receivers = std::move(inside);
  out.flags = Both(a.flags, b.flags);
  return out;
}

void Subtract(const Box& from, const Box& taken, std::vector<Box>& out) {
  CHECK(taken.flags.open.empty());
  if (!Meet(from, taken)) {
    Keep(from, out);
    return;
  }
  Box left = from;
  for (std::size_t i = 0; i < kSetAxes; ++i) CutSet(left, taken, i, out);
  CutReceivers(left, taken, out);
  for (std::size_t i = 0; i < kRangeAxes; ++i) CutRange(left, taken, i, out);
  CutFlags(left, taken, out);
}

std::vector<Box> Difference(const std::vector<Box>& from,
                            const std::vector<Box>& taken) {
  std::vector<Box> out;
  std::vector<Box> left;
  std::vector<Box> next;
  for (const Box& box : from) {
    left.assign(1, box);
    for (const Box& cut : taken) {
      if (!Meet(box, cut)) continue;
      next.clear();
      for (const Box& piece : left) Subtract(piece, cut, next);
      left.swap(next);
      if (left.empty()) break;
    }
    std::move(left.begin(), left.end(), std::back_inserter(out));
  }
  return out;
}

void Merge(std::vector<Box>& boxes) {
  for (Box& box : boxes) DropItself(box);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    for (std::size_t j = i + 1; j < boxes.size();) {
      if (Unite(boxes[i], boxes[j])) {
        boxes.erase(boxes.begin() + static_cast<std::ptrdiff_t>(j));
        j = i + 1;  // the wider box may now take in one that it passed
      } else {
        ++j;
      }
    }
  }
}

}  // namespace entente::policy
