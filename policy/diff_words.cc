// Boxes of acts as lines that a lawyer can read. A line says by what the acts
// differ from the nearest acts of the other version, and names everything else
// only where it is less than the whole clause.

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "crypto/base/status.h"
#include "policy/diff_parts.h"
#include "policy/diff_phrases.h"

namespace entente::policy {
namespace {

using phrases::JoinWords;

using Pairs = std::set<std::pair<std::size_t, std::size_t>>;

class Teller {
 public:
  explicit Teller(const Telling& telling) : t_(telling) {
    const Agreement& refuses = t_.refuses.agreement;
    const Agreement& allows = t_.allows.agreement;
    AddRefusals(refuses.prohibitions, allows.prohibitions, "prohibition");
    AddRefusals(refuses.reservations, allows.reservations, "reservation");
    for (std::uint16_t i = 0; i < allows.clauses.size(); ++i) {
      for (Side side : {Side::kReleased, Side::kOffered}) {
        whole_[static_cast<std::size_t>(side)].push_back(
            ClauseBox(t_.allows, t_.universe, i, side));
      }
    }
  }

  // The line of one box without its pairs: `{}` stands for them.
  struct Told {
    std::string text;
    bool gives = false;  // names fields: `QOR gives QVA ...`
  };
  Told Tell(const Box& box) const {
    const Box& whole = whole_[static_cast<std::size_t>(box.side)][box.clause];
    const Box* nearest = Nearest(box);
    Told out;
    out.gives = IsFlow(box, nearest);
    out.text =
        (out.gives ? Flow(box, whole) : Condition(box, whole, *nearest)) +
        Cause(box);
    return out;
  }

  // Whether the other version knows no such flow under any conditions.
  bool IsFlow(const Box& box) const { return IsFlow(box, Nearest(box)); }

 private:
  static constexpr std::uint32_t kFlowAxes =
      (1U << AxisNumber(SetAxis::kHolder)) |
      (1U << AxisNumber(SetAxis::kAsker)) |
      (1U << AxisNumber(SetAxis::kField)) |
      (1U << AxisNumber(SetAxis::kPurpose));

  static bool IsFlow(const Box& box, const Box* nearest) {
    if (nearest == nullptr) return true;
    const std::uint32_t differs = Apart(box, *nearest);
    return differs == 0 || (differs & kFlowAxes) != 0;
  }

  // The box of the other version that fails on the fewest axes; of the clause
  // with the same id, if several do.
  const Box* Nearest(const Box& box) const {
    const std::string& id = t_.allows.agreement.clauses[box.clause].id;
    const Box* best = nullptr;
    int fewest = std::numeric_limits<int>::max();
    for (const Box& other : t_.refuses_boxes) {
      if (!box.SameKind(other)) continue;
      const bool same_id = t_.refuses.agreement.clauses[other.clause].id == id;
      const std::uint32_t apart = Apart(box, other);
      const int cost = 2 * std::popcount(apart) +
                       8 * std::popcount(apart & kFlowAxes) + (same_id ? 0 : 1);
      if (cost < fewest) {
        fewest = cost;
        best = &other;
      }
    }
    return best;
  }

  std::string Fields(const Box& box, const Box& whole) const {
    const IndexSet& fields = box.at(SetAxis::kField);
    if (fields == whole.at(SetAxis::kField) && fields.size() > 2) {
      return (t_.bearing == Bearing::kNarrower ? "any of " : "all ") +
             std::to_string(fields.size()) + " fields";
    }
    return JoinWords(phrases::CodesOf(fields, t_.universe.fields),
                     t_.bearing == Bearing::kNarrower ? "or" : "and");
  }

  // A flow that the other version does not know: all that matters about it.
  std::string Flow(const Box& box, const Box& whole) const {
    const bool lost = t_.bearing == Bearing::kNarrower;
    std::vector<std::string> parts{
        Fields(box, whole) + ", " +
        AxisWords(AxisNumber(SetAxis::kPurpose), box)};
    if (!lost) {
      parts.push_back("on " +
                      phrases::Urgencies(box.at(SetAxis::kUrgency), "and") +
                      " requests of " + phrases::Roles(box.at(SetAxis::kRole)));
      if (t_.allows.agreement.clauses[box.clause].review != Review::kNone) {
        parts.push_back(phrases::NeededFlags(box.flags.absent));
      }
      if (!box.at(SetAxis::kCase).Has(0)) parts.emplace_back("case");
      const Range& holder = box.at(RangeAxis::kApprovalsHolder);
      const Range& asker = box.at(RangeAxis::kApprovalsAsker);
      if (holder.from + asker.from != 0) {
        parts.push_back(std::to_string(holder.from) + "+" +
                        std::to_string(asker.from) + " approvals");
      }
    }
    constexpr std::uint32_t kTold =
        kFlowAxes | (1U << AxisNumber(SetAxis::kUrgency)) |
        (1U << AxisNumber(SetAxis::kRole)) |
        (1U << AxisNumber(SetAxis::kCase)) |
        (1U << AxisNumber(RangeAxis::kApprovalsHolder)) |
        (1U << AxisNumber(RangeAxis::kApprovalsAsker));
    AddNarrowed(box, whole, lost ? kFlowAxes : kTold, parts);
    return Joined(parts, lost ? ", " : "; ", lost ? 1 : 2);
  }

