#pragma once
// For tests of the diff: acts as a person would describe them, judged by
// Evaluate alone, and random edits of an agreement.
//
// Tests only.

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "policy/diff.h"
#include "policy/fixture.h"

namespace entente::policy::oracle {

using Random = std::mt19937;

inline std::uint32_t Below(Random& random, std::size_t limit) {
  return static_cast<std::uint32_t>(random()) %
         static_cast<std::uint32_t>(limit);
}
template <class T>
const T& OneOf(Random& random, const std::vector<T>& values) {
  return values[Below(random, values.size())];
}

inline const Catalogues& Real() {
  static const Catalogues catalogues = fixture::RealCatalogues();
  return catalogues;
}

// A document that lint accepts, signed by its parties and compiled.
inline absl::StatusOr<Compiled> Load(const Agreement& agreement) {
  Signers signers;
  std::vector<std::string> labels;
  for (const Party& party : agreement.parties) {
    std::string code = party.code;
    for (char& c : code) c = static_cast<char>(c - 'A' + 'a');
    const auto add = [&](const char* who, SignerRole role) {
      const std::string label = code + "-" + who + "-2026";
      signers.push_back(fixture::ExampleSigner(label, party.code, role));
      return label;
    };
    labels.push_back(add("legal", SignerRole::kLegal));
    labels.push_back(add("tech", SignerRole::kTechnical));
    add("dpo", SignerRole::kDpo);
    add("duty", SignerRole::kDuty);
  }
  TRY(VerifiedAgreement verified,
      VerifyEnvelope(
          fixture::SignedEnvelope(kAgreementType, Emit(agreement), labels),
          kAgreementType, signers));
  return Compiled::Create(std::move(verified), Real());
}

inline Agreement Demo() {
  return fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
}

// One request for one field, in the codes of the document.
struct Point {
  Action action = Action::kDisclose;
  Dataset dataset = Dataset::kList;
  Side side = Side::kReleased;
  std::string holder;
  std::string asker;
  std::string leaf;
  std::string basis;
  std::string field;
  std::string receiver;
  Role role = Role::kOfficer;
  Route route = Route::kArrives;
  Urgency urgency = Urgency::kRoutine;
  MatchSet match_set = MatchSet::kNone;
  bool has_case = true;
  std::uint32_t approvals_holder = 5;
  std::uint32_t approvals_asker = 5;
  std::uint32_t age = 0;
  std::uint32_t use_day = 1;
  std::uint32_t use_year = 1;
  std::uint32_t use_case = 1;
  std::array<FlagState, WordList<Flag>::kWords.size()> flags{};
};

namespace internal {

inline bool FactsOf(const Compiled& c, const Point& p, Facts& f) {
  const auto holder = c.PartyIndex(p.holder);
  const auto asker = c.PartyIndex(p.asker);
  const auto basis = c.BasisIndex(p.basis);
  const auto leaf = c.PurposeIndex(p.leaf);
  if (!holder || !asker || !basis || !leaf) return false;
  f.state = static_cast<std::uint8_t>(State::kActive);
  f.now = fixture::kNow;
  f.assessment_left_holder = f.assessment_left_asker = 1000;
  f.bits = fact::kLogOpen;
  f.agreement = c.hash();
  f.action = p.action;
  f.holder = *holder;
  f.asker = *asker;
  f.dataset = static_cast<std::uint8_t>(p.dataset);
  f.purpose = *leaf;
  f.basis = *basis;
  f.role = static_cast<std::uint8_t>(p.role);
  f.route = static_cast<std::uint8_t>(p.route);
  f.urgency = static_cast<std::uint8_t>(p.urgency);
  f.match_set = static_cast<std::uint8_t>(p.match_set);
  for (std::size_t i = 0; i < p.flags.size(); ++i) {
    f.Set(static_cast<Flag>(i), p.flags[i]);
  }
  f.record_age = p.age;
  f.units = 1;
  f.used_day = p.use_day - 1;
  f.used_year = p.use_year - 1;
  f.used_case = p.use_case - 1;
  f.approvals_holder = static_cast<std::uint8_t>(p.approvals_holder);
  f.approvals_asker = static_cast<std::uint8_t>(p.approvals_asker);
  if (p.has_case) f.bits |= fact::kHasCase;
  return true;
}

// Released: the one field is asked. Offered: it goes along with a request for
// any one field that some clause names.
inline bool PermitsOne(const Compiled& c, const Point& p, Facts f) {
  const std::uint64_t bit = c.fields().Bit(p.field);
  if (p.side == Side::kReleased) {
    f.asked = bit;
    const Decision d = Evaluate(c, {}, f);
    return d.outcome == Outcome::kPermit && d.fields == bit;
  }
  f.offered = bit;
  for (const Clause& clause : c.agreement().clauses) {
    if (clause.action != p.action) continue;
    for (const std::string& asked : clause.fields) {
      f.asked = c.fields().Bit(asked);
      const Decision d = Evaluate(c, {}, f);
      if (d.outcome == Outcome::kPermit && d.offered == bit) return true;
    }
  }
  return false;
}

}  // namespace internal

// Whether the document permits the act, by nothing but Evaluate.
inline bool Permits(const Compiled& c, const Point& p) {
  Facts f;
  if (!internal::FactsOf(c, p, f)) return false;
  if (p.receiver.empty()) return internal::PermitsOne(c, p, f);
  // A receiver's index is its place in the clause that answers.
  for (std::uint16_t i = 0; i < c.agreement().clauses.size(); ++i) {
    const auto receiver = c.ReceiverIndex(i, p.receiver);
    if (!receiver) continue;
    f.receiver = *receiver;
    f.asked = c.fields().all();
    if (Evaluate(c, {}, f).clause != i) continue;
    if (internal::PermitsOne(c, p, f)) return true;
  }
  return false;
}

// The same act in the numbers of a diff.
inline Act ActOf(const Universe& u, const Point& p) {
  Act act;
  act.action = p.action;
  act.dataset = p.dataset;
  act.side = p.side;
  const auto set = [&act](SetAxis axis, std::size_t value) {
    act.sets[AxisNumber(axis)] = static_cast<std::uint8_t>(value);
  };
  set(SetAxis::kHolder, NumberOf(u.parties, p.holder));
  set(SetAxis::kAsker, NumberOf(u.parties, p.asker));
  set(SetAxis::kField, NumberOf(u.fields, p.field));
  set(SetAxis::kPurpose, NumberOf(u.purposes, p.leaf));
  set(SetAxis::kBasis, NumberOf(u.bases, p.basis));
  set(SetAxis::kRole, static_cast<std::size_t>(p.role));
  set(SetAxis::kRoute, static_cast<std::size_t>(p.route));
  set(SetAxis::kUrgency, static_cast<std::size_t>(p.urgency));
  set(SetAxis::kMatchSet, static_cast<std::size_t>(p.match_set));
  set(SetAxis::kCase, p.has_case ? 1 : 0);
  act.ranges = {p.approvals_holder, p.approvals_asker, p.age,
                p.use_day,          p.use_year,        p.use_case};
  act.receiver = static_cast<std::uint16_t>(NumberOf(u.receivers, p.receiver));
  for (std::size_t i = 0; i < p.flags.size(); ++i) {
    if (p.flags[i] == FlagState::kAbsent) act.checked_absent |= 1U << i;
  }
  return act;
}

// The act of one corner of a box, each axis at one of its ends.
inline Point CornerOf(Random& random, const Universe& u, const Box& box) {
  Point p;
  const auto member = [&](SetAxis axis) {
    return OneOf(random, box.at(axis).Members());
  };
  const auto end = [&](RangeAxis axis) {
    const Range& range = box.at(axis);
    const std::uint64_t last =
        range.to >= kNoUpperLimit ? range.from + 1 : range.to - 1;
    return static_cast<std::uint32_t>(Below(random, 2) == 0 ? range.from
                                                            : last);
  };
  p.action = box.action;
  p.dataset = box.dataset;
  p.side = box.side;
  do {
    p.holder = u.parties[member(SetAxis::kHolder)];
    p.asker = u.parties[member(SetAxis::kAsker)];
  } while (p.holder == p.asker);
  p.field = u.fields[member(SetAxis::kField)];
  p.leaf = u.purposes[member(SetAxis::kPurpose)];
  p.basis = u.bases[member(SetAxis::kBasis)];
  p.role = static_cast<Role>(member(SetAxis::kRole));
  p.route = static_cast<Route>(member(SetAxis::kRoute));
  p.urgency = static_cast<Urgency>(member(SetAxis::kUrgency));
  p.match_set = static_cast<MatchSet>(member(SetAxis::kMatchSet));
  p.has_case = member(SetAxis::kCase) == 1;
  p.approvals_holder = end(RangeAxis::kApprovalsHolder);
  p.approvals_asker = end(RangeAxis::kApprovalsAsker);
  p.age = end(RangeAxis::kRecordAge);
  p.use_day = end(RangeAxis::kUseDay);
  p.use_year = end(RangeAxis::kUseYear);
  p.use_case = end(RangeAxis::kUseCase);
  if (!box.receivers.empty()) {
    p.receiver = u.receivers[OneOf(random, box.receivers)];
  }
  // The least and the most that may be checked absent.
  std::uint32_t absent = box.flags.absent;
  if (Below(random, 2) == 0) {
    std::uint32_t unknown = 0;
    for (std::uint32_t open : box.flags.open) {
      unknown |= 1U << static_cast<unsigned>(std::countr_zero(open & ~absent));
    }
    absent = ~unknown;
  }
  for (std::size_t i = 0; i < p.flags.size(); ++i) {
    p.flags[i] = ((absent >> i) & 1U) != 0 ? FlagState::kAbsent
                 : Below(random, 2) == 0   ? FlagState::kNotChecked
                                           : FlagState::kPresent;
  }
  return p;
}

// Every value on which one of two documents could differ, axis by axis.
struct Grid {
  std::vector<std::pair<Action, Dataset>> kinds;
  std::vector<std::pair<std::string, std::string>> pairs;
  std::vector<std::string> leaves;
  std::vector<std::string> bases;
  std::vector<std::string> fields;
  std::vector<std::string> offered;
  std::vector<std::string> receivers;
  std::vector<Role> roles;
  std::vector<Route> routes;
  std::vector<Urgency> urgency;
  std::vector<MatchSet> match_sets;
  std::vector<Flag> flags{Flag::kNoAirLink};  // by the law on air travel
  std::vector<std::uint32_t> ages{0};
  std::vector<std::uint32_t> uses_day{1};
  std::vector<std::uint32_t> uses_year{1};
  std::vector<std::uint32_t> uses_case{1};
};

template <class T>
void AddTo(std::vector<T>& values, const T& value) {
  if (std::find(values.begin(), values.end(), value) == values.end()) {
    values.push_back(value);
  }
}
template <class E>
void AddWords(std::vector<E>& values, const WordSet<E>& set) {
  for (std::size_t i = 0; i < WordList<E>::kWords.size(); ++i) {
    if (set.Has(static_cast<E>(i))) AddTo(values, static_cast<E>(i));
  }
}

inline void AddLeaves(Grid& grid, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const std::uint64_t bits = Real().purposes.Expand(word);
    for (std::size_t i = 0; i < Real().purposes.size(); ++i) {
      if (((bits >> i) & 1U) != 0) {
        AddTo(grid.leaves, Real().purposes.purposes()[i].code);
      }
    }
  }
}

