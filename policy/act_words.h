#pragma once
// An act in a person's words, as facts: for what only looks at a decision. The
// same words mean the same off line and at a node.
//
// What is not typed is what stands in nobody's way as far as the agreement
// itself goes (in force, statuses fresh, log open, nothing used yet), and what
// people have not done yet as far as people go: no case, no approval, no flag
// checked.
// Source: agreements.md 5 (facts/1).

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/compiled.h"
#include "policy/facts.h"

namespace entente::policy {

struct ActWords {
  // By name; kActWords says which there are. Empty: not typed.
  std::map<std::string, std::string, std::less<>> one;
  // `FLAG=absent`, `FLAG=present`, `FLAG=not-checked`; `all=...` first.
  std::vector<std::string> flags;

  std::string_view Get(std::string_view name) const;
};

// A word of an act and what it means, for --help and for the node's door.
struct ActWord {
  std::string_view name;
  std::string_view help;
};
std::span<const ActWord> ActWordList();

// The facts of the act under `compiled` at `now`. A clause fills in what its
// own text leaves no choice about.
//   PERMISSION_DENIED with W01, W03, P01, P02, F01: a party, clause, purpose,
//   basis or field that the documents do not know, so no facts can name it
//   INVALID_ARGUMENT `usage`: a word or number that cannot be meant
absl::StatusOr<Facts> FactsOfWords(const Compiled& compiled,
                                   const ActWords& words, std::int64_t now);

// Puts only the values that were typed and belong to a side's own state (time,
// state, use, approvals, flags) over those in `facts`.
absl::Status PutTyped(const ActWords& words, Facts& facts);

// Seconds until the assessment of `party` is overdue at `now`, as the document
// has it; 0: overdue.
std::uint32_t AssessmentLeft(const Party& party, std::int64_t now);

}  // namespace entente::policy
