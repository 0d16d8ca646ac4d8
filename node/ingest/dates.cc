#include "node/ingest/dates.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "node/ingest/text.h"

namespace entente::ingest {
namespace {

// A reading before the century is known. month 0: year only.
struct RawDate {
  int year = 0;
  int month = 0;
  int day = 0;
  bool two_digit_year = false;
};

// Years of birth before this one are misprints.
constexpr int kFirstYear = 1850;
constexpr int kLastYear = 2199;
constexpr int kOldest = 120;
// Up to this age by the later century, the earlier one is kept as well.
constexpr int kChildAge = 9;
constexpr int kMostYears = 5;

int Number(std::string_view digits) {
  int n = 0;
  for (const char c : digits) n = n * 10 + (c - '0');
  return n;
}

std::string Padded(int n, std::size_t width) {
  std::string out = std::to_string(n);
  if (out.size() < width) out.insert(0, width - out.size(), '0');
  return out;
}

int DaysIn(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30,
                                         31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (month == 2 && leap) return 29;
  return kDays[static_cast<std::size_t>(month - 1)];
}

bool InCalendar(const RawDate& d) {
  return d.month >= 1 && d.month <= 12 && d.day >= 1 &&
         d.day <= DaysIn(d.year, d.month);
}

std::string Format(const RawDate& d) {
  if (!InCalendar(d)) return Padded(d.year, 4);
  return Padded(d.year, 4) + Padded(d.month, 2) + Padded(d.day, 2);
}

bool PlausibleYear(int year) { return year >= kFirstYear && year <= kLastYear; }

// ---- words of a date ------------------------------------------------------

// Runs of digits and runs of letters, at most five of them.
struct Words {
  std::array<std::string_view, 5> word;
  std::size_t count = 0;
  bool ok = true;
  // The lengths of runs: 4 for four digits, 'A' for letters.
  std::string shape;
};

Words Split(std::string_view text) {
  Words w;
  std::size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == ' ' || c == '-' || c == '/' || c == '.' || c == ',') {
      ++i;
      continue;
    }
    const bool digits = IsDigit(c);
    if ((!digits && !IsLetter(c)) || w.count == w.word.size()) {
      w.ok = false;
      return w;
    }
    std::size_t end = i;
    while (end < text.size() &&
           (digits ? IsDigit(text[end]) : IsLetter(text[end]))) {
      ++end;
    }
    const std::size_t n = end - i;
    w.word[w.count] = text.substr(i, n);
    ++w.count;
    w.shape.push_back(
        digits ? static_cast<char>('0' + std::min<std::size_t>(n, 9)) : 'A');
    i = end;
  }
  return w;
}

int MonthOf(std::string_view word) {
  constexpr std::array<std::string_view, 12> kMonths = {
      "JANUARY", "FEBRUARY", "MARCH",     "APRIL",   "MAY",      "JUNE",
      "JULY",    "AUGUST",   "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"};
  const std::string upper = Upper(word);
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (upper == kMonths[i] || upper == kMonths[i].substr(0, 3)) {
      return static_cast<int>(i) + 1;
    }
  }
  return 0;
}

bool IsCirca(std::string_view word) {
  constexpr std::array<std::string_view, 7> kCirca = {
      "CIRCA", "CA", "C", "ABOUT", "ABT", "APPROX", "APPROXIMATELY"};
  const std::string upper = Upper(word);
  return std::find(kCirca.begin(), kCirca.end(), upper) != kCirca.end();
}

// Digits only: YYMMDD, YYYYMMDD or YYYY.
bool ReadDigits(std::string_view digits, RawDate& d) {
  if (digits.size() == 4) {
    d = {Number(digits), 0, 0, false};
    return true;
  }
  if (digits.size() == 6 || digits.size() == 8) {
    const std::size_t y = digits.size() - 4;
    d = {Number(digits.substr(0, y)), Number(digits.substr(y, 2)),
         Number(digits.substr(y + 2, 2)), y == 2};
    return true;
  }
  return false;
}

