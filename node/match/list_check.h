#pragma once
// What a holder looks at before a tag set is published: keys that too many of
// its own entries share, entries that cannot be found, and which rules carry
// the list. Pure, thread-safe. Source: docs/protocol/recipe-1.md, section 8.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "node/match/recipe.h"
#include "node/match/rule.h"
#include "node/model/person.h"

namespace entente::match {

// A key text that more than this many entries share finds people by chance.
inline constexpr std::size_t kMostSharing = 3;

struct SharedKey {
  std::uint8_t rule = 0;
  std::vector<std::size_t> entries;  // indices, ascending; the text is not told
};

struct RuleShare {
  std::uint8_t rule = 0;
  std::size_t units = 0;  // units with a key of the rule
};

struct ListReport {
  std::size_t units = 0;
  Tally tally;
  std::vector<SharedKey> shared;  // most entries first
  std::vector<std::size_t>
      without_keys;              // entries none of whose units has keys
  std::vector<RuleShare> rules;  // by code
};

ListReport CheckList(std::span<const model::ListEntry> entries, Set set);

}  // namespace entente::match
