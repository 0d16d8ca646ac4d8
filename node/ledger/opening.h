#pragma once
// Openings: what the officer hands out so that one field of one entry can be
// read and checked against the leaf, the other fields staying hidden.
// Canonical JSON, file `<index>.opening`. Thread-safe.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/ledger/body.h"
#include "node/ledger/leaf.h"

namespace entente::ledger {

struct OpenedSlot {
  std::size_t slot = 0;
  std::string name;
  std::string value;
  Hash salt{};
  std::array<Hash, 4> path{};
};
struct Opening {
  std::uint64_t index = 0;
  EntryName name;
  Hash commit_key{};
  Hash root{};
  std::vector<OpenedSlot> slots;  // ascending
  std::string Text() const;
};

// INVALID_ARGUMENT: a slot that is empty, out of range or given twice.
absl::StatusOr<Opening> MakeOpening(std::uint64_t index, const EntryName& name,
                                    const EntryKey& key, const Slots& slots,
                                    std::span<const std::size_t> which);
// INVALID_ARGUMENT: another spelling than Opening::Text.
absl::StatusOr<Opening> ParseOpening(std::string_view json);
// Each slot leads to the root and the root to the commitment of `leaf`, and
// its name is the one that the catalogue gives this slot. DATA_LOSS: not so.
absl::Status CheckOpening(const Opening& opening, const Leaf& leaf);

}  // namespace entente::ledger
