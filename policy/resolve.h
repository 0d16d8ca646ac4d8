#pragma once
// Clauses and restrictions as bits: words looked up in the catalogues,
// each/other and `any` expanded. Lint and Compiled resolve with the same code.
// An unknown word gives no bit, so it grants nothing and, because lint refuses
// it (110), never silently restricts nothing.
// Source: agreements.md 2.2, 5.

#include <cstdint>
#include <span>

#include "policy/agreement.h"
#include "policy/catalogue.h"

namespace entente::policy {

// The words of a selector packed one-hot into 64 bits, so that a request and a
// clause are compared in one step: request & ~clause is what fails.
//   0-31 basis   32-36 action   37-39 dataset   40-43 role   44-47 route
//   48-50 urgency
struct SelectorPlace {
  unsigned shift;
  unsigned count;
  constexpr std::uint64_t Of(std::uint64_t bits) const {
    return (bits & ((std::uint64_t{1} << count) - 1)) << shift;
  }
  constexpr std::uint64_t One(unsigned index) const {
    return index < count ? std::uint64_t{1} << (shift + index) : 0;
  }
  constexpr bool In(std::uint64_t packed) const {
    return Of(packed >> shift) != 0;
  }
};
inline constexpr SelectorPlace kBasisPlace{0, 32};
inline constexpr SelectorPlace kActionPlace{32, 5};
inline constexpr SelectorPlace kDatasetPlace{37, 3};
inline constexpr SelectorPlace kRolePlace{40, 4};
inline constexpr SelectorPlace kRoutePlace{44, 4};
inline constexpr SelectorPlace kUrgencyPlace{48, 3};

// A clause; bits by party index, leaf, field, basis index and word.
struct ClauseBits {
  std::uint64_t holders = 0;
  std::uint64_t askers = 0;
  std::uint64_t purposes = 0;
  std::uint64_t fields = 0;
  std::uint64_t offered = 0;
  std::uint64_t selector = 0;
  std::uint32_t bases = 0;
  std::uint8_t action = 0;
  std::uint8_t dataset = 0;
  std::uint8_t roles = 0;
  std::uint8_t routes = 0;
  std::uint8_t urgency = 0;

  bool Covers(std::size_t holder, std::size_t asker) const {
    return holder != asker && ((holders >> holder) & 1U) != 0 &&
           ((askers >> asker) & 1U) != 0;
  }
};

inline constexpr std::uint8_t kNobody = 0xFF;

// A prohibition or reservation.
struct RestrictionBits {
  std::uint64_t purposes = 0;
  std::uint64_t fields = 0;
  // The low bit of each flag's pair in Facts::flags; 0: unconditional.
  std::uint32_t flag_pairs = 0;
  std::uint8_t actions = 0;
  std::uint8_t by = kNobody;  // party index of a reservation

  bool Touches(std::uint8_t action, std::uint8_t purpose) const {
    return ((actions >> action) & 1U) != 0 && ((purposes >> purpose) & 1U) != 0;
  }
};

// The low bit of a flag's pair.
constexpr std::uint32_t PairBit(Flag flag) {
  return 1U << (2U * static_cast<unsigned>(flag));
}

// The parties whose profile wants a link with air travel shown; a profile that
// is not known wants it.
std::uint64_t AirLinkParties(const Agreement& agreement,
                             const Catalogues& catalogues);

// What `holder` may release under the clause for `purpose` when no flag is
// present: the clause's fields without those that are forbidden or reserved
// always.
std::uint64_t FieldsLeft(const ClauseBits& clause,
                         std::span<const RestrictionBits> restrictions,
                         std::size_t holder, std::uint8_t purpose);

// The clause's leaves for which `holder` has a field left.
std::uint64_t PurposesLeft(const ClauseBits& clause,
                           std::span<const RestrictionBits> restrictions,
                           std::size_t holder);
// Whether a party is ever given anything: what is new enough for it exists
// before the end.
bool ReceivesInTime(const Agreement& agreement, std::size_t asker);

// Whether one request of one ordered pair could select both clauses: first
// apart from the parties, then with them (of one agreement).
bool SelectorsMeet(const ClauseBits& a, const ClauseBits& b);
bool MeetsInPair(const ClauseBits& a, const ClauseBits& b);

ClauseBits Resolve(const Agreement& agreement, const Catalogues& catalogues,
                   const Clause& clause);
RestrictionBits Resolve(const Agreement& agreement,
                        const Catalogues& catalogues,
                        const Restriction& restriction);

}  // namespace entente::policy
