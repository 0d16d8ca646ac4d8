#pragma once
// Agreements of the same parties that answer the same request: a request cites
// one agreement, so the looser one would always be cited. Each pair of clauses
// that meet is named, with the stricter of the two.
// Pure. Source: agreements.md 6, "Overlaps" (AG-305).

#include <string>
#include <vector>

#include "policy/permitted.h"

namespace entente::policy {

enum class Stricter : std::uint8_t {
  kFirst,    // allows less, or binds more, and nowhere the other way round
  kSecond,   //
  kAlike,    // the same acts under the same obligations
  kNeither,  // each is stricter in something
  kLast = kNeither
};
std::string_view StricterWord(Stricter stricter);  // `first`, `neither`

// In what two clauses differ on the acts that both speak of.
struct OverlapPoint {
  std::string first;   // `records of up to 24 hours`
  std::string second;  // `records of up to 48 hours`
  bool operator==(const OverlapPoint&) const = default;
};

struct ClauseOverlap {
  std::string first_clause;
  std::string second_clause;
  // The acts that both allow, in words: `QOR gives QVA doc.number, for
  // terrorism`.
  std::string acts;
  Stricter stricter = Stricter::kAlike;
  std::vector<OverlapPoint> points;
  bool operator==(const ClauseOverlap&) const = default;
};

// Every pair of clauses of `first` and `second` with an act in common, in
// document order; empty when the two are never in force at the same time.
std::vector<ClauseOverlap> Overlaps(const Version& first,
                                    const Version& second);

// One line for people.
std::string Format(const ClauseOverlap& overlap, const Agreement& first,
                   const Agreement& second);

}  // namespace entente::policy
