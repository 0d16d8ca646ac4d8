#pragma once
// Private to this room: the OPRF keys of agreements, in memory.

#include <absl/status/statusor.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "crypto/oprf/server.h"
#include "keys/gate.h"
#include "keys/key_folder.h"
#include "keys/key_store.h"

namespace entente::keys {

// Thread-safe. What changes files is the caller's to serialise.
class EpochKeys {
 public:
  explicit EpochKeys(const KeyFolder& folder) : folder_(folder) {}

  static KeyLabel LabelOf(const Hash& agreement, std::uint64_t epoch);

  // While the store opens: first the suspended agreements, then each key.
  void AddSuspended(const Hash& agreement) { gate_.Shut(agreement); }
  absl::Status Add(LoadedKey loaded);

  absl::StatusOr<EpochPublic> Create(const Hash& agreement,
                                     std::uint64_t epoch);
  absl::StatusOr<EpochPublic> Find(const Hash& agreement,
                                   std::uint64_t epoch) const;
  std::vector<EpochPublic> All() const;

  // A key in use. While it exists, Suspend and Forget wait.
  struct Use {
    Gate::Pass pass;
    std::shared_ptr<const oprf::ServerKey> key;
  };
  absl::StatusOr<Use> Enter(const Hash& agreement, std::uint64_t epoch);

  absl::Status Suspend(const Hash& agreement);
  absl::Status Resume(const Hash& agreement);
  bool IsSuspended(const Hash& agreement) const {
    return gate_.IsShut(agreement);
  }
  // The key is gone: nobody finds it any more, and nobody still works with it.
  void Forget(const Hash& agreement, std::uint64_t epoch);

 private:
  struct Slot {
    EpochPublic info;
    std::shared_ptr<const oprf::ServerKey> key;  // null while suspended
  };

  const KeyFolder& folder_;
  Gate gate_;
  mutable std::mutex mutex_;  // guards slots_
  std::map<Gate::Room, Slot> slots_;
};

}  // namespace entente::keys