bool ReadWithMonthName(const Words& w, RawDate& d) {
  const bool has_day = w.count == 3;
  const int month = MonthOf(w.word[w.count - 2]);
  if (month == 0) return false;
  const std::string_view year = w.word[w.count - 1];
  const int day = has_day ? Number(w.word[0]) : 0;
  d = {Number(year), month, day, year.size() == 2};
  return true;
}

// Blanks inside a run of digits: `8704 12`, `87 04 12`.
bool ReadJoined(std::string_view text, RawDate& d) {
  std::string digits;
  for (const char c : text) {
    if (c == ' ') continue;
    if (!IsDigit(c)) return false;
    digits.push_back(c);
  }
  return ReadDigits(digits, d);
}

// Numbers with something between them: the one of four digits is the year.
bool ReadNumbers(const Words& w, RawDate& d) {
  const auto n = [&w](std::size_t i) { return Number(w.word[i]); };
  const std::string& s = w.shape;
  if (s == "422" || s == "411" || s == "412" || s == "421") {
    d = {n(0), n(1), n(2), false};
  } else if (s == "224" || s == "114" || s == "124" || s == "214") {
    d = {n(2), n(1), n(0), false};
  } else if (s == "42" || s == "41") {
    d = {n(0), n(1), 0, false};
  } else if (s == "24" || s == "14") {
    d = {n(1), n(0), 0, false};
  } else {
    return false;
  }
  return PlausibleYear(d.year);
}

bool ReadRaw(std::string_view text, RawDate& d) {
  const Words w = Split(text);
  if (!w.ok) return false;
  const std::string& s = w.shape;
  if (w.count == 1) return s != "A" && ReadDigits(w.word[0], d);
  if (s == "2A2" || s == "1A2" || s == "2A4" || s == "1A4") {
    return ReadWithMonthName(w, d);
  }
  if (s == "A4") {
    if (!IsCirca(w.word[0])) return ReadWithMonthName(w, d);
    d = {Number(w.word[1]), 0, 0, false};
    return true;
  }
  return ReadNumbers(w, d) || ReadJoined(text, d);
}

// ---- centuries ------------------------------------------------------------

// The reference day as YYYYMMDD, 0 when there is none.
int ReferenceDay(std::string_view reference) {
  RawDate d;
  if (reference.size() != 8 || !AllDigits(reference) ||
      !ReadDigits(reference, d) || !InCalendar(d)) {
    return 0;
  }
  return Number(reference);
}

// Is `d` after the day? A date without day and month: by its year.
bool After(const RawDate& d, int day) {
  if (day == 0) return false;
  if (!InCalendar(d)) return d.year > day / 10000;
  return d.year * 10000 + d.month * 100 + d.day > day;
}

int AgeOn(const RawDate& d, int day) {
  const int years = day / 10000 - d.year;
  if (!InCalendar(d)) return years;
  const bool before_birthday = day % 10000 < d.month * 100 + d.day;
  return before_birthday ? years - 1 : years;
}

bool TooOld(const RawDate& d, int day) {
  // More than 120 years: not on the 120th birthday itself.
  if (day == 0) return false;
  if (!InCalendar(d)) return day / 10000 - d.year > kOldest;
  return (d.year + kOldest) * 10000 + d.month * 100 + d.day < day;
}

struct Candidates {
  RawDate later;
  RawDate earlier;
  bool has_later = false;
  bool has_earlier = false;
};

Candidates Centuries(const RawDate& d, int day) {
  Candidates c{d, d, false, false};
  c.later.year = 2000 + d.year;
  c.earlier.year = 1900 + d.year;
  c.has_later = !After(c.later, day) && !TooOld(c.later, day);
  c.has_earlier = !After(c.earlier, day) && !TooOld(c.earlier, day);
  return c;
}

Birth TwoDigitBirth(const RawDate& d, int day, Child child) {
  Birth birth;
  const Candidates c = Centuries(d, day);
  if (!c.has_later && !c.has_earlier) {
    birth.notes.future = true;
    return birth;
  }
  const RawDate& first = c.has_later ? c.later : c.earlier;
  birth.dob = Format(first);
  birth.notes.partial = birth.dob.size() == 4;
  if (!c.has_later || !c.has_earlier) return birth;
  birth.notes.century = true;
  const bool small = day == 0 || AgeOn(c.later, day) <= kChildAge;
  if (small && child == Child::kNo) birth.dob_alt = Format(c.earlier);
  return birth;
}

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(' ') == std::string_view::npos;
}

