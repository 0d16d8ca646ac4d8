#include "policy/evaluate_parts.h"

#include "policy/evaluate.h"
#include "policy/freshness.h"

namespace entente::policy::evaluate {
namespace {

constexpr std::int64_t kLastSecond = 253402300799;  // of the year 9999
constexpr std::uint32_t kDefinedFlags =
    (1U << (2U * (static_cast<unsigned>(Flag::kLast) + 1U))) - 1U;

bool InClause(Action action) {
  return static_cast<std::size_t>(action) < kClauseActions;
}

template <class E>
bool IsWord(std::uint8_t value) {
  return value <= static_cast<std::uint8_t>(E::kLast);
}

bool FlagsWellFormed(std::uint32_t flags) {
  return (flags & ~kDefinedFlags) == 0 &&
         (flags & (flags >> 1U) & 0x55555555U) == 0;
}

bool IndexesKnown(const Compiled& c, const Facts& f) {
  return f.holder < c.agreement().parties.size() &&
         f.asker < c.agreement().parties.size() && f.holder != f.asker &&
         f.purpose < c.purposes().size() &&
         f.basis < c.agreement().bases.size() && IsWord<Dataset>(f.dataset) &&
         IsWord<Role>(f.role) && IsWord<Route>(f.route) &&
         IsWord<Urgency>(f.urgency) && IsWord<MatchSet>(f.match_set) &&
         IsWord<State>(f.state) && (f.asked & ~c.fields().all()) == 0 &&
         (f.offered & ~c.fields().all()) == 0;
}

// An agreement that ended has the moment of its end, and no other has one.
bool EndKnown(const Facts& f) {
  const auto state = static_cast<State>(f.state);
  return (f.ended != 0) ==
         (state == State::kTerminated || state == State::kClosed);
}

// Values that the action does not use are 0.
bool FitsAction(const Compiled& c, const Facts& f) {
  const bool screens =
      f.action == Action::kScreen || f.action == Action::kQuery;
  const bool passes_on =
      f.action == Action::kOnward || f.action == Action::kExport;
  if ((!screens && f.match_set != 0) || (!passes_on && f.receiver != 0)) {
    return false;
  }
  if (!InClause(f.action)) {
    return f.offered == 0 && f.origin_clause < c.agreement().clauses.size();
  }
  return f.origin_clause == 0 && f.asked != 0 && f.units != 0 &&
         (f.action == Action::kScreen || f.units == 1);
}

std::uint64_t StateReasons(const Facts& f) {
  switch (static_cast<State>(f.state)) {
    case State::kActive:
      return 0;
    case State::kSuperseded:
      return Bit(Reason::kS04);
    case State::kSuspended:
      return Bit(Reason::kS01);
    case State::kTerminated:
    case State::kClosed:
      return Bit(Reason::kS03);
    default:
      return Bit(Reason::kS02);
  }
}

// The clause under which the item came, if it lets data flow this way.
const Clause* Origin(const Compiled& c, const Facts& f) {
  return c.clause_bits()[f.origin_clause].Covers(f.holder, f.asker)
             ? &c.agreement().clauses[f.origin_clause]
             : nullptr;
}

}  // namespace

bool WellFormed(const Compiled& compiled, const Facts& facts) noexcept {
  return facts.format == 1 && facts.action <= Action::kLast && facts.now >= 0 &&
         facts.now <= kLastSecond && facts.ended >= 0 &&
         facts.ended <= kLastSecond &&
         facts.zero == std::array<std::uint8_t, 3>{} &&
         FlagsWellFormed(facts.flags) && IndexesKnown(compiled, facts) &&
         EndKnown(facts) && FitsAction(compiled, facts);
}

Decision Deny(std::uint64_t reasons) noexcept {
  Decision out;
  out.reasons = reasons;
  return out;
}

Decision Malformed(const Facts& facts) noexcept {
  Decision out = Deny(Bit(Reason::kA04));
  if (facts.action == Action::kRetain) out.obligations.frozen = 1;
  return out;
}

std::uint64_t AgreementReasons(const Compiled& compiled,
                               const Facts& f) noexcept {
  const Agreement& agreement = compiled.agreement();
  std::uint64_t reasons = StateReasons(f);
  const auto fail = [&](bool failed, Reason reason) {
    if (failed) reasons |= Bit(reason);
  };
  fail(f.now < agreement.validity.from, Reason::kS02);
  fail(f.now >= agreement.validity.until, Reason::kS03);
  fail(f.agreement != compiled.hash(), Reason::kS04);
  fail(f.status_age_holder > kStatusLifeSeconds ||
           f.status_age_asker > kStatusLifeSeconds,
       Reason::kS05);
  fail(f.assessment_left_holder == 0 || f.assessment_left_asker == 0,
       Reason::kS06);
  fail(agreement.rights.overdue_receipt_stops_questions &&
           f.Has(fact::kReceiptOverdue),
       Reason::kS07);
  fail(f.Has(fact::kEmergencyUnreviewed), Reason::kS08);
  fail(!f.Has(fact::kLogOpen), Reason::kA01);
  if (f.action == Action::kCorrect &&
      f.state != static_cast<std::uint8_t>(State::kClosed)) {
    constexpr std::uint64_t kPassed = Bit(Reason::kS01) | Bit(Reason::kS03) |
                                      Bit(Reason::kS05) | Bit(Reason::kS06) |
                                      Bit(Reason::kS07) | Bit(Reason::kS08);
    reasons &= ~kPassed;
  }
  return reasons;
}

std::uint64_t LocalReasons(const Local& local, const Facts& f) noexcept {
  const bool cut =
      Holds(local.parties, f.holder) || Holds(local.parties, f.asker) ||
      Holds(local.actions, static_cast<std::size_t>(f.action)) ||
      Holds(local.datasets, f.dataset) || Holds(local.purposes, f.purpose);
  return cut ? Bit(Reason::kL01) : 0;
}

// A correction or erasure names what it is about and carries no field.
Decision Correct(const Compiled& compiled, const Facts& f) noexcept {
  if (Origin(compiled, f) == nullptr) return Deny(Bit(Reason::kW01));
  Decision out;
  out.outcome = Outcome::kPermit;
  out.clause = f.origin_clause;
  return out;
}

}  // namespace entente::policy::evaluate
