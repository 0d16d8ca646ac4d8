#pragma once
// The parts of Evaluate that do not concern a clause's own five actions: what
// facts must look like, the state of the agreement, and the three actions that
// the format itself answers.
// Source: agreements.md 5, steps 1, 2 and 6.

#include <cstdint>

#include "policy/compiled.h"
#include "policy/decision.h"
#include "policy/facts.h"
#include "policy/local.h"

namespace entente::policy::evaluate {

// Every index inside the document, and no value where there is no meaning.
bool WellFormed(const Compiled& compiled, const Facts& facts) noexcept;
// A04; for retain, the item stays and is frozen.
Decision Malformed(const Facts& facts) noexcept;
Decision Deny(std::uint64_t reasons) noexcept;

inline bool Holds(std::uint64_t bits, std::size_t index) {
  return index < 64 && ((bits >> index) & 1U) != 0;
}

// L01 where a local restriction takes away the whole act; fields are cut one
// by one.
std::uint64_t LocalReasons(const Local& local, const Facts& facts) noexcept;

// S01 to S08 and A01 for these facts; `retain` is not asked.
std::uint64_t AgreementReasons(const Compiled& compiled,
                               const Facts& facts) noexcept;

Decision Unmask(const Compiled& compiled, const Local& local,
                const Facts& facts) noexcept;
Decision Correct(const Compiled& compiled, const Facts& facts) noexcept;

// The clause that answers `facts`, or kNoClause.
std::uint16_t SelectClause(const Compiled& compiled, const Facts& facts);
// The clause whose selector fails in the fewest words, then the first by id;
// kNoClause: there is none.
std::uint16_t NearestClause(const Compiled& compiled, const Facts& facts);

}  // namespace entente::policy::evaluate
