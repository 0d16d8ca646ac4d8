#include "policy/diff.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "crypto/base/status.h"
#include "policy/diff_parts.h"

namespace entente::policy {
namespace {

using TupleKey =
    std::tuple<Action, Side, std::size_t, std::size_t, std::size_t>;

// The fields of every act, by everything else that a tuple names.
std::map<TupleKey, IndexSet> Project(const std::vector<Box>& boxes) {
  std::map<TupleKey, IndexSet> out;
  for (const Box& box : boxes) {
    const std::vector<std::size_t> askers = box.at(SetAxis::kAsker).Members();
    const std::vector<std::size_t> leaves = box.at(SetAxis::kPurpose).Members();
    for (std::size_t holder : box.at(SetAxis::kHolder).Members()) {
      for (std::size_t asker : askers) {
        if (holder == asker) continue;
        for (std::size_t leaf : leaves) {
          IndexSet& fields = out[{box.action, box.side, holder, asker, leaf}];
          fields = fields | box.at(SetAxis::kField);
        }
      }
    }
  }
  return out;
}

std::vector<std::string> Codes(const IndexSet& set,
                               const std::vector<std::string>& codes) {
  std::vector<std::string> out;
  for (std::size_t i : set.Members()) out.push_back(codes[i]);
  return out;
}

std::vector<DiffTuple> Tuples(const Universe& universe,
                              const std::vector<Box>& boxes,
                              const std::vector<Box>& others) {
  std::vector<DiffTuple> out;
  const std::map<TupleKey, IndexSet> elsewhere = Project(others);
  for (const auto& [key, fields] : Project(boxes)) {
    const auto& [action, side, holder, asker, leaf] = key;
    const auto known = elsewhere.find(key);
    const IndexSet anew =
        known == elsewhere.end() ? fields : fields - known->second;
    out.push_back({action, side, universe.parties[holder],
                   universe.parties[asker], universe.purposes[leaf],
                   Codes(fields, universe.fields),
                   Codes(anew, universe.fields)});
  }
  return out;
}

DiffVerdict VerdictOf(const AgreementDiff& diff) {
  if (diff.wider_places != 0) return DiffVerdict::kWider;
  if (diff.narrower_places != 0) return DiffVerdict::kNarrower;
  return diff.lines.empty() ? DiffVerdict::kSame : DiffVerdict::kOther;
}

std::size_t Count(const std::vector<DiffLine>& lines, Bearing bearing) {
  return static_cast<std::size_t>(std::count_if(
      lines.begin(), lines.end(),
      [bearing](const DiffLine& l) { return l.bearing == bearing; }));
}

std::string Places(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " place" : " places");
}

}  // namespace

std::string_view VerdictWord(DiffVerdict verdict) {
  constexpr std::array<std::string_view, 4> kWords{"SAME", "OTHER", "NARROWER",
                                                   "WIDER"};
  return kWords[static_cast<std::size_t>(verdict)];
}

AgreementDiff Compare(const Version& before, const Version& after) {
  AgreementDiff out;
  out.universe = Universe::Of(before, after);
  out.before = PermittedBoxes(before, out.universe);
  out.after = PermittedBoxes(after, out.universe);
  out.wider = Difference(out.after, out.before);
  out.narrower = Difference(out.before, out.after);
  Merge(out.wider);
  Merge(out.narrower);
  out.keys = CompareKeys(before, after, out.before, out.after);
  const auto add = [&out](std::vector<DiffLine> lines) {
    std::move(lines.begin(), lines.end(), std::back_inserter(out.lines));
  };
  add(ActLines({out.universe, after, before, out.before, Bearing::kWider},
               out.wider));
  add(ActLines({out.universe, before, after, out.after, Bearing::kNarrower},
               out.narrower));
  add(KeyLines(out.keys));
  out.wider_places = Count(out.lines, Bearing::kWider);
  out.narrower_places = Count(out.lines, Bearing::kNarrower);
  out.verdict = VerdictOf(out);
  return out;
}

std::vector<DiffTuple> NewlyAllowed(const AgreementDiff& diff) {
  return Tuples(diff.universe, diff.wider, diff.before);
}

std::vector<DiffTuple> NewlyForbidden(const AgreementDiff& diff) {
  return Tuples(diff.universe, diff.narrower, diff.after);
}

std::string Headline(const AgreementDiff& diff, const Agreement& before,
                     const Agreement& after) {
  const auto name = [](const Agreement& a) {
    return "version " + std::to_string(a.version);
  };
  std::string out = before.id + " " + name(before) + " -> " +
                    (after.id == before.id ? "" : after.id + " ") +
                    name(after) + ": ";
  switch (diff.verdict) {
    case DiffVerdict::kWider:
      out += "WIDER in " + Places(diff.wider_places);
      if (diff.narrower_places != 0) {
        out += ", narrower in " + std::to_string(diff.narrower_places);
      }
      return out +
             ". Every data protection officer must agree, or set conditions.";
    case DiffVerdict::kNarrower:
      return out + "narrower in " + Places(diff.narrower_places) +
             ", wider nowhere. No opinion is needed for signature.";
    case DiffVerdict::kOther:
      return out + "neither wider nor narrower; other words or keys differ.";
    case DiffVerdict::kSame:
      break;
  }
  return out + "the same.";
}

}  // namespace entente::policy
