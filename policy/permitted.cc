#include "policy/permitted.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "policy/resolve.h"

namespace entente::policy {
namespace {

void AddCode(std::vector<std::string>& codes, const std::string& code) {
  if (NumberOf(codes, code) == codes.size()) codes.push_back(code);
}

template <class Row>
void AddCodes(std::vector<std::string>& codes, const std::vector<Row>& rows) {
  for (const Row& row : rows) AddCode(codes, row.code);
}

void AddVersion(Universe& universe, const Version& version) {
  AddCodes(universe.parties, version.agreement.parties);
  AddCodes(universe.purposes, version.catalogues.purposes.purposes());
  AddCodes(universe.fields, version.catalogues.fields.fields());
  AddCodes(universe.bases, version.agreement.bases);
  for (const Clause& clause : version.agreement.clauses) {
    universe.receivers.insert(universe.receivers.end(),
                              clause.onward_to.begin(), clause.onward_to.end());
  }
}

// Bits by place in `rows` as a set of the universe's numbers.
template <class Row>
IndexSet Translate(std::uint64_t bits, const std::vector<Row>& rows,
                   const std::vector<std::string>& codes) {
  IndexSet out;
  for (std::size_t i = 0; i < rows.size() && i < 64; ++i) {
    if (((bits >> i) & 1U) == 0) continue;
    out = out | IndexSet::One(NumberOf(codes, rows[i].code));
  }
  return out;
}

std::uint32_t FlagsOf(std::uint32_t pairs) {
  std::uint32_t flags = 0;
  for (unsigned i = 0; i < WordList<Flag>::kWords.size(); ++i) {
    if ((pairs & PairBit(static_cast<Flag>(i))) != 0) flags |= 1U << i;
  }
  return flags;
}

class Cutter {
 public:
  Cutter(const Version& version, const Universe& universe)
      : version_(version), universe_(universe) {
    const Agreement& a = version.agreement;
    const auto add = [&](const Restriction& restriction) {
      cuts_.push_back(CutOf(version, universe, restriction));
    };
    for (const Prohibition& p : a.prohibitions) add(p);
    for (const Reservation& r : a.reservations) add(r);
    AddAirLink();
  }

  // What is left of one box of a clause.
  std::vector<Box> Apply(Box whole, const Clause& clause) const {
    std::vector<Box> boxes;
    if (!whole.Empty()) boxes.push_back(std::move(whole));
    for (const Cut& cut : cuts_) Take(cut, boxes);
    // Nobody checks flags where nobody reviews.
    if (clause.review != Review::kNone) {
      for (const Cut& cut : air_link_) Take(cut, boxes);
    }
    Merge(boxes);
    return boxes;
  }

 private:
  void AddAirLink() {
    const IndexSet parties =
        Translate(AirLinkParties(version_.agreement, version_.catalogues),
                  version_.agreement.parties, universe_.parties);
    if (parties.empty()) return;
    Cut cut;
    cut.actions = 0xFF;
    cut.purposes =
        Translate(version_.catalogues.purposes.air_link(),
                  version_.catalogues.purposes.purposes(), universe_.purposes);
    cut.fields = IndexSet::Below(universe_.fields.size());
    cut.flags = 1U << static_cast<unsigned>(Flag::kNoAirLink);
    cut.releasing = All();
    cut.holders = parties;
    cut.askers = All();
    air_link_.push_back(cut);
    std::swap(cut.holders, cut.askers);
    air_link_.push_back(cut);
  }

  IndexSet All() const { return IndexSet::Below(universe_.parties.size()); }

  void Take(const Cut& cut, std::vector<Box>& boxes) const {
    std::vector<Box> left;
    for (Box& box : boxes) {
      const Box inside = Inside(cut, box);
      const bool touched =
          ((cut.actions >> static_cast<unsigned>(box.action)) & 1U) != 0 &&
          !inside.Empty();
      if (!touched) {
        left.push_back(std::move(box));
        continue;
      }
      // The same acts whatever is known of their flags.
      Box any_flags = inside;
      any_flags.flags = {};
      Subtract(box, any_flags, left);
      if (cut.flags == 0) continue;
      left.push_back(inside);
      left.back().flags.absent |= cut.flags;
    }
    if (left.size() > boxes.size()) Merge(left);
    boxes = std::move(left);
  }

