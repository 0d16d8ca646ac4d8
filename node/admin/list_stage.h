#pragma once
// The entries of a list file while it is read: in the store, not in memory.

#include <map>
#include <memory>
#include <string>

#include "crypto/base/bytes.h"
#include "node/ingest/report.h"
#include "node/store/store.h"

namespace entente::admin {

// Every row under `prefix`, in rounds. For data that nobody sees any more, or
// not yet.
absl::Status EraseUnder(store::Store& store, store::Table table,
                        ByteView prefix);

// Borrowed by a reader for one file of one list. Rows that a crash leaves
// behind go at `due` (POSIX seconds), or when the next file of the list comes.
// Thread-compatible.
class ListStage final : public ingest::EntryStage {
 public:
  ListStage(store::Store& store, std::string_view list, std::int64_t due)
      : store_(store), name_("stage/" + std::string(list)), due_(due) {}
  ~ListStage() override;

  absl::StatusOr<std::optional<ingest::GatheredEntry>> Get(
      const std::string& entry_id) override;
  absl::Status Put(const ingest::GatheredEntry& gathered) override;
  // By the bytes of their ids.
  absl::Status ForEach(
      const std::function<absl::Status(ingest::GatheredEntry&&)>& take)
      override;
  // Lets go of the snapshot that Get reads from, before a wait.
  void Pause() { reader_.reset(); }
  // Everything that lies there goes.
  absl::Status Clear();

 private:
  absl::Status Flush();

  store::Store& store_;
  const std::string name_;  // that no list can have
  const std::int64_t due_;
  std::unique_ptr<store::Reader> reader_;  // of what was written
  std::map<std::string, Bytes> round_;     // not written yet
  std::size_t round_bytes_ = 0;
};

}  // namespace entente::admin
