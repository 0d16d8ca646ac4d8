#pragma once
// The decision: is this one act inside the agreement? One small total function.
// It denies by default; an empty list is nobody, an unknown index refuses, a
// malformed fact refuses, and no restriction can vanish in an error, because
// there are none. No clock, no I/O, no allocation; thread-safe.
// Source: agreements.md 5.

#include <variant>

#include "policy/compiled.h"
#include "policy/decision.h"
#include "policy/facts.h"
#include "policy/local.h"
#include "policy/permit.h"

namespace entente::policy {

// The same facts and document give the same Decision on every machine, for
// ever.
Decision Evaluate(const Compiled& compiled, const Local& local,
                  const Facts& facts) noexcept;

// `retain` under the version of receipt and, when the present version selects
// the same facts, the stricter of both. `present` may be nullptr.
Decision EvaluateRetain(const Compiled& received_under, const Compiled* present,
                        const Facts& facts) noexcept;

// Evaluate, and the Permit when it allows the act. `subject`: the batch id of a
// screening, the hit id of everything else.
Verdict Decide(const Compiled& compiled, const Local& local, const Facts& facts,
               const Id16& subject) noexcept;

// The name of an act; Decide binds its Permit to it.
ActId ActOf(const Compiled& compiled, std::uint16_t clause, const Facts& facts,
            const Id16& subject) noexcept;

// The holder's check of what the asker claims: with no local restrictions, the
// asker's facts must give the asker's decision. False: A03, and both DPOs are
// told.
bool DecisionsAgree(const Compiled& compiled, const Facts& claimed_facts,
                    const Decision& claimed) noexcept;
// Whether both sides speak of the same act: every value that the asker claims
// (action, direction, dataset, purpose, basis, role, route, urgency, match set,
// fields, age, case, units, receiver, origin clause, agreement).
bool SameClaims(const Facts& asker, const Facts& holder) noexcept;

// Pend, and everything that is missing is missing on the other side: the asker
// may send its request.
bool MayAsk(const Compiled& compiled, const Facts& facts,
            const Decision& decision) noexcept;

}  // namespace entente::policy
