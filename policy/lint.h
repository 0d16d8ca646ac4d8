#pragma once
// Whether a well-formed agreement makes sense: catalogue words (110), pinned
// hashes (111) and the meaning errors (2xx) that protect the decision. The same
// function runs before a proposal and again at load; an agreement with an error
// is not compiled.
//
// Not covered yet: 215, 223 and the warnings; they need the proposal's date,
// opinions and history.
// Pure, thread-safe. Source: agreements.md 6.

#include <span>
#include <string>

#include "policy/agreement.h"
#include "policy/catalogue.h"
#include "policy/finding.h"

namespace entente::policy {

struct LintContext {
  // The version that this one replaces, when it is at hand (218).
  const Agreement* previous = nullptr;
  Hash previous_hash{};
};

// Every finding, in file order; empty: the document may be proposed.
Findings Lint(const Agreement& agreement, const Catalogues& catalogues,
              const LintContext& context = {});

}  // namespace entente::policy
