#include "node/rpc/connection_table.h"

namespace entente::rpc {

ConnectionTable::Verdict ConnectionTable::Ask(const std::string& address) {
  if (Look(address) != Verdict::kRoom) Sweep();
  return Look(address);
}

ConnectionTable::Verdict ConnectionTable::Look(
    const std::string& address) const {
  if (entries_.size() >= cap_) return Verdict::kFull;
  const auto found = by_address_.find(address);
  const bool full = found != by_address_.end() && found->second >= per_address_;
  return full ? Verdict::kAddressFull : Verdict::kRoom;
}

bool ConnectionTable::Add(int fd, const std::string& address) {
  struct stat now = {};
  if (fstat(fd, &now) != 0) return false;
  // The kernel gave the number out anew, so an older entry under it is closed.
  if (const auto old = entries_.find(fd); old != entries_.end()) Forget(old);
  entries_.emplace(fd, Entry{now.st_dev, now.st_ino, address});
  ++by_address_[address];
  return true;
}

void ConnectionTable::Sweep() {
  for (auto it = entries_.begin(); it != entries_.end();) {
    const auto entry = it++;
    struct stat now = {};
    const bool same = fstat(entry->first, &now) == 0 &&
                      now.st_dev == entry->second.device &&
                      now.st_ino == entry->second.inode;
    if (!same) Forget(entry);
  }
}

void ConnectionTable::Forget(std::map<int, Entry>::iterator entry) {
  const auto count = by_address_.find(entry->second.address);
  if (--count->second == 0) by_address_.erase(count);
  entries_.erase(entry);
}

}  // namespace entente::rpc
