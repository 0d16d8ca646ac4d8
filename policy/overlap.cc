#include "policy/overlap.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "crypto/base/status.h"
#include "policy/diff_parts.h"
#include "policy/diff_phrases.h"

namespace entente::policy {
namespace {

// Who, what and why: on these axes two clauses are compared where they meet.
constexpr std::size_t kSelectorAxes = AxisNumber(SetAxis::kUrgency) + 1;

bool InForceTogether(const Agreement& a, const Agreement& b) {
  return std::max(a.validity.from, b.validity.from) <
         std::min(a.validity.until, b.validity.until);
}

// The boxes, cut to what `selector` speaks of.
std::vector<Box> Within(const std::vector<Box>& boxes, const Box& selector) {
  std::vector<Box> out;
  for (Box box : boxes) {
    if (!box.SameKind(selector)) continue;
    for (std::size_t i = 0; i < kSelectorAxes; ++i) {
      box.sets[i] = box.sets[i] & selector.sets[i];
    }
    if (!box.Empty()) out.push_back(std::move(box));
  }
  return out;
}

// Two clauses and what each of them permits.
struct Meeting {
  std::uint16_t first = 0;
  std::uint16_t second = 0;
  std::vector<Box> first_boxes{};
  std::vector<Box> second_boxes{};
};

std::vector<Meeting> Meetings(const std::vector<Box>& first,
                              const std::vector<Box>& second) {
  std::map<std::pair<std::uint16_t, std::uint16_t>, Meeting> out;
  for (const Box& a : first) {
    for (const Box& b : second) {
      if (Meet(a, b)) out[{a.clause, b.clause}] = {a.clause, b.clause};
    }
  }
  const auto of = [](const std::vector<Box>& boxes, std::uint16_t clause) {
    std::vector<Box> own;
    std::copy_if(boxes.begin(), boxes.end(), std::back_inserter(own),
                 [clause](const Box& box) { return box.clause == clause; });
    return own;
  };
  std::vector<Meeting> meetings;
  for (auto& [key, meeting] : out) {
    meeting.first_boxes = of(first, meeting.first);
    meeting.second_boxes = of(second, meeting.second);
    meetings.push_back(std::move(meeting));
  }
  return meetings;
}

// `QOR gives QVA doc.number, for terrorism`: the acts of both.
std::string Acts(const Meeting& meeting, const Universe& universe) {
  std::set<std::pair<std::size_t, std::size_t>> pairs;
  IndexSet fields;
  IndexSet purposes;
  for (const Box& a : meeting.first_boxes) {
    for (const Box& b : meeting.second_boxes) {
      if (a.side != Side::kReleased || !Meet(a, b)) continue;
      const Box common = Common(a, b);
      for (std::size_t holder : common.at(SetAxis::kHolder).Members()) {
        for (std::size_t asker : common.at(SetAxis::kAsker).Members()) {
          if (holder != asker) pairs.insert({holder, asker});
        }
      }
      fields = fields | common.at(SetAxis::kField);
      purposes = purposes | common.at(SetAxis::kPurpose);
    }
  }
  std::vector<std::string> flows;
  for (const auto& [holder, asker] : pairs) {
    flows.push_back(universe.parties[holder] + " gives " +
                    universe.parties[asker]);
  }
  return Join({phrases::JoinWords(flows), " ",
               phrases::JoinWords(phrases::CodesOf(fields, universe.fields)),
               ", for ", phrases::Purposes(purposes, universe)});
}

class Judge {
 public:
  // What the first lets and the second does not, and the other way round.
  void Acts(const std::vector<Box>& first, const std::vector<Box>& second) {
    first_looser_ = first_looser_ || !Difference(first, second).empty();
    second_looser_ = second_looser_ || !Difference(second, first).empty();
  }
  void Key(Bearing second_against_first) {
    second_looser_ = second_looser_ || second_against_first == Bearing::kWider;
    first_looser_ = first_looser_ || second_against_first == Bearing::kNarrower;
  }
  Stricter Verdict() const {
    if (first_looser_ && second_looser_) return Stricter::kNeither;
    if (first_looser_) return Stricter::kSecond;
    return second_looser_ ? Stricter::kFirst : Stricter::kAlike;
  }

