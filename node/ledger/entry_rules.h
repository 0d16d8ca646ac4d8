#pragma once
// Private to this room: what must hold between the entries of one volume (V7),
// fed in order, one leaf at a time.

#include <absl/status/status.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "node/ledger/leaf.h"

namespace entente::ledger {

class EntryRules {
 public:
  // The entries come from index `first` on. What needs those before it is not
  // held against the first ones.
  explicit EntryRules(std::string origin, std::uint64_t first = 0)
      : origin_(std::move(origin)), first_(first), guard_known_(first == 0) {}

  // INVALID_ARGUMENT: a rule is broken at this entry. UNAUTHENTICATED: the
  // volume names a catalogue that this program does not have.
  absl::Status Next(std::uint64_t index, const Leaf& leaf);
  // A leaf from below `first` that stayed when those around it were pruned, in
  // order and before the first Next. Same errors.
  absl::Status Kept(std::uint64_t index, const Leaf& leaf);
  // What can only be said at the end. INVALID_ARGUMENT: a guard entry is
  // missing after the last entry.
  absl::Status Finish() const;
  // The lowest index whose id occurred before; nullopt when all differ.
  std::optional<std::uint64_t> RepeatedId();

  std::int64_t first_time() const { return first_time_; }
  std::int64_t last_time() const { return last_time_; }
  std::uint64_t pads() const { return pads_; }
  std::uint64_t sealed() const { return sealed_; }
  // Sealed entries of these that an erasure of these names.
  std::uint64_t Erased() const;

 private:
  absl::Status CheckGenesis(std::uint64_t index, const Leaf& leaf);
  absl::Status CheckGuard(const Leaf& leaf);
  absl::Status NoteErasure(std::uint64_t index, const Leaf& leaf);

  std::string origin_;
  std::uint64_t first_ = 0;
  bool guard_known_ = true;  // whether `guard_due_` says what came before
  std::int64_t first_time_ = 0;
  std::int64_t last_time_ = 0;
  bool closed_ = false;
  std::string_view guard_due_;  // `about` of the guard that must come next
  std::uint64_t pads_ = 0;
  std::uint64_t sealed_ = 0;
  std::vector<bool> is_sealed_;
  std::vector<bool> is_erased_;
  std::vector<std::pair<Id16, std::uint64_t>> ids_;
};

}  // namespace entente::ledger
