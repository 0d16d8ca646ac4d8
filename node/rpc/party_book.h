#pragma once
// What each party has open and what has crossed with it.

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "node/base/mutex.h"
#include "node/rpc/peer.h"

namespace entente::rpc {

// Thread-safe. Parties come from the roster, so the maps stay small.
class PartyBook {
 public:
  explicit PartyBook(std::size_t calls_per_party)
      : calls_per_party_(calls_per_party) {}

  // One open call; it ends with the object. The book must outlive it.
  class Slot {
   public:
    Slot(PartyBook& book, std::string party);
    ~Slot();
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    PartyBook& book_;
    const std::string party_;
  };
  // Null: the party has as many calls open as it may. Shared, because the task
  // that holds it must be copyable.
  std::shared_ptr<Slot> Open(const std::string& party) EXCLUDES(mutex_);

  void Crossed(const std::string& party, std::uint64_t in, std::uint64_t out)
      EXCLUDES(mutex_);
  std::map<std::string, Traffic> traffic() const EXCLUDES(mutex_);

 private:
  const std::size_t calls_per_party_;
  mutable base::Mutex mutex_;
  std::map<std::string, std::size_t> open_ GUARDED_BY(mutex_);
  std::map<std::string, Traffic> traffic_ GUARDED_BY(mutex_);
};

}  // namespace entente::rpc
