#pragma once
// What an erasure in the audit log still has to reach: bundles that were
// written before it, and the store's files.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "node/exchange/desk.h"
#include "node/ledger/erasure.h"

namespace entente::upkeep {

struct ErasuresDone {
  std::uint64_t erasures = 0;  // that are scrubbed now
  std::uint64_t exports = 0;   // bundles that held erased bodies and went
};

// Finishes all erasures that are not: removes the bundles in the node's
// `exports` folder whose range meets them, then scrubs the store. No export may
// run that began before the erasure.
//   UNAVAILABLE   a reader is in the way, or the disk fails: try again
absl::StatusOr<ErasuresDone> FinishErasures(exchange::Desk& desk);

// The name of a bundle of entries `first` to `last` in the `exports` folder.
std::string ExportName(std::uint64_t first, std::uint64_t last,
                       const Hash& sha256);
// Whether a file of that folder may hold a body of `ranges`: by its name, and
// yes when its name says nothing.
bool MayHold(const std::string& name,
             const std::vector<ledger::IndexRange>& ranges);

}  // namespace entente::upkeep
