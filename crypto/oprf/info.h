#pragma once
// The public info that binds a token to its purpose.

#include <cstdint>
#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::oprf {

// Where and for what a question is asked. Every part is given; the strings
// come from a verified agreement.
struct ScreeningContext {
  Hash agreement;           // hash of the agreement's bytes
  std::string_view holder;  // party code
  std::string_view asker;   // party code
  std::string_view clause;  // clause id
  std::string_view recipe;  // recipe id
  std::uint64_t epoch;      // number of the OPRF key's life
};

// "entente/screen/1" 0x00, then agreement hash, holder, asker, clause and
// recipe, each after its two-byte big-endian length, then the epoch in eight
// bytes big-endian. A string is 1 to 65535 bytes; another aborts.
// docs/protocol/oprf.md is the byte-exact page.
Bytes ScreeningInfo(const ScreeningContext& context);

}  // namespace entente::oprf
