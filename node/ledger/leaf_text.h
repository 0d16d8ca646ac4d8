#pragma once
// Private to this room: a leaf's text around its time.

#include <optional>
#include <string>
#include <vector>

#include "node/ledger/leaf.h"

namespace entente::ledger {

struct LeafText {
  std::string before_time;
  std::string after_time;
};

// No check of its own; callers hold the result against ParseLeaf.
LeafText MakeLeafText(const EventType& type, const std::optional<Id16>& actor,
                      const std::optional<Hash>& commit,
                      const std::vector<DataField>& data, const Id16& id);

}  // namespace entente::ledger
