#pragma once
// Which accepted descriptors are still open. gRPC owns them and never says when
// it closes one, so an entry is gone when its number stands for another file.

#include <sys/stat.h>

#include <cstddef>
#include <map>
#include <string>

namespace entente::rpc {

// Confined to the accept thread.
class ConnectionTable {
 public:
  // INVARIANT: at most `cap` entries, at most `per_address` of one address.
  ConnectionTable(std::size_t cap, std::size_t per_address)
      : cap_(cap), per_address_(per_address) {}

  enum class Verdict { kRoom, kFull, kAddressFull };
  // Whether one more from `address` fits; sweeps before it says no.
  Verdict Ask(const std::string& address);
  // Adds an open descriptor. False: it is not open.
  bool Add(int fd, const std::string& address);
  // Forgets what has been closed.
  void Sweep();
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    dev_t device;
    ino_t inode;
    std::string address;
  };
  Verdict Look(const std::string& address) const;
  void Forget(std::map<int, Entry>::iterator entry);

  const std::size_t cap_;
  const std::size_t per_address_;
  std::map<int, Entry> entries_;  // by descriptor
  std::map<std::string, std::size_t> by_address_;
};

}  // namespace entente::rpc
