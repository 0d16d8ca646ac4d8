#pragma once
// The parts of an explanation: what was found and allowed, what would cure a
// reason, and facts changed in one thing. For explain.cc and its tests.
// Source: agreements.md 5.

#include <optional>
#include <string>
#include <vector>

#include "policy/explain.h"

namespace entente::policy::explain {

// S01 to S08 and A01: what Evaluate judges before it looks at a clause.
inline constexpr std::uint64_t kAgreementReasons =
    Bit(Reason::kS01) | Bit(Reason::kS02) | Bit(Reason::kS03) |
    Bit(Reason::kS04) | Bit(Reason::kS05) | Bit(Reason::kS06) |
    Bit(Reason::kS07) | Bit(Reason::kS08) | Bit(Reason::kA01);
// What takes a field away; X02 only holds it back.
inline constexpr std::uint64_t kCutReasons =
    Bit(Reason::kF01) | Bit(Reason::kF02) | Bit(Reason::kF03) |
    Bit(Reason::kF04) | Bit(Reason::kP03) | Bit(Reason::kX01) |
    Bit(Reason::kL01);
inline constexpr std::uint64_t kFieldReasons = kCutReasons | Bit(Reason::kX02);

// One decision that is being explained.
struct Case {
  const Compiled& compiled;
  const Local& local;
  Facts facts;            // as they are
  Facts in_force;         // as if the agreement were in force
  std::uint16_t clause;   // that answers, or the nearest; kNoClause: none
  std::uint64_t reasons;  // of both decisions
  const Clause* text() const {
    return clause == kNoClause ? nullptr
                               : &compiled.agreement().clauses[clause];
  }
};

// The facts with the state of the pair, the moment and the log as a clause
// needs them; everything that a clause itself tests stays.
Facts AsIfInForce(const Compiled& compiled, const Facts& facts);

// What was found and what is allowed; empty where the sentence says it all.
std::string Found(const Case& c, Reason reason);

// A cure, and the facts that it would give; without facts nothing is claimed.
struct Remedy {
  Cure cure;
  std::optional<Facts> changed;
};
Remedy RemedyFor(const Case& c, Reason reason);

// `officer, approver`: the words of a set.
template <class E>
std::string Words(WordSet<E> set) {
  std::string out;
  for (std::size_t i = 0; i < WordList<E>::kWords.size(); ++i) {
    if (!set.Has(static_cast<E>(i))) continue;
    if (!out.empty()) out += ", ";
    out += WordList<E>::kWords[i];
  }
  return out;
}
std::string Listed(const std::vector<std::string>& words);

// What goes with a permit, or would; nothing on a deny.
std::vector<std::string> Duties(const Case& c, const Decision& decision);

// The flags that no one has checked and that hold back a field of the request.
std::vector<std::string> UncheckedFlags(const Case& c);

}  // namespace entente::policy::explain
