#pragma once
// Dates as they are sent, made one: YYYYMMDD, YYYY (year only) or empty.
// Source: matching.md 3.2 of the design. Stateless, thread-safe.

#include <string>
#include <string_view>
#include <vector>

namespace entente::ingest {

// What a reading leaves to report, at the place where the date stood.
struct DateNotes {
  bool partial = false;  // not in the calendar, or day and month missing
  bool future = false;   // after the reference date: absent
  bool century = false;  // a two-digit year that two centuries fit
  bool unread = false;   // no date at all: absent
  bool operator==(const DateNotes&) const = default;
};

struct Birth {
  std::string dob;
  std::string dob_alt;  // the earlier century, for a small child or an elder
  DateNotes notes;
};

// Does something say that this is a child? Then no elder is considered.
enum class Child : bool { kNo, kSaid };

// `text`: YYMMDD, YYYYMMDD, YYYY, YYYY-MM-DD, YYYY-MM, DD/MM/YYYY, MM/YYYY,
// DDMMMYY, DDMMMYYYY (blanks, `-`, `/`, `.` between), `circa YYYY`. Empty and
// blank text is an absent date and no note. `reference`: YYYYMMDD, the day by
// which two-digit years are read and births in the future are refused; when
// empty, both centuries stay open and nothing is in the future.
Birth ReadBirth(std::string_view text, std::string_view reference, Child child);

// A date of birth of a list: as above, also `YYYY/YYYY`, `YYYY-YYYY` and
// `between YYYY and YYYY`, one year each, the middle five at most.
struct ListBirths {
  std::vector<std::string> dobs;
  DateNotes notes;
};
ListBirths ReadListBirths(std::string_view text, std::string_view reference);

// An expiry: YYYYMMDD, or empty when it is no day of the calendar. Two-digit
// years are 20YY below 80, else 19YY.
std::string ReadExpiry(std::string_view text);

// A day in a file: YYYY-MM-DD or YYYYMMDD, made YYYYMMDD; else empty.
std::string ReadDay(std::string_view text);

// A moment of a flight or of sending, by its number of digits: YYMMDD,
// YYYYMMDD, YYMMDDHHMM, YYYYMMDDHHMM, made YYYYMMDD or YYYYMMDDHHMM; else
// empty. Two-digit years are 20YY.
std::string ReadMoment(std::string_view text);

}  // namespace entente::ingest