inline void AddDocument(Grid& grid, const Agreement& a) {
  for (const Party& holder : a.parties) {
    for (const Party& asker : a.parties) {
      if (holder.code != asker.code) {
        AddTo(grid.pairs, {holder.code, asker.code});
      }
    }
  }
  const auto limit = [](std::vector<std::uint32_t>& values, std::uint32_t n) {
    AddTo(values, n);
    AddTo(values, n + 1);
  };
  for (const Basis& basis : a.bases) AddTo(grid.bases, basis.code);
  for (const Prohibition& p : a.prohibitions) AddWords(grid.flags, p.when);
  for (const Reservation& r : a.reservations) AddWords(grid.flags, r.when);
  for (const Clause& c : a.clauses) {
    AddTo(grid.kinds, {c.action, c.dataset});
    AddLeaves(grid, c.purposes);
    for (const std::string& field : c.fields) AddTo(grid.fields, field);
    for (const std::string& f : c.offered_fields) AddTo(grid.offered, f);
    for (const std::string& to : c.onward_to) AddTo(grid.receivers, to);
    AddWords(grid.roles, c.roles);
    AddWords(grid.routes, c.routes);
    AddWords(grid.urgency, c.urgency);
    if (c.match_set != MatchSet::kNone) AddTo(grid.match_sets, c.match_set);
    limit(grid.ages, c.record_age_max_hours);
    limit(grid.uses_day, c.quota_per_day);
    limit(grid.uses_year, c.quota_per_year);
    if (c.case_required) limit(grid.uses_case, c.quota_per_case);
  }
}