 private:
  bool first_looser_ = false;
  bool second_looser_ = false;
};

// The conditions of two clauses, where they differ.
void AddConditions(const Box& first, const Box& second,
                   const Universe& universe, std::vector<OverlapPoint>& out) {
  const auto differs = [&](std::size_t axis) {
    if (axis < kSetAxes) return first.sets[axis] != second.sets[axis];
    if (axis < kReceiverAxis) {
      return first.ranges[axis - kSetAxes] != second.ranges[axis - kSetAxes];
    }
    return first.receivers != second.receivers;
  };
  for (std::size_t axis = kSelectorAxes; axis < kFlagAxis; ++axis) {
    if (!differs(axis)) continue;
    out.push_back({phrases::Axis(axis, first, universe),
                   phrases::Axis(axis, second, universe)});
  }
}

// The flags that any act of the meeting needs.
std::uint32_t Flags(const std::vector<Box>& boxes) {
  std::uint32_t flags = 0;
  for (const Box& box : boxes) flags |= box.flags.absent;
  return flags;
}

ClauseOverlap Describe(const Version& first, const Version& second,
                       const Universe& universe, const Meeting& meeting) {
  ClauseOverlap out;
  out.first_clause = first.agreement.clauses[meeting.first].id;
  out.second_clause = second.agreement.clauses[meeting.second].id;
  out.acts = Acts(meeting, universe);
  Judge judge;
  for (Side side : {Side::kReleased, Side::kOffered}) {
    const Box a = ClauseBox(first, universe, meeting.first, side);
    const Box b = ClauseBox(second, universe, meeting.second, side);
    const std::vector<Box> left = Within(meeting.first_boxes, b);
    const std::vector<Box> right = Within(meeting.second_boxes, a);
    judge.Acts(left, right);
    if (side == Side::kOffered) continue;
    AddConditions(a, b, universe, out.points);
    const std::uint32_t flags_left = Flags(left);
    const std::uint32_t flags_right = Flags(right);
    if (flags_left != flags_right) {
      out.points.push_back({phrases::NeededFlags(flags_left),
                            phrases::NeededFlags(flags_right)});
    }
  }
  for (const KeyChange& key :
       CompareClauseKeys(first.agreement.clauses[meeting.first],
                         second.agreement.clauses[meeting.second])) {
    if (key.bearing == Bearing::kOther) continue;
    judge.Key(key.bearing);
    std::string name = key.path.substr(key.path.rfind('.') + 1);
    std::replace(name.begin(), name.end(), '_', ' ');
    out.points.push_back({name + " " + key.was, name + " " + key.now});
  }
  out.stricter = judge.Verdict();
  return out;
}

}  // namespace

std::string_view StricterWord(Stricter stricter) {
  constexpr std::array<std::string_view, 4> kWords{"first", "second", "alike",
                                                   "neither"};
  return kWords[static_cast<std::size_t>(stricter)];
}

std::vector<ClauseOverlap> Overlaps(const Version& first,
                                    const Version& second) {
  std::vector<ClauseOverlap> out;
  if (!InForceTogether(first.agreement, second.agreement)) return out;
  const Universe universe = Universe::Of(first, second);
  for (const Meeting& meeting : Meetings(PermittedBoxes(first, universe),
                                         PermittedBoxes(second, universe))) {
    out.push_back(Describe(first, second, universe, meeting));
  }
  return out;
}

std::string Format(const ClauseOverlap& overlap, const Agreement& first,
                   const Agreement& second) {
  std::string out =
      Join({first.id, " ", overlap.first_clause, " and ", second.id, " ",
            overlap.second_clause, ": ", overlap.acts, ". "});
  switch (overlap.stricter) {
    case Stricter::kFirst:
      out += "Stricter: " + first.id;
      break;
    case Stricter::kSecond:
      out += "Stricter: " + second.id;
      break;
    case Stricter::kAlike:
      return out + "Both alike.";
    case Stricter::kNeither:
      out += "Neither is stricter in everything";
      break;
  }
  std::vector<std::string> points;
  for (const OverlapPoint& point : overlap.points) {
    points.push_back(point.first + " against " + point.second);
  }
  return points.empty() ? out + "."
                        : out + " (" + phrases::JoinWords(points) + ").";
}

}  // namespace entente::policy
