#pragma once
// Every byte that crosses between two nodes, before TLS.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "node/base/mutex.h"
#include "node/rpc/peer.h"

namespace entente::testing {

// Outlives the node whose tap it is. Thread-safe.
class Capture {
 public:
  struct Message {
    rpc::Way way;
    std::string party;
    std::string method;
    Bytes body;
    Bytes signature;
    std::string reason;
  };

  rpc::Tap tap() {
    return [this](const rpc::Crossing& crossing) {
      base::MutexLock lock(mutex_);
      messages_.push_back({crossing.way, std::string(crossing.party),
                           std::string(crossing.method), ToBytes(crossing.body),
                           ToBytes(crossing.signature),
                           std::string(crossing.reason)});
    };
  }
  std::vector<Message> messages() const {
    base::MutexLock lock(mutex_);
    return messages_;
  }
  void Clear() {
    base::MutexLock lock(mutex_);
    messages_.clear();
  }
  // What came in by calls of this name.
  std::uint64_t BytesIn(std::string_view method) const {
    std::uint64_t out = 0;
    for (const Message& message : messages()) {
      if (message.method == method && message.way == rpc::Way::kIn)
        out += message.body.size();
    }
    return out;
  }

 private:
  mutable base::Mutex mutex_;
  std::vector<Message> messages_ GUARDED_BY(mutex_);
};

}  // namespace entente::testing
