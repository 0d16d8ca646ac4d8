#pragma once
// The roster as gRPC's threads ask it. A handshake may still run when its owner
// is gone, so this is shared with gRPC and closed by the owner.

#include <absl/status/status.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "node/base/mutex.h"
#include "node/rpc/refusals.h"
#include "node/rpc/roster.h"
#include "node/rpc/tls.h"

namespace entente::rpc {

// Thread-safe.
class Handshakes {
 public:
  // `expected`: the only party that may answer; empty: any of the roster.
  Handshakes(const Roster& roster, std::string expected);

  // One handshake: remembers who came, or counts why not.
  absl::Status Decide(const Identity& identity) EXCLUDES(mutex_);
  // Whether the roster admits, now, who came before.
  absl::Status Admits(const Identity& identity) EXCLUDES(mutex_);
  // Refuses from now on and asks the roster no more.
  void Close() EXCLUDES(mutex_);

  // Who came last and was admitted.
  std::optional<Identity> met() const EXCLUDES(mutex_);
  void Forget() EXCLUDES(mutex_);
  // Why the last one was refused, if that was a moment ago; else OK.
  absl::Status RecentRefusal() const EXCLUDES(mutex_);
  const Refusals& refusals() const { return refusals_; }
  // How many handshakes got as far as a verified certificate.
  std::uint64_t decided() const EXCLUDES(mutex_);

 private:
  absl::Status Ask(const Identity& identity) const REQUIRES(mutex_);

  const std::string expected_;
  mutable base::Mutex mutex_;
  const Roster* roster_ GUARDED_BY(mutex_);  // null: closed
  std::optional<Identity> met_ GUARDED_BY(mutex_);
  std::uint64_t decided_ GUARDED_BY(mutex_) = 0;
  absl::Status refusal_ GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point refused_at_ GUARDED_BY(mutex_);
  Refusals refusals_;
};

}  // namespace entente::rpc
