#pragma once
// What Evaluate answers. Deny and pend release nothing; on pend, `fields` says
// what would go once the missing steps are done.
// Source: agreements.md 5.

#include <absl/status/statusor.h>

#include <cstdint>

#include "crypto/base/bytes.h"
#include "policy/reason.h"

namespace entente::policy {

enum class Outcome : std::uint8_t { kDeny, kPend, kPermit, kLast = kPermit };

inline constexpr std::uint16_t kNoClause = 0xFFFF;

// Bits of Obligations::notify.
inline constexpr std::uint8_t kNotifyHolderDpo = 1U << 0U;
inline constexpr std::uint8_t kNotifyAskerDpo = 1U << 1U;

struct Obligations {
  std::int64_t retain_until = 0;  // POSIX seconds; 0: does not apply
  std::int64_t mask_at = 0;
  std::int64_t answer_by = 0;
  std::uint8_t handling = 0;     // Handling
  std::uint8_t caveats = 0;      // WordSet<Caveat>
  std::uint8_t need_holder = 0;  // approvals that are required, not missing
  std::uint8_t need_asker = 0;
  std::uint8_t notify = 0;
  std::uint8_t frozen = 0;  // 1: keep, but no reading, use or passing on
  bool operator==(const Obligations&) const = default;
  template <class A>
  void Fields(A& f) {
    f(retain_until, mask_at, answer_by, handling, caveats, need_holder,
      need_asker, notify, frozen);
  }
};

struct Decision {
  Outcome outcome = Outcome::kDeny;
  std::uint64_t fields = 0;
  std::uint64_t offered = 0;
  std::uint16_t clause = kNoClause;  // index in document order
  std::uint64_t reasons = 0;
  Obligations obligations;

  bool Has(Reason reason) const { return (reasons & Bit(reason)) != 0; }
  bool operator==(const Decision&) const = default;
  template <class A>
  void Fields(A& f) {
    f(outcome, fields, offered, clause, reasons, obligations);
  }
};

inline constexpr std::size_t kDecisionBytes = 57;
// Big-endian, in the order of the fields.
Bytes EncodeDecision(const Decision& decision);
// INVALID_ARGUMENT: another length or outcome.
absl::StatusOr<Decision> DecodeDecision(ByteView bytes);

// Both sides must permit: fields met, dates the earlier, approvals and handling
// the higher, caveats and notices joined, the lower outcome.
Decision Combine(const Decision& asker, const Decision& holder);

// Only curable reasons: C01, C02, X02.
inline constexpr std::uint64_t kCurable =
    Bit(Reason::kC01) | Bit(Reason::kC02) | Bit(Reason::kX02);

}  // namespace entente::policy
