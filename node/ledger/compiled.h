#pragma once
// Private to this room: the catalogue with its lists taken apart once.

#include <span>
#include <string_view>
#include <vector>

#include "node/ledger/catalogue.h"

namespace entente::ledger {

struct CompiledKey {
  std::string_view name;
  KeyKind kind = KeyKind::kText;
};
struct CompiledType {
  std::vector<CompiledKey> data;         // sorted
  std::vector<std::string_view> sealed;  // in the order of the slots
};

// `type` is an element of Catalogue().
const CompiledType& CompiledOf(const EventType& type);

}  // namespace entente::ledger
