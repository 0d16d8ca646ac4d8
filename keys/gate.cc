#include "keys/gate.h"

#include <algorithm>

namespace entente::keys {

std::optional<Gate::Pass> Gate::Enter(const Room& room) {
  const std::lock_guard lock(mutex_);
  if (shut_.contains(room.first)) return std::nullopt;
  ++inside_[room];
  return Pass(this, room);
}

void Gate::Leave(const Room& room) {
  const std::lock_guard lock(mutex_);
  const auto at = inside_.find(room);
  if (--at->second == 0) {
    inside_.erase(at);
    left_.notify_all();
  }
}

void Gate::Shut(const Hash& agreement) {
  const std::lock_guard lock(mutex_);
  shut_.insert(agreement);
}

void Gate::Unshut(const Hash& agreement) {
  const std::lock_guard lock(mutex_);
  shut_.erase(agreement);
}

bool Gate::IsShut(const Hash& agreement) const {
  const std::lock_guard lock(mutex_);
  return shut_.contains(agreement);
}

void Gate::WaitEmpty(const Hash& agreement) {
  std::unique_lock lock(mutex_);
  left_.wait(lock, [&] {
    return std::none_of(inside_.begin(), inside_.end(), [&](const auto& entry) {
      return entry.first.first == agreement;
    });
  });
}

void Gate::WaitEmpty(const Room& room) {
  std::unique_lock lock(mutex_);
  left_.wait(lock, [&] { return !inside_.contains(room); });
}

}  // namespace entente::keys
