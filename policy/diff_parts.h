#pragma once
// The pieces of a diff: the keys beside the acts, and the words for the acts.

#include <string>
#include <vector>

#include "policy/diff.h"

namespace entente::policy {

// Keys whose change the boxes do not show: obligations of clauses that have
// acts in common, and all tables but the clauses' selectors and limits.
std::vector<KeyChange> CompareKeys(const Version& before, const Version& after,
                                   const std::vector<Box>& boxes_before,
                                   const std::vector<Box>& boxes_after);

// The obligations in which a clause differs from one of the version before.
std::vector<KeyChange> CompareClauseKeys(const Clause& before,
                                         const Clause& after);

// One side of a comparison, for the words: the version that allows the acts,
// and the one that does not.
struct Telling {
  const Universe& universe;
  const Version& allows;
  const Version& refuses;
  const std::vector<Box>& refuses_boxes;
  Bearing bearing = Bearing::kWider;  // of allowing them
};
// Lines for `boxes`, acts that only `telling.allows` allows.
std::vector<DiffLine> ActLines(const Telling& telling,
                               const std::vector<Box>& boxes);
// Lines for keys.
std::vector<DiffLine> KeyLines(const std::vector<KeyChange>& keys);

}  // namespace entente::policy
