#pragma once
// The rules of recipe/1: their codes, names and sentences, the sets of rules
// that a clause can name, and what a set of found rules means. Constant tables;
// thread-safe. Source: docs/protocol/recipe-1.md, sections 5 to 7.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace entente::match {

// The name of this recipe in agreements, `info`, tag sets and key texts.
inline constexpr std::string_view kRecipe = "recipe/1";

// Rules whose keys may be tested by a peer. The value is the rule byte of the
// label. An F form holds sex and nationality too. 0x00 is a dummy and never a
// rule.
enum class Rule : std::uint8_t {
  kA1 = 0x11,
  kA2 = 0x12,
  kA3 = 0x13,
  kA4 = 0x14,
  kB1 = 0x21,
  kB1F = 0xA1,
  kB2 = 0x22,
  kB2F = 0xA2,
  kB3 = 0x23,
  kB4 = 0x24,
  kB5 = 0x25,
  kB5F = 0xA5,
  kB6 = 0x26,
  kB7 = 0x27,
  kB7F = 0xA7,
  kC1 = 0x31,
  kC2 = 0x32,
  kC3F = 0xB3,
  kC4 = 0x34,
  kC5F = 0xB5,
};

// Rules for a node's own passengers against its own list, in clear text. A type
// of their own: no function that builds keys for a peer can name one.
enum class LocalRule : std::uint8_t {
  kC3 = 0x33,
  kC5 = 0x35,
  kD1 = 0x41,
  kD2 = 0x42,
};

// The rule that `code` names, such as `B1F`; the local rules included. Empty
// for a code that recipe/1 does not have.
std::string_view RuleName(std::uint8_t code);
// What agreed, as one plain English phrase without the name, such as `surname
// within one letter, same first initial, same date of birth`. Empty for a code
// that recipe/1 does not have. The console translates by name.
std::string_view RuleSentence(std::uint8_t code);
// False pairs to expect in 10^9 compared pairs, by this rule alone: the order
// of the review queue (lowest first). The largest value for an unknown code.
std::uint32_t RuleFalseRate(std::uint8_t code);

// What a clause asks for. `standard`: the default. `narrow`: large lists, or
// many travellers. `wide`: a second question with its own clause, tag set and
// permit.
enum class Set : std::uint8_t { kStandard, kNarrow, kWide, kLast = kWide };

std::string_view SetName(Set set);
// Is a key of this rule part of the set? False for local and unknown codes.
bool Holds(Set set, std::uint8_t code);
// Elements of one person of a query, dummies included: 48, 48, 24.
std::size_t ElementsPerPerson(Set set);
// Entries of one unit of a list, padding included: 48, 64, 48.
std::size_t EntriesPerUnit(Set set);
// False pairs to expect a day, from the measured rate of the set (tier
// `nothing` does not count). Rows of the list times travellers a day.
double ExpectedFalsePairs(Set set, std::uint64_t rows,
                          std::uint64_t travellers);

// What the rules that were found for one (person, row handle) say together.
enum class Tier : std::uint8_t { kNothing, kPossible, kHit, kLast = kHit };

std::string_view TierName(Tier tier);
// kHit: any A rule; an F form of a B rule; or two different B families (B1 and
// B5 are one). kPossible: one B family without factors, or any C rule that a
// peer can test. Codes that a peer cannot test, and unknown ones, count for
// nothing. Order and repetition do not matter.
Tier Classify(std::span<const std::uint8_t> codes);

}  // namespace entente::match
