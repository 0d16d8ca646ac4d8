#pragma once
// Refusals, counted by cause.

#include <absl/status/status.h>

#include <cstdint>
#include <map>
#include <string>

#include "node/base/mutex.h"

namespace entente::rpc {

// Thread-safe. Causes come from our own code, never from a peer, so the map
// stays small.
class Refusals {
 public:
  void Count(const std::string& cause) EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    ++counts_[cause];
  }
  std::map<std::string, std::uint64_t> counts() const EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    return counts_;
  }

 private:
  mutable base::Mutex mutex_;
  std::map<std::string, std::uint64_t> counts_ GUARDED_BY(mutex_);
};

}  // namespace entente::rpc