  static Box Inside(const Cut& cut, const Box& box) {
    Box inside = box;
    inside.at(SetAxis::kPurpose) = box.at(SetAxis::kPurpose) & cut.purposes;
    inside.at(SetAxis::kField) = box.at(SetAxis::kField) & cut.fields;
    inside.at(SetAxis::kHolder) = box.at(SetAxis::kHolder) & cut.holders;
    inside.at(SetAxis::kAsker) = box.at(SetAxis::kAsker) & cut.askers;
    IndexSet& releasing = inside.at(
        box.side == Side::kReleased ? SetAxis::kHolder : SetAxis::kAsker);
    releasing = releasing & cut.releasing;
    return inside;
  }

  const Version& version_;
  const Universe& universe_;
  std::vector<Cut> cuts_;
  std::vector<Cut> air_link_;
};

// Whether `a` has every act of `b`; both come from one clause and side.
bool Covers(const Box& a, const Box& b) {
  return (a.flags.absent & ~b.flags.absent) == 0 &&
         a.at(SetAxis::kHolder).Covers(b.at(SetAxis::kHolder)) &&
         a.at(SetAxis::kAsker).Covers(b.at(SetAxis::kAsker)) &&
         a.at(SetAxis::kField).Covers(b.at(SetAxis::kField)) &&
         a.at(SetAxis::kPurpose).Covers(b.at(SetAxis::kPurpose));
}

// A field is offered only with a request that releases something: the acts of
// `offered` under which a field of `released` may go.
std::vector<Box> WithRelease(const std::vector<Box>& offered,
                             const std::vector<Box>& released) {
  std::vector<Box> out;
  for (const Box& o : offered) {
    std::vector<Box> here;
    for (const Box& r : released) {
      Box both = o;
      for (SetAxis axis :
           {SetAxis::kHolder, SetAxis::kAsker, SetAxis::kPurpose}) {
        both.at(axis) = o.at(axis) & r.at(axis);
      }
      both.flags.absent |= r.flags.absent;
      if (!both.Empty()) here.push_back(std::move(both));
    }
    // The one that needs the fewest flags speaks for the others.
    for (std::size_t i = 0; i < here.size(); ++i) {
      bool needless = false;
      for (std::size_t j = 0; j < here.size() && !needless; ++j) {
        needless = j != i && Covers(here[j], here[i]) &&
                   (j < i || !Covers(here[i], here[j]));
      }
      if (!needless) out.push_back(here[i]);
    }
  }
  return out;
}

Range UpTo(std::uint64_t first, std::uint64_t last) {
  return {first, last + 1};
}

void SetLimits(Box& box, const Clause& clause) {
  box.at(SetAxis::kCase) =
      clause.case_required ? IndexSet::One(1) : IndexSet::Below(2);
  box.at(RangeAxis::kApprovalsHolder) = {clause.reviewers_holder,
                                         kNoUpperLimit};
  box.at(RangeAxis::kApprovalsAsker) = {clause.reviewers_asker, kNoUpperLimit};
  box.at(RangeAxis::kRecordAge) = UpTo(0, clause.record_age_max_hours);
  box.at(RangeAxis::kUseDay) = UpTo(1, clause.quota_per_day);
  box.at(RangeAxis::kUseYear) = UpTo(1, clause.quota_per_year);
  box.at(RangeAxis::kUseCase) = clause.case_required
                                    ? UpTo(1, clause.quota_per_case)
                                    : Range{1, kNoUpperLimit};
}

void SetReceivers(Box& box, const Clause& clause, const Universe& universe) {
  for (const std::string& receiver : clause.onward_to) {
    const auto at = std::lower_bound(universe.receivers.begin(),
                                     universe.receivers.end(), receiver);
    box.receivers.push_back(
        static_cast<std::uint16_t>(at - universe.receivers.begin()));
  }
  std::sort(box.receivers.begin(), box.receivers.end());
}

}  // namespace

std::size_t NumberOf(const std::vector<std::string>& codes,
                     std::string_view code) {
  return static_cast<std::size_t>(std::find(codes.begin(), codes.end(), code) -
                                  codes.begin());
}

Universe Universe::Of(const Version& a, const Version& b) {
  Universe out;
  AddVersion(out, a);
  AddVersion(out, b);
  // There may be thousands, so they alone are sorted.
  std::sort(out.receivers.begin(), out.receivers.end());
  out.receivers.erase(std::unique(out.receivers.begin(), out.receivers.end()),
                      out.receivers.end());
  return out;
}

Cut CutOf(const Version& version, const Universe& universe,
          const Restriction& restriction) {
  const RestrictionBits bits =
      Resolve(version.agreement, version.catalogues, restriction);
  const IndexSet all = IndexSet::Below(universe.parties.size());
  Cut cut;
  cut.actions = bits.actions;
  cut.purposes = Translate(
      bits.purposes, version.catalogues.purposes.purposes(), universe.purposes);
  cut.fields = Translate(bits.fields, version.catalogues.fields.fields(),
                         universe.fields);
  cut.holders = cut.askers = cut.releasing = all;
  if (bits.by != kNobody) {
    cut.releasing = IndexSet::One(NumberOf(universe.parties, restriction.by));
  }
  cut.flags = FlagsOf(bits.flag_pairs);
  return cut;
}

Box ClauseBox(const Version& version, const Universe& universe,
              std::uint16_t index, Side side) {
  const Clause& clause = version.agreement.clauses[index];
  const ClauseBits bits =
      Resolve(version.agreement, version.catalogues, clause);
  const auto parties = [&](std::uint64_t held) {
    return Translate(held, version.agreement.parties, universe.parties);
  };
  Box box;
  box.action = clause.action;
  box.dataset = clause.dataset;
  box.side = side;
  box.clause = index;
  box.at(SetAxis::kHolder) = parties(bits.holders);
  box.at(SetAxis::kAsker) = parties(bits.askers);
  box.at(SetAxis::kField) =
      Translate(side == Side::kReleased ? bits.fields : bits.offered,
                version.catalogues.fields.fields(), universe.fields);
  box.at(SetAxis::kPurpose) = Translate(
      bits.purposes, version.catalogues.purposes.purposes(), universe.purposes);
  box.at(SetAxis::kBasis) =
      Translate(bits.bases, version.agreement.bases, universe.bases);
  box.at(SetAxis::kRole) = {bits.roles, 0};
  box.at(SetAxis::kRoute) = {bits.routes, 0};
  box.at(SetAxis::kUrgency) = {bits.urgency, 0};
  box.at(SetAxis::kMatchSet) =
      IndexSet::One(static_cast<std::size_t>(clause.match_set));
  SetLimits(box, clause);
  SetReceivers(box, clause, universe);
  return box;
}

std::vector<Box> PermittedBoxes(const Version& version,
                                const Universe& universe) {
  const Cutter cutter(version, universe);
  std::vector<Box> out;
  for (std::uint16_t i = 0; i < version.agreement.clauses.size(); ++i) {
    const Clause& clause = version.agreement.clauses[i];
    std::vector<Box> released =
        cutter.Apply(ClauseBox(version, universe, i, Side::kReleased), clause);
    std::vector<Box> offered = WithRelease(
        cutter.Apply(ClauseBox(version, universe, i, Side::kOffered), clause),
        released);
    std::move(released.begin(), released.end(), std::back_inserter(out));
    std::move(offered.begin(), offered.end(), std::back_inserter(out));
  }
  return out;
}

}  // namespace entente::policy
