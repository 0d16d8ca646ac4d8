#pragma once
// Calendar arithmetic on POSIX seconds, proleptic Gregorian, UTC; reads no
// clock.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace entente::policy {

inline constexpr std::int64_t kDaySeconds = 86400;

struct CivilDate {
  std::int64_t year = 1970;
  unsigned month = 1;
  unsigned day = 1;
};
std::int64_t DaysFromCivil(const CivilDate& date);
CivilDate CivilFromDays(std::int64_t days);

// `YYYY-MM-DDThh:mm:ssZ` from 1970 on, seconds 00 to 59. Nothing: another
// spelling, or no such instant.
std::optional<std::int64_t> ParseInstant(std::string_view text);
std::string FormatInstant(std::int64_t seconds);
// `YYYY-MM-DD`, as the seconds of its midnight.
std::optional<std::int64_t> ParseDate(std::string_view text);
std::string FormatDate(std::int64_t seconds);
// The same moment so many years later; 29 February becomes 1 March.
std::int64_t AddYears(std::int64_t seconds, std::int64_t years);

}  // namespace entente::policy
