#pragma once
// Private to this room: leaves of a published log, one at a time.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "crypto/merkle/tiles.h"
#include "node/ledger/bundle.h"
#include "node/ledger/leaf.h"

namespace entente::ledger {

// Reads leaves out of entry bundles; keeps the last bundle. Not thread-safe.
class LeafReader {
 public:
  LeafReader(merkle::TileReader read, std::uint64_t size)
      : read_(std::move(read)), size_(size) {}

  // The bytes of entry `index`, below the size; borrowed until the next call.
  // DATA_LOSS: its bundle is malformed. Others: those of the reader.
  absl::StatusOr<ByteView> At(std::uint64_t index);

 private:
  merkle::TileReader read_;
  std::uint64_t size_;
  std::optional<std::uint64_t> bundle_;
  Bytes bytes_;
  std::vector<ByteView> leaves_;
};

// Calls `take` for every index of the range and of `singles`, rising, each
// once. Errors are those of `take`.
absl::Status ForEachIndex(
    const EntryRange& range, std::span<const std::uint64_t> singles,
    const std::function<absl::Status(std::uint64_t)>& take);

}  // namespace entente::ledger
