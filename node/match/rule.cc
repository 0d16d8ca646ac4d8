#include "node/match/rule.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace entente::match {
namespace {

enum SetBits : std::uint8_t { kIn0 = 0, kInS = 1, kInN = 2, kInW = 4 };

struct Row {
  std::uint8_t code;
  std::string_view name;
  std::uint8_t sets;       // bits of SetBits
  char family;             // of a B rule without factors, else 0
  std::uint32_t per_giga;  // false pairs in 10^9 compared
  std::string_view sentence;
};

// Ascending by code. The rates were measured on the error matrix of recipe/1.
constexpr Row kRows[] = {
    {0x11, "A1", kInS | kInN, 0, 0,
     "same document number, issuing state and document class"},
    {0x12, "A2", kInS | kInN, 0, 0, "same document number, same date of birth"},
    {0x13, "A3", kInS | kInN, 0, 0,
     "same names in any order, same date of birth"},
    {0x14, "A4", kInS | kInN, 0, 0,
     "same surname, same first given name, same date of birth"},
    {0x21, "B1", kInS, '1', 2,
     "two names that sound alike, same date of birth"},
    {0x22, "B2", kInS, '2', 22,
     "one name that sounds alike, same initial of the other, same date of "
     "birth"},
    {0x23, "B3", kInS | kInN, '3', 6,
     "surname within one letter, same first initial, same date of birth"},
    {0x24, "B4", kInS | kInN, '4', 9,
     "first given name within one letter, same initial of the surname, same "
     "date of birth"},
    {0x25, "B5", kInS, '1', 0,
     "two names that sound alike, day and month of birth equal or swapped"},
    {0x26, "B6", kInS | kInN, '6', 4,
     "same names, two parts of the date of birth equal"},
    {0x27, "B7", kInS, '7', 17, "same names, same year of birth"},
    {0x31, "C1", kInW, 0, 17,
     "names that sound alike, two parts of the date of birth equal"},
    {0x32, "C2", kInW, 0, 65, "same names, year of birth within three years"},
    {0x33, "C3", kIn0, 0, 338,
     "names that sound alike, year of birth within one year"},
    {0x34, "C4", kInW, 0, 6,
     "one name that sounds alike, same date of birth, sex and nationality"},
    {0x35, "C5", kIn0, 0, 482,
     "all names but one that sound alike, same year of birth"},
    {0x41, "D1", kIn0, 0, std::numeric_limits<std::uint32_t>::max(),
     "same names, no date of birth on the list"},
    {0x42, "D2", kIn0, 0, std::numeric_limits<std::uint32_t>::max(),
     "names that sound alike, no date of birth on the list"},
    {0xA1, "B1F", kInN, 0, 0,
     "two names that sound alike, same date of birth, sex and nationality"},
    {0xA2, "B2F", kInN, 0, 0,
     "one name that sounds alike, same initial of the other, same date of "
     "birth, sex and nationality"},
    {0xA5, "B5F", kInN, 0, 0,
     "two names that sound alike, day and month of birth equal or swapped, "
     "same sex and nationality"},
    {0xA7, "B7F", kInN, 0, 0,
     "same names, same year of birth, sex and nationality"},
    {0xB3, "C3F", kInW, 0, 24,
     "names that sound alike, year of birth within one year, same sex and "
     "nationality"},
    {0xB5, "C5F", kInW, 0, 30,
     "all names but one that sound alike, same year of birth, sex and "
     "nationality"},
};
static_assert(std::is_sorted(std::begin(kRows), std::end(kRows),
                             [](const Row& a, const Row& b) {
                               return a.code < b.code;
                             }));

const Row* Find(std::uint8_t code) {
  const auto* at = std::lower_bound(
      std::begin(kRows), std::end(kRows), code,
      [](const Row& row, std::uint8_t c) { return row.code < c; });
  return at != std::end(kRows) && at->code == code ? at : nullptr;
}

std::uint8_t BitOf(Set set) {
  switch (set) {
    case Set::kStandard:
      return kInS;
    case Set::kNarrow:
      return kInN;
    case Set::kWide:
      return kInW;
  }
  return kIn0;
}

}  // namespace

std::string_view RuleName(std::uint8_t code) {
  const Row* row = Find(code);
  return row == nullptr ? std::string_view() : row->name;
}

std::string_view RuleSentence(std::uint8_t code) {
  const Row* row = Find(code);
  return row == nullptr ? std::string_view() : row->sentence;
}

std::uint32_t RuleFalseRate(std::uint8_t code) {
  const Row* row = Find(code);
  return row == nullptr ? std::numeric_limits<std::uint32_t>::max()
                        : row->per_giga;
}

std::string_view SetName(Set set) {
  switch (set) {
    case Set::kStandard:
      return "standard";
    case Set::kNarrow:
      return "narrow";
    case Set::kWide:
      return "wide";
  }
  return {};
}

bool Holds(Set set, std::uint8_t code) {
  const Row* row = Find(code);
  return row != nullptr && (row->sets & BitOf(set)) != 0;
}

std::size_t ElementsPerPerson(Set set) { return set == Set::kWide ? 24 : 48; }

std::size_t EntriesPerUnit(Set set) { return set == Set::kNarrow ? 64 : 48; }

double ExpectedFalsePairs(Set set, std::uint64_t rows,
                          std::uint64_t travellers) {
  // False pairs in 10^9; the page gives wide only together with standard.
  constexpr double kStandardRate = 49;
  constexpr double kNarrowRate = 19;
  constexpr double kTogetherRate = 181;
  const double rate = set == Set::kStandard ? kStandardRate
                      : set == Set::kNarrow ? kNarrowRate
                                            : kTogetherRate - kStandardRate;
  return static_cast<double>(rows) * static_cast<double>(travellers) * rate *
         1e-9;
}

std::string_view TierName(Tier tier) {
  switch (tier) {
    case Tier::kNothing:
      return "nothing";
    case Tier::kPossible:
      return "possible";
    case Tier::kHit:
      return "hit";
  }
  return {};
}

Tier Classify(std::span<const std::uint8_t> codes) {
  Tier tier = Tier::kNothing;
  char family = 0;
  for (const std::uint8_t code : codes) {
    const Row* row = Find(code);
    if (row == nullptr || row->sets == kIn0) continue;
    const bool alone =
        row->name[0] == 'A' || (row->name[0] == 'B' && row->family == 0);
    const bool second =
        row->family != 0 && family != 0 && row->family != family;
    if (alone || second) return Tier::kHit;
    if (row->family != 0) family = row->family;
    tier = Tier::kPossible;
  }
  return tier;
}

}  // namespace entente::match
