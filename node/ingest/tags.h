#pragma once
// The segment tags we know. Private to the room.

#include <cstdint>
#include <string_view>

namespace entente::ingest {

// `tag` packed for a switch: three upper-case characters.
constexpr std::uint32_t TagId(std::string_view tag) {
  std::uint32_t id = 0;
  for (const char c : tag) id = (id << 8U) | static_cast<std::uint8_t>(c);
  return id;
}

// Our own copy of `tag` (static storage) when it is a tag of an EDIFACT
// directory, else empty: an unknown one might be text, and must not travel
// into a diagnostic. `tag`: upper case.
std::string_view FindTag(std::string_view tag);

// Does the tag belong to a passenger list (or to its old US form)?
bool InPaxlst(std::uint32_t tag_id);

}  // namespace entente::ingest