inline Grid GridOf(const Agreement& a, const Agreement& b) {
  Grid grid;
  AddDocument(grid, a);
  AddDocument(grid, b);
  AddTo(grid.leaves, std::string("oversight.audit"));  // granted by nobody
  AddTo(grid.fields, std::string("hit.case-reference"));
  return grid;
}

inline bool Passes(Action action) {
  return action == Action::kOnward || action == Action::kExport;
}
inline bool Compares(Action action) {
  return action == Action::kScreen || action == Action::kQuery;
}

// A point with every axis anywhere on the grid.
inline Point SomePoint(Random& random, const Grid& grid) {
  Point p;
  std::tie(p.action, p.dataset) = OneOf(random, grid.kinds);
  std::tie(p.holder, p.asker) = OneOf(random, grid.pairs);
  p.side = p.action == Action::kDisclose && !grid.offered.empty() &&
                   Below(random, 3) == 0
               ? Side::kOffered
               : Side::kReleased;
  p.leaf = OneOf(random, grid.leaves);
  p.basis = OneOf(random, grid.bases);
  p.field =
      OneOf(random, p.side == Side::kOffered ? grid.offered : grid.fields);
  if (Passes(p.action)) p.receiver = OneOf(random, grid.receivers);
  p.role = OneOf(random, grid.roles);
  p.route = OneOf(random, grid.routes);
  p.urgency = OneOf(random, grid.urgency);
  if (Compares(p.action)) p.match_set = OneOf(random, grid.match_sets);
  p.has_case = Below(random, 4) != 0;
  p.approvals_holder = Below(random, 5);
  p.approvals_asker = Below(random, 4);
  p.age = OneOf(random, grid.ages);
  p.use_day = OneOf(random, grid.uses_day);
  p.use_year = OneOf(random, grid.uses_year);
  p.use_case = OneOf(random, grid.uses_case);
  p.flags.fill(FlagState::kAbsent);
  for (FlagState& flag : p.flags) {
    if (Below(random, 12) == 0) {
      flag = static_cast<FlagState>(Below(random, 3));
    }
  }
  return p;
}

