#pragma once
// Keys for a node that looks at its own passengers and its own list in clear
// text, and for measuring the recipe: the rules that no peer may test, and the
// recipe without its limits. A LocalKey is another type than a Key and nothing
// converts between them, so that none of these can be blinded for a peer by
// mistake. Pure, thread-safe. Source: docs/protocol/recipe-1.md, section 6.

#include <cstdint>
#include <vector>

#include "node/match/key.h"
#include "node/model/person.h"

namespace entente::match {

// `rule` is a Rule or a LocalRule.
struct LocalKey {
  std::uint8_t rule = 0;
  KeyText text;
  friend bool operator==(const LocalKey&, const LocalKey&) = default;
};

// All rules, the local ones last, in the order of the recipe, each key once,
// without a limit.
std::vector<LocalKey> LocalQueryKeys(const model::Person& person);
// The same for the units of a list entry, at most kMaxUnits of them. Entries do
// not come from bookings; the vectors and evaluation sets may say kPnr, which
// cuts glued titles as on the query side.
std::vector<std::vector<LocalKey>> LocalListUnits(
    const model::ListEntry& entry, model::Source source = model::Source::kFile);

}  // namespace entente::match
