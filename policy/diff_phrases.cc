#include "policy/diff_phrases.h"

#include <map>

#include "crypto/base/status.h"

namespace entente::policy::phrases {
namespace {

template <class E>
std::vector<std::string> WordsOf(const IndexSet& set) {
  std::vector<std::string> out;
  for (std::size_t i : set.Members()) {
    out.emplace_back(Word(static_cast<E>(i)));
  }
  return out;
}

std::string Number(std::uint64_t n) { return std::to_string(n); }

// What stands for the words of a list in a sentence, in its order.
template <std::size_t N>
std::string Named(const IndexSet& set,
                  const std::array<std::string_view, N>& names) {
  std::vector<std::string> out;
  for (std::size_t i : set.Members()) out.emplace_back(names.at(i));
  return JoinWords(out, "or");
}

std::string Routes(const IndexSet& routes) {
  static constexpr std::array<std::string_view, 4> kNames{
      "arriving", "departing", "in transit", "on no known route"};
  static_assert(kNames.size() == WordList<Route>::kWords.size());
  return "travellers " + Named(routes, kNames);
}

std::string Receivers(const Box& box, const Universe& universe) {
  std::vector<std::string> names;
  for (std::uint16_t receiver : box.receivers) {
    names.push_back(universe.receivers[receiver]);
  }
  return "to " + JoinWords(names);
}

std::string Flags(const FlagRule& flags) {
  std::vector<std::string> out;
  for (std::uint32_t open : flags.open) {
    out.push_back("where " + JoinWords(WordsOf<Flag>(IndexSet{open, 0}), "or") +
                  " is not checked absent");
  }
  return JoinWords(out);
}

std::string Age(const Range& range) {
  const std::string hours = Number(range.to - 1) + " hours";
  return range.from == 0 ? "records of up to " + hours
                         : "records of " + Number(range.from) + " to " + hours;
}

std::string Approvals(RangeAxis axis, const Range& range) {
  const std::string at =
      axis == RangeAxis::kApprovalsHolder ? " at the holder" : " at the asker";
  if (range.to >= kNoUpperLimit) {
    return Number(range.from) + " or more approvals" + at;
  }
  const std::uint64_t last = range.to - 1;
  if (last == 0) return "no approval" + at;
  const std::string count = range.from == last
                                ? "only " + Number(last)
                                : Number(range.from) + " to " + Number(last);
  return count + (last == 1 ? " approval" : " approvals") + at;
}

std::string Uses(RangeAxis axis, const Range& range, Action action) {
  const bool persons = action == Action::kScreen;
  const std::string what = persons ? "persons " : "uses ";
  const std::string in = axis == RangeAxis::kUseDay    ? " in one day"
                         : axis == RangeAxis::kUseYear ? " in one year"
                                                       : " in one case";
  const std::string first = Number(range.from);
  if (range.to >= kNoUpperLimit) return what + first + " and above" + in;
  const std::string last = Number(range.to - 1);
  if (range.from == 1)
    return "up to " + last + " " + what.substr(0, what.size() - 1) + in;
  if (first == last) return (persons ? "person " : "use ") + last + in;
  return what + first + (range.from + 2 == range.to ? " and " : " to ") + last +
         in;
}

std::string Ranged(RangeAxis axis, const Box& box) {
  switch (axis) {
    case RangeAxis::kRecordAge:
      return Age(box.at(axis));
    case RangeAxis::kApprovalsHolder:
    case RangeAxis::kApprovalsAsker:
      return Approvals(axis, box.at(axis));
    default:
      return Uses(axis, box.at(axis), box.action);
  }
}

std::string Case(const IndexSet& set) {
  if (!set.Has(0)) return "with a case";
  return set.Has(1) ? "with or without a case" : "without a case";
}

std::string Chosen(SetAxis axis, const Box& box, const Universe& universe) {
  const IndexSet& set = box.at(axis);
  switch (axis) {
    case SetAxis::kHolder:
      return "held by " + JoinWords(CodesOf(set, universe.parties), "or");
    case SetAxis::kAsker:
      return "asked by " + JoinWords(CodesOf(set, universe.parties), "or");
    case SetAxis::kField:
      return JoinWords(CodesOf(set, universe.fields));
    case SetAxis::kPurpose:
      return "for " + Purposes(set, universe);
    case SetAxis::kBasis:
      return "on the basis of " + JoinWords(CodesOf(set, universe.bases), "or");
    case SetAxis::kRole:
      return "requests of " + Roles(set);
    case SetAxis::kRoute:
      return Routes(set);
    case SetAxis::kUrgency:
      return Urgencies(set, "or") + " requests";
    case SetAxis::kMatchSet:
      return "match set " + JoinWords(WordsOf<MatchSet>(set), "or");
    case SetAxis::kCase:
      break;
  }
  return Case(set);
}

// The leaves of one root: the root, the root without a few, or the leaves.
void AddRoot(const std::string& root, const IndexSet& leaves,
             const IndexSet& chosen, const Universe& universe,
             std::vector<std::string>& out) {
  const IndexSet here = leaves & chosen;
  const IndexSet missing = leaves - chosen;
  if (here.empty()) return;
  if (missing.empty()) {
    out.push_back(root);
    return;
  }
  if (here.size() < 3 || missing.size() > 2) {
    for (std::string& leaf : CodesOf(here, universe.purposes)) {
      out.push_back(std::move(leaf));
    }
    return;
  }
  std::vector<std::string> names;
  for (const std::string& leaf : CodesOf(missing, universe.purposes)) {
    names.push_back(leaf.substr(leaf.find('.') + 1));
  }
  out.push_back(Number(here.size()) + " of " + Number(leaves.size()) + " " +
                root + " purposes (not " + JoinWords(names, "or") + ")");
}

}  // namespace

std::string JoinWords(const std::vector<std::string>& words,
                      std::string_view last) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) {
      out += i + 1 == words.size() ? Join({" ", last, " "}) : ", ";
    }
    out += words[i];
  }
  return out;
}

