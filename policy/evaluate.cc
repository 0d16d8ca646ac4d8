#include "policy/evaluate.h"

#include <algorithm>
#include <bit>

#include "policy/evaluate_parts.h"

namespace entente::policy {
namespace {

using evaluate::Holds;

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kVitalSeconds = 24 * kHour;

// A request as one bit for each word of the selector.
std::uint64_t Packed(const Facts& f) {
  return kBasisPlace.One(f.basis) |
         kActionPlace.One(static_cast<unsigned>(f.action)) |
         kDatasetPlace.One(f.dataset) | kRolePlace.One(f.role) |
         kRoutePlace.One(f.route) | kUrgencyPlace.One(f.urgency);
}

// Every word has a bit: an index outside its list has none, and would then be
// missing from no clause.
bool Complete(std::uint64_t packed) { return std::popcount(packed) == 6; }

// Clauses are disjoint in the selector, so the first that passes is the one.
std::uint16_t Select(const Compiled& compiled, const Facts& f) {
  const std::uint64_t packed = Packed(f);
  if (!Complete(packed)) return kNoClause;
  for (std::uint16_t i : compiled.ClausesFor(f.holder, f.asker, f.action)) {
    const ClauseBits& clause = compiled.clause_bits()[i];
    if ((packed & ~clause.selector) == 0 && Holds(clause.purposes, f.purpose)) {
      return i;
    }
  }
  return kNoClause;
}

std::uint64_t ReasonsOf(std::uint64_t missing, bool direction, bool purpose) {
  std::uint64_t failed = 0;
  const auto fail = [&](bool fails, Reason reason) {
    if (fails) failed |= Bit(reason);
  };
  fail(!direction, Reason::kW01);
  fail(kRolePlace.In(missing), Reason::kW02);
  fail(kActionPlace.In(missing), Reason::kW03);
  fail(kDatasetPlace.In(missing), Reason::kW04);
  fail(!purpose, Reason::kP01);
  fail(kBasisPlace.In(missing), Reason::kP02);
  fail(kRoutePlace.In(missing), Reason::kC05);
  fail(kUrgencyPlace.In(missing), Reason::kC06);
  return failed;
}

// Fewest failed tests, then the smallest id (clauses are sorted by id).
std::uint64_t NearestFailure(const Compiled& compiled, const Facts& f) {
  const std::uint16_t index = evaluate::NearestClause(compiled, f);
  if (index == kNoClause) return Bit(Reason::kW01) | Bit(Reason::kW03);
  const ClauseBits& nearest = compiled.clause_bits()[index];
  return ReasonsOf(Packed(f) & ~nearest.selector,
                   nearest.Covers(f.holder, f.asker),
                   Holds(nearest.purposes, f.purpose));
}

// What one side may release, and why the rest may not.
struct Release {
  std::uint64_t fields = 0;
  std::uint64_t reasons = 0;
};

class Releaser {
 public:
  Releaser(const Compiled& compiled, const Local& local, const Facts& f,
           bool air_link)
      : compiled_(compiled),
        local_(local),
        f_(f),
        present_((f.flags >> 1U) & kLowBits),
        unchecked_(~(f.flags | (f.flags >> 1U)) & kLowBits),
        air_link_(air_link) {}

