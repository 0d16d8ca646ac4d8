#pragma once
// Private to this room: what a tag set is built from, and the handles of its
// rows.

#include <absl/status/status.h>

#include <string>
#include <vector>

#include "crypto/psi/entry.h"
#include "node/exchange/desk.h"
#include "node/model/person.h"
#include "node/store/store.h"

namespace entente::exchange {

struct ListedRow {
  Bytes key;  // the entry's name
  model::ListEntry entry;
  psi::Handle handle{};
};

// What is built, for whom, under which key.
struct TagSetSite {
  Desk& desk;
  const policy::Compiled& agreement;
  const policy::Clause& clause;
  std::string asker;
  std::uint64_t epoch = 0;
  std::uint64_t changes = 0;  // of the lists, when the build began
  std::int64_t due = 0;       // of the rows that it leaves
};

// Gives every row its handle: derived from `seed`, the same in every build of
// the epoch. A handle leads somewhere, durably, before it goes into a file.
absl::Status AssignHandles(const TagSetSite& site, store::Reader& reader,
                           const Bytes& seed, std::vector<ListedRow>& rows);

}  // namespace entente::exchange
