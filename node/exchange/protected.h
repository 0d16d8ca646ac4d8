#pragma once
// Protected persons: replaced before blinding at the asker, left out of the tag
// set at the holder. What the other side sees is the same with and without
// them; the own log says so only to the data protection officer.

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "node/base/mutex.h"
#include "node/match/recipe.h"
#include "node/model/person.h"
#include "node/store/store.h"

namespace entente::exchange {

// The set as match keys in memory. Immutable once loaded; thread-safe to ask.
class ProtectedIndex {
 public:
  static absl::StatusOr<std::shared_ptr<const ProtectedIndex>> Load(
      store::Reader& reader);

  // True when the recipe finds this traveller, or this entry under any of its
  // names and dates, to be a hit or a possible hit against a protected person:
  // in doubt, protected.
  bool Covers(const model::Person& traveller) const;
  bool Covers(const model::ListEntry& entry) const;
  std::size_t size() const { return size_; }
  // False when the stored set was replaced since this one was loaded.
  absl::StatusOr<bool> IsCurrent(store::Reader& reader) const;

 private:
  std::uint64_t changes_ = 0;
  std::size_t size_ = 0;
  std::map<Hash, std::vector<std::pair<std::uint32_t, std::uint8_t>>>
      keys_;  // key -> (person, rule)
};

// In the transaction that replaces the set: indexes loaded before are no longer
// current.
absl::Status CountProtectedChange(store::Writer& writer);

// The index that is in force, replaced as a whole. Thread-safe.
class ProtectedSet {
 public:
  std::shared_ptr<const ProtectedIndex> Get() const EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    return index_;
  }
  void Set(std::shared_ptr<const ProtectedIndex> index) EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    index_ = std::move(index);
  }

 private:
  mutable base::Mutex mutex_;
  std::shared_ptr<const ProtectedIndex> index_ GUARDED_BY(mutex_) =
      std::make_shared<const ProtectedIndex>();
};

// A protected person as an entry, for the list side of the recipe.
model::ListEntry EntryOf(const model::Person& person);
// Every (name, date) of an entry as a person, for the query side.
std::vector<model::Person> PersonsOf(const model::ListEntry& entry);

}  // namespace entente::exchange