std::vector<std::string> CodesOf(const IndexSet& set,
                                 const std::vector<std::string>& codes) {
  std::vector<std::string> out;
  for (std::size_t i : set.Members()) out.push_back(codes[i]);
  return out;
}

std::string Purposes(const IndexSet& purposes, const Universe& universe) {
  std::map<std::string, IndexSet> roots;
  for (std::size_t i = 0; i < universe.purposes.size(); ++i) {
    const std::string& leaf = universe.purposes[i];
    IndexSet& leaves = roots[leaf.substr(0, leaf.find('.'))];
    leaves = leaves | IndexSet::One(i);
  }
  std::vector<std::string> out;
  for (const auto& [root, leaves] : roots) {
    AddRoot(root, leaves, purposes, universe, out);
  }
  return JoinWords(out);
}

std::string Urgencies(const IndexSet& urgency, std::string_view last) {
  return JoinWords(WordsOf<Urgency>(urgency), last);
}

std::string Roles(const IndexSet& roles) {
  static constexpr std::array<std::string_view, 4> kNames{
      "the node itself", "an officer", "an approver",
      "the data protection officer"};
  static_assert(kNames.size() == WordList<Role>::kWords.size());
  return Named(roles, kNames);
}

std::string NeededFlags(std::uint32_t absent) {
  const std::vector<std::string> words = WordsOf<Flag>(IndexSet{absent, 0});
  constexpr std::size_t kMany = 4;
  if (words.empty()) return "no flag needs a check";
  return (words.size() < kMany ? JoinWords(words)
                               : Number(words.size()) + " flags") +
         " checked absent";
}

std::string Limit(RangeAxis axis, const Range& range) {
  if (axis == RangeAxis::kApprovalsHolder ||
      axis == RangeAxis::kApprovalsAsker) {
    return "at least " + Number(range.from);
  }
  return range.to >= kNoUpperLimit ? "no limit"
                                   : "at most " + Number(range.to - 1);
}

std::string Axis(std::size_t axis, const Box& box, const Universe& universe) {
  if (axis == kReceiverAxis) return Receivers(box, universe);
  if (axis == kFlagAxis) return Flags(box.flags);
  return axis < kSetAxes ? Chosen(static_cast<SetAxis>(axis), box, universe)
                         : Ranged(static_cast<RangeAxis>(axis - kSetAxes), box);
}

}  // namespace entente::policy::phrases