  // The first parts by commas, the conditions after them by `separator`.
  static std::string Joined(const std::vector<std::string>& parts,
                            std::string_view separator, std::size_t head) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i != 0) out += i < head ? ", " : separator;
      out += parts[i];
    }
    return out;
  }

  // A known flow under other conditions: those that differ, then the rest.
  std::string Condition(const Box& box, const Box& whole,
                        const Box& nearest) const {
    const std::uint32_t differs = Apart(box, nearest);
    std::vector<std::string> parts;
    for (std::size_t axis = 0; axis <= kFlagAxis; ++axis) {
      if (((differs >> axis) & 1U) == 0) continue;
      parts.push_back(AxisWords(axis, box) + WasNow(axis, whole, nearest));
    }
    AddNarrowed(box, whole, differs, parts);
    return Joined(parts, ", ", parts.size());
  }

  // The axes on which the box is less than its clause, but those told already.
  void AddNarrowed(const Box& box, const Box& whole, std::uint32_t told,
                   std::vector<std::string>& parts) const {
    for (std::size_t axis = 0; axis <= kFlagAxis; ++axis) {
      if (((told >> axis) & 1U) != 0) continue;
      if (axis >= 2 && Narrowed(axis, box, whole)) {  // pairs stand in front
        parts.push_back(AxisWords(axis, box));
      }
    }
  }

  static bool Narrowed(std::size_t axis, const Box& box, const Box& whole) {
    if (axis < kSetAxes) return box.sets[axis] != whole.sets[axis];
    if (axis < kReceiverAxis) {
      return box.ranges[axis - kSetAxes] != whole.ranges[axis - kSetAxes];
    }
    return axis == kReceiverAxis ? box.receivers != whole.receivers
                                 : !box.flags.open.empty();
  }

  std::string WasNow(std::size_t axis, const Box& whole,
                     const Box& nearest) const {
    if (axis < kSetAxes || axis >= kReceiverAxis) return "";
    const auto at = static_cast<RangeAxis>(axis - kSetAxes);
    std::string own = phrases::Limit(at, whole.at(at));
    std::string other = phrases::Limit(at, nearest.at(at));
    if (t_.bearing == Bearing::kNarrower) std::swap(own, other);
    return " (was " + other + ", now " + own + ")";
  }

  std::string AxisWords(std::size_t axis, const Box& box) const {
    return phrases::Axis(axis, box, t_.universe);
  }

  // What refuses the acts and does not stand so in the version that allows.
  std::string Cause(const Box& box) const {
    std::vector<std::string> names;
    for (const Refusal& refusal : refusals_) {
      if (Touches(refusal.cut, box)) names.push_back(refusal.name);
    }
    if (names.empty()) return "";
    return (t_.bearing == Bearing::kWider ? " (was under " : " (") +
           JoinWords(names) + ")";
  }

  struct Refusal {
    std::string name;  // `reservation no-financing`
    Cut cut;
  };

  template <class Row>
  void AddRefusals(const std::vector<Row>& rows, const std::vector<Row>& own,
                   std::string_view kind) {
    for (const Row& row : rows) {
      const bool known = std::any_of(
          own.begin(), own.end(),
          [&](const Row& other) { return SameRestriction(row, other); });
      if (known) continue;
      refusals_.push_back(
          {Join({kind, " ", row.id}), CutOf(t_.refuses, t_.universe, row)});
    }
  }

  static bool SameRestriction(const Restriction& a, const Restriction& b) {
    return a.id == b.id && a.by == b.by && a.any_action == b.any_action &&
           a.actions == b.actions && a.purposes == b.purposes &&
           a.fields == b.fields && a.always == b.always && a.when == b.when;
  }

  static bool Touches(const Cut& cut, const Box& box) {
    const auto meets = [&box](SetAxis axis, const IndexSet& set) {
      return !(box.at(axis) & set).empty();
    };
    const bool field = meets(SetAxis::kField, cut.fields);
    // What is offered also falls when the holder may release nothing.
    const bool falls = box.side == Side::kReleased
                           ? field && meets(SetAxis::kHolder, cut.releasing)
                           : (field && meets(SetAxis::kAsker, cut.releasing)) ||
                                 meets(SetAxis::kHolder, cut.releasing);
    return ((cut.actions >> static_cast<unsigned>(box.action)) & 1U) != 0 &&
           meets(SetAxis::kPurpose, cut.purposes) && falls;
  }

  const Telling& t_;
  std::vector<Refusal> refusals_;
  std::array<std::vector<Box>, 2> whole_;  // by side and clause
};