// Every set of at most three flags that were not checked, and each flag
// present.
inline void Walk(const std::vector<Flag>& flags, const Point& p,
                 const std::function<bool(const Point&)>& see) {
  const std::uint32_t sets = 1U << flags.size();
  for (std::uint32_t set = 1; set < sets; ++set) {
    if (std::popcount(set) > 3) continue;
    Point q = p;
    for (std::size_t i = 0; i < flags.size(); ++i) {
      if (((set >> i) & 1U) == 0) continue;
      q.flags[static_cast<std::size_t>(flags[i])] = FlagState::kNotChecked;
    }
    see(q);
    if (!std::has_single_bit(set)) continue;
    const auto only = static_cast<std::size_t>(std::countr_zero(set));
    q.flags[static_cast<std::size_t>(flags[only])] = FlagState::kPresent;
    see(q);
  }
}

// Calls `see` for every point of the selector and field of the grid with the
// best of facts and, where that says true, with each fact in turn at each of
// its corners. (What the best facts do not permit, no facts do: property 3.)
inline void Walk(const Grid& grid,
                 const std::function<bool(const Point&)>& see) {
  const auto facts = [&](Point p) {
    p.flags.fill(FlagState::kAbsent);
    if (!see(p)) return;
    const auto each = [&](std::uint32_t Point::* axis, const auto& values) {
      for (std::uint32_t value : values) {
        Point q = p;
        q.*axis = value;
        see(q);
      }
    };
    const std::vector<std::uint32_t> people{0, 1, 2, 3, 4};
    each(&Point::approvals_holder, people);
    each(&Point::approvals_asker, people);
    each(&Point::age, grid.ages);
    each(&Point::use_day, grid.uses_day);
    each(&Point::use_year, grid.uses_year);
    each(&Point::use_case, grid.uses_case);
    Point q = p;
    q.has_case = false;
    see(q);
    Walk(grid.flags, p, see);
  };
  const auto fields = [&](Point p, Side side,
                          const std::vector<std::string>& codes) {
    p.side = side;
    for (const std::string& code : codes) {
      p.field = code;
      facts(p);
    }
  };
  const std::vector<std::string> nobody{""};
  const std::vector<MatchSet> none{MatchSet::kNone};
  Point p;
  for (const auto& [action, dataset] : grid.kinds)
    for (const auto& [holder, asker] : grid.pairs)
      for (const std::string& leaf : grid.leaves)
        for (const std::string& basis : grid.bases)
          for (Role role : grid.roles)
            for (Route route : grid.routes)
              for (Urgency urgency : grid.urgency)
                for (MatchSet set : Compares(action) ? grid.match_sets : none)
                  for (const std::string& to :
                       Passes(action) ? grid.receivers : nobody) {
                    p.action = action;
                    p.dataset = dataset;
                    p.holder = holder;
                    p.asker = asker;
                    p.leaf = leaf;
                    p.basis = basis;
                    p.role = role;
                    p.route = route;
                    p.urgency = urgency;
                    p.match_set = set;
                    p.receiver = to;
                    fields(p, Side::kReleased, grid.fields);
                    if (action == Action::kDisclose) {
                      fields(p, Side::kOffered, grid.offered);
                    }
                  }
}

}  // namespace entente::policy::oracle
