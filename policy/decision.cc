#include "policy/decision.h"

#include <algorithm>

#include "crypto/base/codec.h"

namespace entente::policy {
namespace {

// 0 stands for "does not apply", not for the earliest moment.
std::int64_t Earlier(std::int64_t a, std::int64_t b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

std::uint8_t Joined(std::uint8_t a, std::uint8_t b) {
  return static_cast<std::uint8_t>(a | b);
}

}  // namespace

Bytes EncodeDecision(const Decision& decision) { return Encode(decision); }

absl::StatusOr<Decision> DecodeDecision(ByteView bytes) {
  return Decode<Decision>(bytes);
}

Decision Combine(const Decision& asker, const Decision& holder) {
  const Obligations& a = asker.obligations;
  const Obligations& h = holder.obligations;
  Decision out;
  out.outcome = std::min(asker.outcome, holder.outcome);
  // Two clauses are two rights, and rights are never pooled.
  if (asker.clause != holder.clause) out.outcome = Outcome::kDeny;
  out.clause = asker.clause == holder.clause ? asker.clause : kNoClause;
  out.reasons = asker.reasons | holder.reasons;
  if (asker.clause != holder.clause) out.reasons |= Bit(Reason::kA03);
  if (out.outcome == Outcome::kDeny) return out;
  out.fields = asker.fields & holder.fields;
  out.offered = asker.offered & holder.offered;
  out.obligations = {.retain_until = Earlier(a.retain_until, h.retain_until),
                     .mask_at = Earlier(a.mask_at, h.mask_at),
                     .answer_by = Earlier(a.answer_by, h.answer_by),
                     .handling = std::max(a.handling, h.handling),
                     .caveats = Joined(a.caveats, h.caveats),
                     .need_holder = std::max(a.need_holder, h.need_holder),
                     .need_asker = std::max(a.need_asker, h.need_asker),
                     .notify = Joined(a.notify, h.notify),
                     .frozen = Joined(a.frozen, h.frozen)};
  // Both may let something through and yet nothing in common.
  if (out.fields == 0 && (asker.fields | holder.fields) != 0) {
    Decision nothing;
    nothing.clause = out.clause;
    nothing.reasons = out.reasons | Bit(Reason::kF01);
    return nothing;
  }
  return out;
}

}  // namespace entente::policy
