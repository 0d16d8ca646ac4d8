#include "node/admin/list_stage.h"

#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/secret.h"
#include "crypto/base/status.h"
#include "node/admin/import_source.h"
#include "node/exchange/list_rows.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

// What a round holds at most before it is written.
constexpr std::size_t kRoundBytes = std::size_t{4} << 20U;
constexpr std::size_t kPage = 64;
// Of the rows of a stage. No generation in force has it, since no list is
// called so: whatever lies there is left over.
constexpr std::uint32_t kGeneration = 1;

}  // namespace

absl::Status EraseUnder(store::Store& store, store::Table table,
                        ByteView prefix) {
  while (true) {
    std::size_t gone = 0;
    TRY_OK(store.Write([&](store::Writer& writer) -> absl::Status {
      Bytes after;
      while (gone < kRowsPerRound) {
        TRY(const std::vector<store::Row> rows,
            writer.Scan(table, prefix, after, kPage));
        if (rows.empty()) break;
        for (const store::Row& row : rows)
          TRY_OK(writer.Delete(table, row.key));
        gone += rows.size();
        after = rows.back().key;
      }
      return absl::OkStatus();
    }));
    if (gone < kRowsPerRound) return absl::OkStatus();
  }
}

ListStage::~ListStage() {
  for (auto& [id, bytes] : round_) Wipe(bytes);
}

absl::StatusOr<std::optional<ingest::GatheredEntry>> ListStage::Get(
    const std::string& entry_id) {
  if (const auto it = round_.find(entry_id); it != round_.end()) {
    TRY(ingest::GatheredEntry found, Decode<ingest::GatheredEntry>(it->second));
    return std::optional<ingest::GatheredEntry>(std::move(found));
  }
  if (reader_ == nullptr) {
    TRY(reader_, store_.Read());
  }
  return store::GetRecord<ingest::GatheredEntry>(
      *reader_, store::Table::kListEntry,
      exchange::ListEntryRow(name_, kGeneration, entry_id));
}

absl::Status ListStage::Put(const ingest::GatheredEntry& gathered) {
  Bytes bytes = Encode(gathered);
  round_bytes_ += bytes.size();
  Bytes& place = round_[gathered.entry.entry_id];
  Wipe(place);
  place = std::move(bytes);
  if (round_.size() >= kRowsPerRound || round_bytes_ >= kRoundBytes)
    return Flush();
  return absl::OkStatus();
}

absl::Status ListStage::Flush() {
  reader_.reset();  // it would not see what is written now
  TRY_OK(store_.Write([this](store::Writer& writer) -> absl::Status {
    for (const auto& [id, bytes] : round_) {
      TRY_OK(writer.Put(store::Table::kListEntry,
                        exchange::ListEntryRow(name_, kGeneration, id), bytes,
                        due_));
    }
    return absl::OkStatus();
  }));
  for (auto& [id, bytes] : round_) Wipe(bytes);
  round_.clear();
  round_bytes_ = 0;
  return absl::OkStatus();
}

absl::Status ListStage::ForEach(
    const std::function<absl::Status(ingest::GatheredEntry&&)>& take) {
  TRY_OK(Flush());
  const Bytes prefix = exchange::ListGenerations(name_);
  Bytes after;
  while (true) {
    // A reader a page: what `take` writes must not wait for this walk's end.
    TRY(const std::unique_ptr<store::Reader> reader, store_.Read());
    TRY(const std::vector<store::Row> rows,
        reader->Scan(store::Table::kListEntry, prefix, after, kPage));
    if (rows.empty()) return absl::OkStatus();
    for (const store::Row& row : rows) {
      TRY(ingest::GatheredEntry gathered,
          Decode<ingest::GatheredEntry>(row.value));
      TRY_OK(take(std::move(gathered)));
    }
    after = rows.back().key;
  }
}

absl::Status ListStage::Clear() {
  return EraseUnder(store_, store::Table::kListEntry,
                    exchange::ListGenerations(name_));
}

}  // namespace entente::admin
