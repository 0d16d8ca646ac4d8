#pragma once
// Private to this room: counts who is inside, so that a door can be shut and
// the room found empty.

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "crypto/base/bytes.h"

namespace entente::keys {

// Evaluations pass per agreement and epoch; an agreement can be shut.
// Thread-safe: everything below mutex_ is guarded by it.
class Gate {
 public:
  using Room = std::pair<Hash, std::uint64_t>;  // agreement, epoch

  // Held while inside. Move-only.
  class Pass {
   public:
    Pass(Pass&& other) noexcept : gate_(other.gate_), room_(other.room_) {
      other.gate_ = nullptr;
    }
    Pass& operator=(Pass&&) = delete;
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() {
      if (gate_ != nullptr) gate_->Leave(room_);
    }

   private:
    friend class Gate;
    Pass(Gate* gate, const Room& room) : gate_(gate), room_(room) {}
    Gate* gate_;
    Room room_;
  };

  // nullopt when the agreement is shut.
  std::optional<Pass> Enter(const Room& room);
  // From now on nobody enters.
  void Shut(const Hash& agreement);
  void Unshut(const Hash& agreement);
  bool IsShut(const Hash& agreement) const;
  // Waits until nobody is inside: any epoch of the agreement, or one room. Ends
  // only where nobody new can enter.
  void WaitEmpty(const Hash& agreement);
  void WaitEmpty(const Room& room);

 private:
  void Leave(const Room& room);

  mutable std::mutex mutex_;
  std::condition_variable left_;
  std::map<Room, int> inside_;
  std::set<Hash> shut_;
};

}  // namespace entente::keys
