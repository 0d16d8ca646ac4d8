// How long a received item stays, and what it takes to see the identifying
// fields again (agreements.md 5, step 6).

#include <algorithm>

#include "policy/evaluate.h"
#include "policy/evaluate_parts.h"

namespace entente::policy {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::uint64_t kNeverHours = ~std::uint64_t{0};
constexpr std::uint8_t kUnmaskApprovals = 2;

// In hours since receipt; an item goes when it was held so long.
struct Limits {
  std::uint64_t retain = 0;
  std::uint64_t retain_case = 0;
  std::uint64_t mask = kNeverHours;

  static Limits Of(const Clause& clause) {
    Limits out;
    out.retain = std::uint64_t{clause.retain_days} * 24;
    out.retain_case = std::uint64_t{clause.retain_days_case} * 24;
    if (clause.masks()) out.mask = std::uint64_t{clause.mask_after_days} * 24;
    return out;
  }
  static Limits Lower(const Limits& a, const Limits& b) {
    Limits out;
    out.retain = std::min(a.retain, b.retain);
    out.retain_case = std::min(a.retain_case, b.retain_case);
    out.mask = std::min(a.mask, b.mask);
    return out;
  }
  bool Over(const Facts& f) const {
    return f.held >= (f.Has(fact::kOpenCase) ? retain_case : retain);
  }
};

// The index of `code` among `rows`; past the end when it is not there.
template <class Row>
std::uint8_t IndexOf(const std::vector<Row>& rows, std::string_view code) {
  std::size_t i = 0;
  while (i < rows.size() && rows[i].code != code) ++i;
  return static_cast<std::uint8_t>(std::min<std::size_t>(i, 0xFF));
}

// The clause of the present version that selects what the clause of receipt
// selected; parties and bases are found by their codes.
const Clause* SameInPresent(const Compiled& received, const Compiled& present,
                            const Facts& f) {
  const Agreement& old = received.agreement();
  const Agreement& now = present.agreement();
  Facts g = f;
  g.action = old.clauses[f.origin_clause].action;
  g.holder = IndexOf(now.parties, old.parties[f.holder].code);
  g.asker = IndexOf(now.parties, old.parties[f.asker].code);
  g.basis = IndexOf(now.bases, old.bases[f.basis].code);
  g.purpose = IndexOf(present.purposes().purposes(),
                      received.purposes().purposes()[f.purpose].code);
  const std::uint16_t index = evaluate::SelectClause(present, g);
  return index == kNoClause ? nullptr : &now.clauses[index];
}

// The moment from which an ended agreement leaves nothing; 0: it has not ended,
// or its data lives on under the version that replaced it. Of two versions the
// stricter numbers count.
std::int64_t DeleteBy(const Compiled& received, const Compiled* present,
                      const Facts& f) {
  const Agreement& old = received.agreement();
  const bool replaced =
      (present != nullptr && present->hash() != received.hash()) ||
      f.state == static_cast<std::uint8_t>(State::kSuperseded);
  std::int64_t ended = f.ended;
  if (ended == 0 && f.now >= old.validity.until && !replaced) {
    ended = old.validity.until;
  }
  if (ended == 0) return 0;
  std::uint32_t within = old.ending.delete_within_days;
  std::uint32_t extension = old.ending.open_case_extension_max_days;
  if (present != nullptr) {
    const Ending& now = present->agreement().ending;
    within = std::min(within, now.delete_within_days);
    extension = std::min(extension, now.open_case_extension_max_days);
  }
  const std::int64_t days =
      std::int64_t{within} + (f.Has(fact::kOpenCase) ? extension : 0);
  return ended + days * kDay;
}

Decision Keep(const Facts& f, std::uint64_t fields) {
  Decision out;
  out.outcome = Outcome::kPermit;
  out.clause = f.origin_clause;
  out.fields = fields;
  return out;
}

Decision Frozen(std::uint64_t reasons) {
  Decision out = evaluate::Deny(reasons);
  out.obligations.frozen = 1;
  return out;
}

}  // namespace

Decision EvaluateRetain(const Compiled& received_under, const Compiled* present,
                        const Facts& f) noexcept {
  if (!evaluate::WellFormed(received_under, f) || f.action != Action::kRetain) {
    return Frozen(Bit(Reason::kA04));
  }
  // Without the log a deletion could not be recorded: keep, frozen.
  if (!f.Has(fact::kLogOpen)) return Frozen(Bit(Reason::kA01));
  if (f.agreement != received_under.hash()) return Frozen(Bit(Reason::kS04));
  const ClauseBits& bits = received_under.clause_bits()[f.origin_clause];
  if (!bits.Covers(f.holder, f.asker)) return Frozen(Bit(Reason::kW01));
  const std::uint64_t fields = f.asked & bits.fields;
  if (f.Has(fact::kLegalHold)) {
    Decision out = Keep(f, fields);
    out.obligations.frozen = 1;
    return out;
  }
  Limits limits =
      Limits::Of(received_under.agreement().clauses[f.origin_clause]);
  if (present != nullptr) {
    const Clause* same = SameInPresent(received_under, *present, f);
    if (same != nullptr) limits = Limits::Lower(limits, Limits::Of(*same));
  }
  const std::int64_t delete_by = DeleteBy(received_under, present, f);
  std::uint64_t over = 0;
  if (limits.Over(f)) over |= Bit(Reason::kT01);
  if (delete_by != 0 && f.now >= delete_by) over |= Bit(Reason::kT03);
  if (over != 0) return evaluate::Deny(over);
  const bool masked = f.held >= limits.mask;
  Decision out =
      Keep(f, masked ? fields & ~received_under.fields().masked() : fields);
  if (masked) out.reasons |= Bit(Reason::kT02);
  const bool frozen =
      delete_by != 0 || f.state == static_cast<std::uint8_t>(State::kSuspended);
  out.obligations.frozen = frozen ? 1 : 0;
  return out;
}

Decision evaluate::Unmask(const Compiled& compiled, const Local& local,
                          const Facts& f) noexcept {
  const ClauseBits& bits = compiled.clause_bits()[f.origin_clause];
  if (!bits.Covers(f.holder, f.asker)) return Deny(Bit(Reason::kW01));
  const Limits limits =
      Limits::Of(compiled.agreement().clauses[f.origin_clause]);
  Decision out;
  out.clause = f.origin_clause;
  out.reasons = LocalReasons(local, f);
  const auto fail = [&](bool failed, Reason reason) {
    if (failed) out.reasons |= Bit(reason);
  };
  const std::uint64_t within = f.asked & bits.fields;
  const std::uint64_t fields = within & ~local.fields;
  fail(limits.Over(f), Reason::kT01);
  fail(!f.Has(fact::kHasOrder), Reason::kC08);
  fail(f.Has(fact::kDeclined), Reason::kH01);
  fail(fields == 0, within == 0 ? Reason::kF01 : Reason::kL01);
  fail(f.approvals_asker < kUnmaskApprovals, Reason::kC02);
  if ((out.reasons & ~kCurable) != 0) return out;
  out.outcome = out.reasons != 0 ? Outcome::kPend : Outcome::kPermit;
  out.fields = fields;
  out.obligations.need_asker = kUnmaskApprovals;
  out.obligations.notify = kNotifyAskerDpo;
  return out;
}

}  // namespace entente::policy
