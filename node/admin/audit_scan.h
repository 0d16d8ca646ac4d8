#pragma once
// Looking for a person in the sealed bodies themselves, without trust in the
// index. Private to the room.

#include <absl/status/statusor.h>

#include <cstdint>
#include <vector>

#include "node/admin/request.h"
#include "node/exchange/desk.h"
#include "node/exchange/subjects.h"
#include "node/ledger/erasure.h"

namespace entente::admin {

inline constexpr std::uint64_t kMostScanned = 10'000;  // entries a call

// Opens every body of `range` under `logged`, the Receipt of its `log.open`,
// and names the entries that are about the person and how that was seen:
//   tags    it is a search for the same person
//   record  it names a traveller or an entry of a list, still held, who is
//   text    a field holds the document's number or the family name
// Also which of them the index does not lead to, and how many bodies stayed
// closed. Shows no field: `audit open` does.
absl::StatusOr<Reply> ScanBodies(exchange::Desk& desk,
                                 const exchange::SubjectQuery& subject,
                                 const std::vector<Id16>& tags,
                                 const ledger::IndexRange& range,
                                 const audit::Receipt& logged);

}  // namespace entente::admin
