// From leaf hashes to entries, for those that another node may know. A hash
// lies anywhere in the index, so that each row costs a page of its own: the
// writer does not wait for that. New ones are held in memory and go into the
// store at each tick; after a crash they are read from the leaves again.

#include <algorithm>
#include <vector>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"
#include "node/audit/impl.h"
#include "node/ledger/leaf.h"

namespace entente::audit {
namespace {

using store::Table;

constexpr std::size_t kPage = 1024;
constexpr std::uint64_t kSeldom = 10'000;
constexpr std::size_t kSlice = 128;  // rows a transaction: no append waits long

bool Crosses(const ledger::Leaf& leaf) {
  return std::any_of(
      leaf.data.begin(), leaf.data.end(),
      [](const ledger::DataField& field) { return field.key == "peer"; });
}

}  // namespace

absl::StatusOr<std::uint64_t> AuditLog::Impl::FindLeaf(const Hash& leaf_hash) {
  {
    base::MutexLock lock(state_mutex_);
    const auto found = std::find_if(
        crossed_.begin(), crossed_.end(),
        [&](const Staged& entry) { return entry.leaf_hash == leaf_hash; });
    if (found != crossed_.end()) return found->index;
  }
  // What has left the memory is in the store.
  TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
  TRY(const std::vector<store::Row> rows,
      reader->Scan(Table::kAuditSubject,
                   rows_.IndexPrefix(Rows::kLeafHash, leaf_hash), {}, 1));
  if (rows.empty()) return NotFound("no entry with that leaf hash");
  return Rows::IndexOf(rows.front().key);
}

absl::Status AuditLog::Impl::LoadCrossed() {
  IndexedRow row;
  {
    TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
    TRY(const std::optional<Bytes> bytes,
        reader->Get(Table::kAuditHead, rows_.Indexed()));
    if (bytes) {
      TRY(row, Decode<IndexedRow>(*bytes));
    }
  }
  base::MutexLock publish_lock(publish_mutex_);
  indexed_ = row.size;
  std::deque<Staged> crossed;
  std::uint64_t next = std::max<std::uint64_t>(row.size, gap_);
  while (next < head_row_.size) {
    TRY(const std::vector<Bytes> page, Leaves()(next, kPage));
    if (page.empty()) return ProofFailed("the store lacks leaves");
    for (const Bytes& bytes : page) {
      TRY(const ledger::Leaf leaf, ledger::ParseLeaf(bytes));
      if (Crosses(leaf)) crossed.push_back({next, merkle::LeafHash(bytes)});
      ++next;
    }
  }
  base::MutexLock lock(state_mutex_);
  crossed_ = std::move(crossed);
  return absl::OkStatus();
}

// A log of nothing but padding moves on too, so that a start reads little.
absl::Status AuditLog::Impl::MoveIndexed() {
  std::uint64_t size = 0;
  {
    base::MutexLock lock(state_mutex_);
    if (!crossed_.empty()) return absl::OkStatus();
    size = signed_.size;
  }
  if (size < indexed_ + kSeldom) return absl::OkStatus();
  TRY_OK(options_.store->Write([&](store::Writer& writer) {
    return writer.Put(Table::kAuditHead, rows_.Indexed(),
                      Encode(IndexedRow{size}));
  }));
  indexed_ = size;
  return absl::OkStatus();
}

absl::Status AuditLog::Impl::IndexCrossed(std::size_t limit) {
  for (std::size_t done = 0; done < limit; done += kSlice) {
    std::vector<Staged> slice;
    {
      base::MutexLock lock(state_mutex_);
      const std::size_t n = std::min(kSlice, crossed_.size());
      slice.assign(crossed_.begin(),
                   crossed_.begin() + static_cast<std::ptrdiff_t>(n));
    }
    if (slice.empty()) return MoveIndexed();
    const IndexedRow row{slice.back().index + 1};
    // Neighbours of one page one after the other.
    std::sort(slice.begin(), slice.end(), [](const Staged& a, const Staged& b) {
      return a.leaf_hash < b.leaf_hash;
    });
    TRY_OK(options_.store->Write([&](store::Writer& writer) -> absl::Status {
      for (const Staged& entry : slice) {
        TRY_OK(writer.Put(
            Table::kAuditSubject,
            rows_.Index(Rows::kLeafHash, entry.leaf_hash, entry.index), {}));
      }
      return writer.Put(Table::kAuditHead, rows_.Indexed(), Encode(row));
    }));
    indexed_ = row.size;
    base::MutexLock lock(state_mutex_);
    crossed_.erase(
        crossed_.begin(),
        crossed_.begin() + static_cast<std::ptrdiff_t>(slice.size()));
  }
  return absl::OkStatus();
}

}  // namespace entente::audit
