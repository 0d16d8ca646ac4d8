#pragma once
// Private to this room: entries in any number, sorted in runs. The last run is
// in memory, full ones lie in the spill.

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <vector>

#include "crypto/psi/entry.h"
#include "crypto/psi/tag_set.h"

namespace entente::psi {

class Runs {
 public:
  // Without a spill everything stays in memory.
  explicit Runs(EntrySpill* spill) : spill_(spill) {}

  absl::Status Add(const Entry& entry);
  // How many entries there are, each counted once.
  absl::StatusOr<std::uint64_t> CountDistinct();
  // Each entry once, ascending.
  absl::Status ForEachDistinct(
      const std::function<absl::Status(const Entry&)>& take);

 private:
  struct Run {
    std::uint64_t offset = 0;  // bytes in the spill
    std::uint64_t bytes = 0;
  };
  class Cursor;

  absl::Status SpillTail();
  void SortTail();

  EntrySpill* const spill_;
  std::vector<Run> runs_;
  std::vector<Entry> tail_;
};

}  // namespace entente::psi
