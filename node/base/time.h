#pragma once
// UTC and its spellings. Times are POSIX seconds in std::int64_t, UTC only;
// years 0001 to 9999. Stateless, thread-safe.
// Source: RFC 3339, restricted to one spelling: `2027-01-31T23:59:59Z`.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace entente::base {

inline constexpr std::int64_t kSecondsPerDay = 86'400;

// Quotient rounded towards minus infinity; `b` > 0.
constexpr std::int64_t FloorDiv(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// `2027-01-31T23:59:59Z`. Aborts outside years 0001 to 9999.
std::string FormatTime(std::int64_t seconds);
// `2027-01-31`, the UTC day that holds `seconds`.
std::string FormatDate(std::int64_t seconds);
// `20270131`: the key of a UTC day in the store.
std::string DayKey(std::int64_t seconds);

// INVALID_ARGUMENT: another spelling (lower-case letters, fractions, offsets,
// second 60), a day that the month does not have, year 0000.
absl::StatusOr<std::int64_t> ParseTime(std::string_view text);
// First second of the day. `2027-01-31` only.
absl::StatusOr<std::int64_t> ParseDate(std::string_view text);
// First second of the day. `20270131` only.
absl::StatusOr<std::int64_t> ParseDayKey(std::string_view text);

}  // namespace entente::base