  Release From(std::uint8_t releasing, std::uint64_t asked,
               std::uint64_t granted) const {
    Release out;
    if (asked == 0) return out;
    const std::uint64_t outside = asked & ~granted;
    if (outside != 0) out.reasons |= OutsideReasons(outside);
    const std::uint64_t within = asked & granted;
    // Each cut looks at the same fields, so their order never shows.
    std::uint64_t left = within;
    std::uint64_t flagged = 0;
    std::uint64_t doubtful = 0;
    for (const RestrictionBits& r : compiled_.restrictions()) {
      if ((r.by != kNobody && r.by != releasing) ||
          !r.Touches(static_cast<std::uint8_t>(f_.action), f_.purpose)) {
        continue;
      }
      const std::uint64_t hit = within & r.fields;
      if (hit == 0) continue;
      if (r.flag_pairs == 0) {
        left &= ~hit;
        out.reasons |= Bit(r.by == kNobody ? Reason::kP03 : Reason::kF03);
      } else if ((r.flag_pairs & present_) != 0) {
        flagged |= hit;
      } else if ((r.flag_pairs & unchecked_) != 0) {
        doubtful |= hit;
      }
    }
    if (air_link_) {
      if ((PairBit(Flag::kNoAirLink) & present_) != 0) flagged |= within;
      if ((PairBit(Flag::kNoAirLink) & unchecked_) != 0) doubtful |= within;
    }
    if ((left & flagged) != 0) out.reasons |= Bit(Reason::kX01);
    left &= ~flagged;
    if ((left & local_.fields) != 0) out.reasons |= Bit(Reason::kL01);
    left &= ~local_.fields;
    // A field that is gone anyway needs no check.
    if ((left & doubtful) != 0) out.reasons |= Bit(Reason::kX02);
    out.fields = left;
    return out;
  }

 private:
  static constexpr std::uint32_t kLowBits = 0x55555555U;

  std::uint64_t OutsideReasons(std::uint64_t outside) const {
    const FieldCatalogue& fields = compiled_.fields();
    std::uint64_t reasons = 0;
    if ((outside & fields.free_text()) != 0) reasons |= Bit(Reason::kF04);
    if ((outside & fields.sensitive()) != 0) reasons |= Bit(Reason::kF02);
    if ((outside & ~(fields.free_text() | fields.sensitive())) != 0) {
      reasons |= Bit(Reason::kF01);
    }
    return reasons;
  }

