#include "node/base/time.h"

#include <array>
#include <chrono>
#include <optional>

#include "crypto/base/status.h"

namespace entente::base {
namespace {

struct Civil {
  std::chrono::year_month_day day;
  std::int64_t second_of_day = 0;
};

Civil Split(std::int64_t seconds) {
  const std::int64_t days = FloorDiv(seconds, kSecondsPerDay);
  // Years 0001 to 9999; checked first, so that the narrowing below holds.
  CHECK(days >= -719'162 && days <= 2'932'896);
  return {std::chrono::sys_days(std::chrono::days(static_cast<int>(days))),
          seconds - days * kSecondsPerDay};
}

void Digits(std::string& out, std::int64_t value, int width) {
  std::array<char, 4> buffer{};
  for (int i = width; i-- > 0; value /= 10) {
    buffer[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
  }
  out.append(buffer.data(), static_cast<std::size_t>(width));
}

std::string Day(const Civil& c, std::string_view separator) {
  std::string out;
  Digits(out, static_cast<int>(c.day.year()), 4);
  out += separator;
  Digits(out, static_cast<unsigned>(c.day.month()), 2);
  out += separator;
  Digits(out, static_cast<unsigned>(c.day.day()), 2);
  return out;
}

// Reads `text` against `pattern`, in which 0 stands for a digit and every other
// character for itself. The digits of each run make one number.
std::optional<std::array<int, 6>> Match(std::string_view text,
                                        std::string_view pattern) {
  if (text.size() != pattern.size()) return std::nullopt;
  std::array<int, 6> numbers{};
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (pattern[i] != '0') {
      if (text[i] != pattern[i]) return std::nullopt;
      ++run;
      continue;
    }
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    numbers[run] = numbers[run] * 10 + (text[i] - '0');
  }
  return numbers;
}

absl::StatusOr<std::int64_t> FromDay(int year, int month, int day) {
  const std::chrono::year_month_day ymd{
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
      std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1 || !ymd.ok()) return Invalid("no such day in the calendar");
  return std::int64_t{std::chrono::sys_days(ymd).time_since_epoch().count()} *
         kSecondsPerDay;
}

}  // namespace

std::string FormatTime(std::int64_t seconds) {
  const Civil c = Split(seconds);
  std::string out = Day(c, "-");
  out += 'T';
  Digits(out, c.second_of_day / 3600, 2);
  out += ':';
  Digits(out, c.second_of_day / 60 % 60, 2);
  out += ':';
  Digits(out, c.second_of_day % 60, 2);
  out += 'Z';
  return out;
}

std::string FormatDate(std::int64_t seconds) {
  return Day(Split(seconds), "-");
}
std::string DayKey(std::int64_t seconds) { return Day(Split(seconds), ""); }

absl::StatusOr<std::int64_t> ParseTime(std::string_view text) {
  const auto n = Match(text, "0000-00-00T00:00:00Z");
  if (!n) return Invalid("expected a time like 2027-01-31T23:59:59Z");
  const auto [year, month, day, hour, minute, second] = *n;
  if (hour > 23 || minute > 59 || second > 59) {
    return Invalid("no such time of day");
  }
  TRY(const std::int64_t start, FromDay(year, month, day));
  return start + hour * 3600 + minute * 60 + second;
}

absl::StatusOr<std::int64_t> ParseDate(std::string_view text) {
  const auto n = Match(text, "0000-00-00");
  if (!n) return Invalid("expected a date like 2027-01-31");
  return FromDay((*n)[0], (*n)[1], (*n)[2]);
}

absl::StatusOr<std::int64_t> ParseDayKey(std::string_view text) {
  const auto n = Match(text, "00000000");
  if (!n) return Invalid("expected a day like 20270131");
  return FromDay((*n)[0] / 10'000, (*n)[0] / 100 % 100, (*n)[0] % 100);
}

}  // namespace entente::base
