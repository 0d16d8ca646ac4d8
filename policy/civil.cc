#include "policy/civil.h"

namespace entente::policy {
namespace {

// Floor division, so that times before 1970 fall on the right day.
std::int64_t DayOf(std::int64_t seconds) {
  return seconds / kDaySeconds - (seconds % kDaySeconds < 0 ? 1 : 0);
}

std::string Digits(std::int64_t value, std::size_t width) {
  std::string out = std::to_string(value);
  if (out.size() < width) out.insert(0, width - out.size(), '0');
  return out;
}

// Reads `width` digits of `text` at `at`; nothing when one is not a digit.
std::optional<unsigned> Number(std::string_view text, std::size_t at,
                               std::size_t width) {
  unsigned value = 0;
  for (char c : text.substr(at, width)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

}  // namespace

// Source: H. Hinnant, "chrono-compatible low-level date algorithms".
std::int64_t DaysFromCivil(const CivilDate& date) {
  const std::int64_t y = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t yoe = y - era * 400;
  const std::int64_t shifted = date.month > 2 ? date.month - 3 : date.month + 9;
  const std::int64_t doy = (153 * shifted + 2) / 5 + date.day - 1;
  const std::int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + doe - 719468;
}

CivilDate CivilFromDays(std::int64_t days) {
  const std::int64_t z = days + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t doe = z - era * 146097;
  const std::int64_t yoe =
      (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t shifted = (5 * doy + 2) / 153;
  const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {.year = yoe + era * 400 + (month <= 2 ? 1 : 0),
          .month = static_cast<unsigned>(month),
          .day = static_cast<unsigned>(doy - (153 * shifted + 2) / 5 + 1)};
}

std::optional<std::int64_t> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return {};
  const auto year = Number(text, 0, 4);
  const auto month = Number(text, 5, 2);
  const auto day = Number(text, 8, 2);
  if (!year || !month || !day || *year < 1970) return {};
  if (*month < 1 || *month > 12 || *day < 1 || *day > 31) return {};
  const std::int64_t days =
      DaysFromCivil({.year = *year, .month = *month, .day = *day});
  if (CivilFromDays(days).day != *day) return {};  // 31 April
  return days * kDaySeconds;
}

std::string FormatDate(std::int64_t seconds) {
  const CivilDate date = CivilFromDays(DayOf(seconds));
  return Digits(date.year, 4) + "-" + Digits(date.month, 2) + "-" +
         Digits(date.day, 2);
}

std::optional<std::int64_t> ParseInstant(std::string_view text) {
  if (text.size() != 20 || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text[19] != 'Z') {
    return {};
  }
  const auto midnight = ParseDate(text.substr(0, 10));
  const auto hour = Number(text, 11, 2);
  const auto minute = Number(text, 14, 2);
  const auto second = Number(text, 17, 2);
  if (!midnight || !hour || !minute || !second) return {};
  if (*hour > 23 || *minute > 59 || *second > 59) return {};
  return *midnight + *hour * 3600 + *minute * 60 + *second;
}

std::string FormatInstant(std::int64_t seconds) {
  const std::int64_t rest = seconds - DayOf(seconds) * kDaySeconds;
  return FormatDate(seconds) + "T" + Digits(rest / 3600, 2) + ":" +
         Digits(rest / 60 % 60, 2) + ":" + Digits(rest % 60, 2) + "Z";
}

std::int64_t AddYears(std::int64_t seconds, std::int64_t years) {
  const std::int64_t day = DayOf(seconds);
  CivilDate date = CivilFromDays(day);
  date.year += years;
  return DaysFromCivil(date) * kDaySeconds + (seconds - day * kDaySeconds);
}

}  // namespace entente::policy