void AddPairs(const Box& box, Pairs& pairs) {
  for (std::size_t holder : box.at(SetAxis::kHolder).Members()) {
    for (std::size_t asker : box.at(SetAxis::kAsker).Members()) {
      if (holder != asker) pairs.insert({holder, asker});
    }
  }
}

// `QOR gives QVA and QTA`, one for each giver: how fields go.
std::string PairWords(const Pairs& pairs, const Universe& universe,
                      std::string_view verb, Side side) {
  std::map<std::size_t, std::vector<std::string>> by_giver;
  for (const auto& [holder, asker] : pairs) {
    const bool released = side == Side::kReleased;
    by_giver[released ? holder : asker].push_back(
        universe.parties[released ? asker : holder]);
  }
  std::vector<std::string> out;
  for (const auto& [giver, takers] : by_giver) {
    out.push_back(universe.parties[giver] + std::string(verb) +
                  JoinWords(takers));
  }
  // Many to many: the parties are named once.
  constexpr std::size_t kMany = 4;
  if (out.size() > kMany) {
    std::set<std::size_t> all;
    for (const auto& [holder, asker] : pairs) all.insert({holder, asker});
    if (pairs.size() == all.size() * (all.size() - 1)) {
      return "each of " + std::to_string(all.size()) + " parties" +
             std::string(verb) + "every other";
    }
  }
  std::string joined;
  for (std::size_t i = 0; i < out.size(); ++i) {
    joined += i == 0 ? "" : ", and ";
    joined += out[i];
  }
  return joined;
}

// What stands between giver and taker, and between the pairs and the rest.
std::string_view Verb(const Telling& telling, Side side, bool gives) {
  if (side == Side::kOffered) return " asking ";
  if (!gives) return " to ";
  return telling.bearing == Bearing::kNarrower ? " no longer gives "
                                               : " gives ";
}
std::string_view AfterPairs(const Telling& telling, Side side, bool gives) {
  if (side == Side::kReleased) return gives ? " " : ": ";
  if (!gives) return ", of what is sent along: ";
  return telling.bearing == Bearing::kNarrower ? " may no longer send along "
                                               : " may send along ";
}

// Boxes that read alike but for the pair make one line.
struct Group {
  std::uint16_t clause = 0;
  Side side = Side::kReleased;
  Teller::Told told;
  Pairs pairs;
};

// Only a flow that is new is told with the flags that it needs. Elsewhere they
// are left out, so that fields which need different ones stand together.
std::vector<Box> ForTelling(const Telling& telling, const Teller& teller,
                            const std::vector<Box>& boxes) {
  std::vector<Box> out;
  std::vector<Box> known;
  for (const Box& box : boxes) {
    if (telling.bearing == Bearing::kWider && teller.IsFlow(box)) {
      out.push_back(box);
      continue;
    }
    known.push_back(box);
    FlagRule& flags = known.back().flags;
    for (std::uint32_t& open : flags.open) open &= ~flags.absent;
    flags.absent = 0;
  }
  Merge(known);
  std::move(known.begin(), known.end(), std::back_inserter(out));
  return out;
}

std::vector<Group> Grouped(const Telling& telling,
                           const std::vector<Box>& boxes) {
  const Teller teller(telling);
  std::vector<Group> groups;
  for (const Box& box : ForTelling(telling, teller, boxes)) {
    Teller::Told told = teller.Tell(box);
    Pairs pairs;
    AddPairs(box, pairs);
    const auto alike = [&](const Group& group) {
      return group.clause == box.clause && group.told.gives == told.gives &&
             group.told.text == told.text;
    };
    // A condition that changed for what is released needs no second line for
    // what is offered.
    const auto said = [&](const Group& group) {
      return alike(group) && !told.gives && group.side == Side::kReleased &&
             std::includes(group.pairs.begin(), group.pairs.end(),
                           pairs.begin(), pairs.end());
    };
    if (box.side == Side::kOffered &&
        std::any_of(groups.begin(), groups.end(), said)) {
      continue;
    }
    auto same =
        std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
          return alike(group) && group.side == box.side;
        });
    if (same == groups.end()) {
      groups.push_back({box.clause, box.side, std::move(told), {}});
      same = std::prev(groups.end());
    }
    same->pairs.insert(pairs.begin(), pairs.end());
  }
  return groups;
}

}  // namespace

std::vector<DiffLine> ActLines(const Telling& telling,
                               const std::vector<Box>& boxes) {
  std::vector<DiffLine> out;
  for (const Group& group : Grouped(telling, boxes)) {
    const bool gives = group.told.gives;
    const std::string pairs =
        PairWords(group.pairs, telling.universe,
                  Verb(telling, group.side, gives), group.side);
    out.push_back({telling.bearing == Bearing::kWider ? '+' : '-',
                   telling.bearing,
                   telling.allows.agreement.clauses[group.clause].id,
                   Join({pairs, AfterPairs(telling, group.side, gives),
                         group.told.text})});
  }
  return out;
}

}  // namespace entente::policy
