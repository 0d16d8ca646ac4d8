#pragma once
// facts/1: all that a decision depends on beside the document, as codes and
// numbers without personal data. 128 bytes, big-endian, in the order of the
// fields below; logged with every decision, so that it can be replayed.
//
// Indexes: party, basis and clause in document order, purpose and field by
// catalogue bit, other words by their list in words.h. Unused values are 0.
// Source: agreements.md 5.

#include <absl/status/statusor.h>

#include <array>
#include <cstdint>

#include "crypto/base/bytes.h"
#include "policy/words.h"

namespace entente::policy {

enum class FlagState : std::uint8_t {
  kNotChecked,
  kAbsent,
  kPresent,
  kInvalid,  // A04
  kLast = kInvalid
};

// Bits of Facts::bits.
namespace fact {
inline constexpr std::uint8_t kHasCase = 1U << 0U;
inline constexpr std::uint8_t kOpenCase = 1U << 1U;
inline constexpr std::uint8_t kLogOpen = 1U << 2U;
inline constexpr std::uint8_t kReceiptOverdue = 1U << 3U;
inline constexpr std::uint8_t kEmergencyUnreviewed = 1U << 4U;
inline constexpr std::uint8_t kHasOrder = 1U << 5U;
inline constexpr std::uint8_t kLegalHold = 1U << 6U;
inline constexpr std::uint8_t kDeclined = 1U << 7U;
}  // namespace fact

struct Facts {
  std::uint8_t format = 1;
  Action action = Action::kScreen;
  std::uint8_t holder = 0;
  std::uint8_t asker = 0;
  std::uint8_t dataset = 0;
  std::uint8_t purpose = 0;
  std::uint8_t basis = 0;
  std::uint8_t role = 0;
  std::uint8_t route = 0;
  std::uint8_t urgency = 0;
  std::uint8_t match_set = 0;  // 0 unless screen or query
  std::uint8_t state = 0;
  std::uint32_t flags = 0;  // two bits each, a FlagState
  std::uint64_t asked = 0;
  std::uint64_t offered = 0;
  std::int64_t now = 0;
  std::int64_t ended = 0;               // 0: not terminated
  std::uint32_t status_age_holder = 0;  // seconds; all ones: no statement
  std::uint32_t status_age_asker = 0;
  std::uint32_t assessment_left_holder = 0;  // seconds; 0: overdue
  std::uint32_t assessment_left_asker = 0;
  std::uint32_t record_age = 0;  // hours
  std::uint32_t held = 0;        // hours, for retain and unmask
  std::uint32_t used_day = 0;
  std::uint32_t used_year = 0;
  std::uint32_t used_case = 0;
  std::uint32_t units = 0;  // persons of a screening's batch, else 1
  std::uint8_t approvals_holder = 0;
  std::uint8_t approvals_asker = 0;
  std::uint8_t bits = 0;
  std::uint8_t receiver = 0;       // onward, export: 1 + place in `onward_to`
  std::uint8_t origin_clause = 0;  // retain, unmask, correct
  std::array<std::uint8_t, 3> zero{};
  Hash agreement{};

  bool Has(std::uint8_t bit) const { return (bits & bit) != 0; }
  FlagState flag(Flag flag) const {
    return static_cast<FlagState>(
        (flags >> (2U * static_cast<unsigned>(flag))) & 3U);
  }
  void Set(Flag flag, FlagState value) {
    const unsigned shift = 2U * static_cast<unsigned>(flag);
    flags = (flags & ~(3U << shift)) | (static_cast<unsigned>(value) << shift);
  }
  bool operator==(const Facts&) const = default;
};

inline constexpr std::size_t kFactsBytes = 128;
ByteArray<kFactsBytes> EncodeFacts(const Facts& facts) noexcept;
// INVALID_ARGUMENT: another length, format or action, non-zero spare bytes.
// Indexes are judged by Evaluate, which knows the document.
absl::StatusOr<Facts> DecodeFacts(ByteView bytes);
// SHA-256 of the encoding.
Hash FactsHash(const Facts& facts) noexcept;

}  // namespace entente::policy
