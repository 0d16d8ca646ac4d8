#pragma once
// Rows of a test pack never stand beside real ones: they go into a list of
// their own, and a node that holds such a list holds no other.

#include <absl/status/status.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "node/exchange/desk.h"

namespace entente::admin {

// Whether an entry's id is that of a test pack.
bool IsTestEntry(std::string_view entry_id);

// Whether `list` may have `rows` entries, `marked` of them of a test pack.
//   PERMISSION_DENIED `test-pack-mixed`
absl::Status MayHold(exchange::Desk& desk, const std::string& list,
                     std::uint64_t rows, std::uint64_t marked);

}  // namespace entente::admin