// The years of a range, the middle five at most; empty when it is none.
std::vector<std::string> YearsBetween(std::string_view text, bool& cut) {
  const Words w = Split(text);
  if (!w.ok) return {};
  int from = 0;
  int to = 0;
  if (w.shape == "44") {
    from = Number(w.word[0]);
    to = Number(w.word[1]);
  } else if (w.shape == "A4A4" && Upper(w.word[0]) == "BETWEEN" &&
             Upper(w.word[2]) == "AND") {
    from = Number(w.word[1]);
    to = Number(w.word[3]);
  } else if (w.shape == "4A4" && Upper(w.word[1]) == "TO") {
    from = Number(w.word[0]);
    to = Number(w.word[2]);
  }
  if (!PlausibleYear(from) || !PlausibleYear(to) || to < from) return {};
  while (to - from >= kMostYears) {
    cut = true;
    ++from;
    if (to - from >= kMostYears) --to;
  }
  std::vector<std::string> years;
  for (int y = from; y <= to; ++y) years.push_back(Padded(y, 4));
  return years;
}

}  // namespace

Birth ReadBirth(std::string_view text, std::string_view reference,
                Child child) {
  Birth birth;
  if (IsBlank(text)) return birth;
  RawDate d;
  if (!ReadRaw(text, d) || (!d.two_digit_year && !PlausibleYear(d.year))) {
    birth.notes.unread = true;
    return birth;
  }
  const int day = ReferenceDay(reference);
  if (d.two_digit_year) return TwoDigitBirth(d, day, child);
  if (After(d, day)) {
    birth.notes.future = true;
    return birth;
  }
  birth.dob = Format(d);
  birth.notes.partial = birth.dob.size() == 4;
  return birth;
}

ListBirths ReadListBirths(std::string_view text, std::string_view reference) {
  ListBirths out;
  out.dobs = YearsBetween(text, out.notes.partial);
  if (!out.dobs.empty()) {
    out.notes.partial = true;
    return out;
  }
  // A list says nothing of who was a child when: both centuries are kept.
  Birth birth = ReadBirth(text, reference, Child::kNo);
  out.notes = birth.notes;
  if (!birth.dob.empty()) out.dobs.push_back(std::move(birth.dob));
  if (!birth.dob_alt.empty()) out.dobs.push_back(std::move(birth.dob_alt));
  return out;
}

std::string ReadExpiry(std::string_view text) {
  RawDate d;
  if (!ReadRaw(text, d)) return {};
  if (d.two_digit_year) d.year += d.year >= 80 ? 1900 : 2000;
  if (!InCalendar(d) || !PlausibleYear(d.year)) return {};
  return Format(d);
}

std::string ReadDay(std::string_view text) {
  const Words w = Split(text);
  const bool dashed = text.size() == 10 && text[4] == '-' && text[7] == '-';
  const bool plain = text.size() == 8 && AllDigits(text);
  RawDate d;
  if (!w.ok || (!dashed && !plain) || !ReadRaw(text, d) || !InCalendar(d) ||
      !PlausibleYear(d.year)) {
    return {};
  }
  return Format(d);
}

std::string ReadMoment(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c == ' ') continue;
    if (!IsDigit(c)) return {};
    digits.push_back(c);
  }
  if (digits.size() == 6 || digits.size() == 10) digits.insert(0, "20");
  if (digits.size() != 8 && digits.size() != 12) return {};
  RawDate d;
  if (!ReadDigits(std::string_view(digits).substr(0, 8), d) || !InCalendar(d) ||
      !PlausibleYear(d.year)) {
    return {};
  }
  if (digits.size() == 12 &&
      (Number(digits.substr(8, 2)) > 23 || Number(digits.substr(10, 2)) > 59)) {
    return digits.substr(0, 8);
  }
  return digits;
}

}  // namespace entente::ingest
