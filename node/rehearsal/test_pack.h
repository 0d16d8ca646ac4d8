#pragma once
// A test pack: files for both sides of one clause, and what a screening must
// find in them. Whoever has the agreement and the seed makes the same bytes, so
// nobody sends anybody a file; one hash, read over the telephone, says so.
//
// Every row is marked: entry ids and traveller ids begin with `TESTPACK-`. A
// node takes such rows into a list of their own only, and holds no other list
// beside it (node/admin/rehearsal.h).
// Source: docs/reference/test-pack.md.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/match/rule.h"
#include "policy/words.h"

namespace entente::rehearsal {

inline constexpr std::string_view kMark = "TESTPACK-";

// What is planted. The name of a kind is its word in the files.
enum class Kind : std::uint8_t {
  kExact,           // `exact`: same name, date and passport
  kTypo,            // `typo`: a letter is missing, another passport
  kSwapped,         // `swapped`: surname and given name in each other's place
  kTransliterated,  // `transliterated`: the list has it in Cyrillic
  kProtected,       // `protected`: listed, and protected
  kNational,        // `national`: listed, and kept out by exclude_nationals
  kNearDate,        // `near-date`: a listed name with another date of birth
  kNearName,        // `near-name`: a listed date with another name
  kLast = kNearName
};
std::string_view KindName(Kind kind);
// Whether a screening has to find it, under any set of match keys.
bool MustShow(Kind kind);

struct PackSpec {
  Hash agreement{};
  std::string clause;
  std::string holder;
  std::string asker;
  std::string ground;  // why the list has its entries: a leaf of the clause
  match::Set set = match::Set::kStandard;
  policy::Nationals exclude = policy::Nationals::kNone;
  std::string date;  // of the flight, YYYY-MM-DD
  std::uint64_t seed = 0;
  std::uint32_t travellers = 200;  // 32 to 2,000
  std::uint32_t listed = 1000;     // 32 to 60,000
};

struct Plant {
  std::string traveller;  // id in the flight
  std::string entry;      // id in the list
  Kind kind = Kind::kExact;
};

struct TestPack {
  PackSpec spec;
  std::string flight;         // CSV, for the asker
  std::string list;           // CSV, for the holder
  std::string protect;        // CSV, for both
  std::vector<Plant> plants;  // by traveller
};

// INVALID_ARGUMENT: a number out of range, or a date that is none.
absl::StatusOr<TestPack> MakePack(const PackSpec& spec);

}  // namespace entente::rehearsal