  const Compiled& compiled_;
  const Local& local_;
  const Facts& f_;
  std::uint32_t present_;
  std::uint32_t unchecked_;
  bool air_link_;
};

// Step 4: the numbers of the request against those of the clause.
std::uint64_t ScalarReasons(const Compiled& compiled, const Clause& clause,
                            const Local& local, const Facts& f) {
  std::uint64_t reasons = 0;
  const auto fail = [&](bool failed, Reason reason) {
    if (failed) reasons |= Bit(reason);
  };
  const bool onward =
      clause.action == Action::kOnward || clause.action == Action::kExport;
  const std::int64_t oldest = f.now - std::int64_t{f.record_age} * kHour;
  const auto over = [&](std::uint32_t used, std::uint32_t quota) {
    return std::uint64_t{used} + f.units > quota;
  };
  fail(f.match_set != static_cast<std::uint8_t>(clause.match_set),
       Reason::kW05);
  fail(onward && (f.receiver == 0 || f.receiver > clause.onward_to.size()),
       Reason::kW06);
  fail(f.record_age > clause.record_age_max_hours, Reason::kC03);
  fail(oldest < compiled.agreement().parties[f.asker].history_from,
       Reason::kC07);
  fail(over(f.used_day, clause.quota_per_day) ||
           over(f.used_year, clause.quota_per_year) ||
           (clause.case_required && over(f.used_case, clause.quota_per_case)),
       Reason::kC04);
  fail(local.quota_per_day != kNoLocalQuota &&
           over(f.used_day, local.quota_per_day),
       Reason::kL01);
  fail(f.Has(fact::kDeclined), Reason::kH01);
  fail(clause.case_required && !f.Has(fact::kHasCase), Reason::kC01);
  fail(f.approvals_holder < clause.reviewers_holder ||
           f.approvals_asker < clause.reviewers_asker,
       Reason::kC02);
  return reasons;
}

Obligations Duties(const Clause& clause, const Facts& f) {
  Obligations out;
  const std::uint32_t days =
      f.Has(fact::kOpenCase) ? clause.retain_days_case : clause.retain_days;
  out.retain_until = f.now + days * kDay;
  if (clause.masks()) out.mask_at = f.now + clause.mask_after_days * kDay;
  if (clause.review != Review::kNone) {
    std::int64_t seconds = clause.answer_within_hours * kHour;
    // What is vital lapses in a day, whatever the clause gives.
    if (f.urgency == static_cast<std::uint8_t>(Urgency::kVital)) {
      seconds = std::min(seconds, kVitalSeconds);
    }
    out.answer_by = f.now + seconds;
  }
  out.handling = static_cast<std::uint8_t>(clause.handling);
  out.caveats = static_cast<std::uint8_t>(clause.caveats.bits);
  out.need_holder = static_cast<std::uint8_t>(clause.reviewers_holder);
  out.need_asker = static_cast<std::uint8_t>(clause.reviewers_asker);
  return out;
}

// The five actions that stand in clauses: steps 2 to 5.
Decision EvaluateClause(const Compiled& compiled, const Local& local,
                        const Facts& f) {
  const std::uint16_t index = Select(compiled, f);
  if (index == kNoClause) {
    return evaluate::Deny(NearestFailure(compiled, f));
  }
  const ClauseBits& bits = compiled.clause_bits()[index];
  const Clause& clause = compiled.agreement().clauses[index];
  // Nobody checks flags where nobody reviews; lint keeps such clauses from
  // needing one, and a screening shows no flag of a person (agreements.md 2.6).
  const bool air_link =
      clause.review != Review::kNone &&
      Holds(compiled.AirLinkLeaves(f.holder, f.asker), f.purpose);
  const Releaser releaser(compiled, local, f, air_link);
  const Release fields = releaser.From(f.holder, f.asked, bits.fields);
  const Release offered = releaser.From(f.asker, f.offered, bits.offered);
  const std::uint64_t failed = ScalarReasons(compiled, clause, local, f) |
                               evaluate::LocalReasons(local, f);
  Decision out;
  out.clause = index;
  out.reasons = fields.reasons | offered.reasons | failed;
  if (fields.fields == 0 || (failed & ~kCurable) != 0) return out;
  out.outcome =
      (out.reasons & kCurable) != 0 ? Outcome::kPend : Outcome::kPermit;
  out.fields = fields.fields;
  out.offered = offered.fields;
  out.obligations = Duties(clause, f);
  return out;
}

}  // namespace

Decision Evaluate(const Compiled& compiled, const Local& local,
                  const Facts& facts) noexcept {
  if (!evaluate::WellFormed(compiled, facts)) {
    return evaluate::Malformed(facts);
  }
  if (facts.action == Action::kRetain) {
    return EvaluateRetain(compiled, nullptr, facts);
  }
  const std::uint64_t reasons = evaluate::AgreementReasons(compiled, facts);
  if (reasons != 0) return evaluate::Deny(reasons);
  switch (facts.action) {
    case Action::kUnmask:
      return evaluate::Unmask(compiled, local, facts);
    case Action::kCorrect:
      return evaluate::Correct(compiled, facts);
    default:
      return EvaluateClause(compiled, local, facts);
  }
}

std::uint16_t evaluate::NearestClause(const Compiled& compiled,
                                      const Facts& f) {
  const std::uint64_t packed = Packed(f);
  std::uint16_t nearest = kNoClause;
  int fewest = 64;
  for (std::uint16_t i = 0; i < compiled.clause_bits().size(); ++i) {
    const ClauseBits& clause = compiled.clause_bits()[i];
    const int failed = std::popcount(packed & ~clause.selector) +
                       (Holds(clause.purposes, f.purpose) ? 0 : 1) +
                       (clause.Covers(f.holder, f.asker) ? 0 : 1);
    if (failed < fewest) {
      fewest = failed;
      nearest = i;
    }
  }
  return nearest;
}

std::uint16_t evaluate::SelectClause(const Compiled& compiled,
                                     const Facts& facts) {
  return Select(compiled, facts);
}

}  // namespace entente::policy
