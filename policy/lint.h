#pragma once
// Whether a well-formed agreement makes sense: catalogue words (110), pinned
// hashes (111) and the meaning errors (2xx) that protect the decision. The same
// function runs before a proposal and again at load; an agreement with an error
// is not compiled.
//
// Warnings (3xx) do not hinder a proposal. What the document cannot say itself
// comes in LintContext; a rule whose facts are not given is not tested.
// Pure, thread-safe. Source: agreements.md 6.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/agreement.h"
#include "policy/catalogue.h"
#include "policy/event.h"
#include "policy/finding.h"

namespace entente::policy {

// The use of a clause, all pairs together, in the last 90 days (304).
struct ClauseUse {
  std::string clause;
  std::uint64_t units = 0;
};
// Rows of a party's list: only its own node knows (306).
struct OwnList {
  std::string party;
  std::uint64_t rows = 0;
};
// The newest opinion of a party's DPO about these bytes (223).
struct Opinion {
  std::string party;
  OpinionVerdict verdict = OpinionVerdict::kAgree;
};
enum class Change : std::uint8_t { kNotWider, kWider };

struct LintContext {
  // The version that this one replaces, when it is at hand (218).
  const Agreement* previous = nullptr;
  Hash previous_hash{};
  // When it is proposed, or now: POSIX seconds (215, 308).
  std::optional<std::int64_t> now = std::nullopt;
  // Opinions on file, and what the diff to `previous` says (223).
  std::optional<std::vector<Opinion>> opinions = std::nullopt;
  Change change = Change::kNotWider;
  std::vector<ClauseUse> use = {};            // 304
  std::vector<const Agreement*> others = {};  // in force, 305
  std::vector<OwnList> own_lists = {};        // 306
};

// Every finding, in file order; without errors (HasErrors) the document may be
// proposed.
Findings Lint(const Agreement& agreement, const Catalogues& catalogues,
              const LintContext& context = {});

}  // namespace entente::policy
