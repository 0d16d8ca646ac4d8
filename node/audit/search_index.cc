// The search index: from types, batches, hits, actors and leaf hashes to
// entries. Its rows lie anywhere in their table, so that each costs a page of
// its own: the writer does not wait for them. What is new is held in memory,
// searched there, and goes into the store at each tick; after a crash it is
// read from the leaves again. Subjects are the exception: a leaf does not name
// them, so their rows are in the transaction of the leaf.

#include <algorithm>
#include <set>
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
constexpr std::size_t kSlice = 32;  // entries a transaction: no append waits

char KindOf(AuditLog::Key key) {
  switch (key) {
    case AuditLog::Key::kType:
      return Rows::kType;
    case AuditLog::Key::kBatch:
      return Rows::kBatch;
    case AuditLog::Key::kHit:
      return Rows::kHit;
    case AuditLog::Key::kActor:
      return Rows::kActorIndex;
    case AuditLog::Key::kSubject:
      break;
  }
  return Rows::kSubject;
}

// The key of the store's rows; INVALID_ARGUMENT: not hexadecimal.
absl::StatusOr<Bytes> RowValue(char kind, std::string_view value) {
  if (kind == Rows::kActorIndex || kind == Rows::kSubject) {
    return FromHex(value);
  }
  return ToBytes(value);
}

bool Has(const SearchKeys& keys, char kind, std::string_view value,
         const std::optional<Id16>& id) {
  switch (kind) {
    case Rows::kType:
      return keys.type->name == value;
    case Rows::kBatch:
      return id && keys.batch == id;
    case Rows::kHit:
      return id && keys.hit == id;
    case Rows::kActorIndex:
      return id && keys.actor == id;
    default:
      return false;
  }
}

}  // namespace

std::optional<Id16> IdOf(std::string_view hex) {
  const absl::StatusOr<Bytes> bytes = FromHex(hex);
  if (!bytes.ok() || bytes->size() != Id16().size()) return std::nullopt;
  return *ToArray<16>(*bytes);
}

SearchKeys SearchKeysOf(const ledger::Leaf& leaf) {
  SearchKeys keys;
  if (leaf.type->name == "pad") return keys;
  keys.type = leaf.type;
  keys.batch = IdOf(leaf.Text("batch"));
  keys.hit = IdOf(leaf.Text("hit"));
  keys.actor = leaf.actor;
  keys.crosses = std::any_of(
      leaf.data.begin(), leaf.data.end(),
      [](const ledger::DataField& field) { return field.key == "peer"; });
  return keys;
}

std::vector<Bytes> SearchRows(const Rows& rows, const Unindexed& entry) {
  const auto& [staged, keys] = entry;
  if (keys.type == nullptr) return {};
  std::vector<Bytes> out;
  const auto add = [&](char kind, ByteView value) {
    out.push_back(rows.Index(kind, value, staged.index));
  };
  add(Rows::kType, AsBytes(keys.type->name));
  if (keys.batch) add(Rows::kBatch, AsBytes(ToHex(*keys.batch)));
  if (keys.hit) add(Rows::kHit, AsBytes(ToHex(*keys.hit)));
  if (keys.actor) add(Rows::kActorIndex, *keys.actor);
  if (keys.crosses) add(Rows::kLeafHash, staged.leaf_hash);
  return out;
}

// The memory first: what leaves it meanwhile is then found twice, not missed.
absl::StatusOr<std::vector<std::uint64_t>> AuditLog::Impl::Find(
    Key key, std::string_view value, std::uint64_t from, std::size_t limit) {
  const char kind = KindOf(key);
  TRY(const Bytes bytes, RowValue(kind, value));
  const std::optional<Id16> id = IdOf(value);
  std::set<std::uint64_t> found;
  {
    base::MutexLock lock(state_mutex_);
    for (const Unindexed& entry : unindexed_) {
      if (found.size() == limit) break;
      if (entry.entry.index < from || !Has(entry.keys, kind, value, id)) {
        continue;
      }
      found.insert(entry.entry.index);
    }
  }
  const Bytes after = from == 0 ? Bytes() : rows_.Index(kind, bytes, from - 1);
  TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
  TRY(const std::vector<store::Row> rows,
      reader->Scan(Table::kAuditSubject, rows_.IndexPrefix(kind, bytes), after,
                   limit));
  for (const store::Row& row : rows) found.insert(Rows::IndexOf(row.key));
  std::vector<std::uint64_t> out(found.begin(), found.end());
  out.resize(std::min(out.size(), limit));
  return out;
}

absl::StatusOr<std::uint64_t> AuditLog::Impl::FindLeaf(const Hash& leaf_hash) {
  {
    base::MutexLock lock(state_mutex_);
    const auto found = std::find_if(
        unindexed_.begin(), unindexed_.end(), [&](const Unindexed& entry) {
          return entry.keys.crosses && entry.entry.leaf_hash == leaf_hash;
        });
    if (found != unindexed_.end()) return found->entry.index;
  }
  // What has left the memory is in the store.
  TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
  TRY(const std::vector<store::Row> rows,
      reader->Scan(Table::kAuditSubject,
                   rows_.IndexPrefix(Rows::kLeafHash, leaf_hash), {}, 1));
  if (rows.empty()) return NotFound("no entry with that leaf hash");
  return Rows::IndexOf(rows.front().key);
}

absl::Status AuditLog::Impl::LoadUnindexed() {
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
  std::deque<Unindexed> unindexed;
  std::uint64_t next = std::max<std::uint64_t>(row.size, gap_);
  while (next < head_row_.size) {
    TRY(const std::vector<Bytes> page, Leaves()(next, kPage));
    if (page.empty()) return ProofFailed("the store lacks leaves");
    for (const Bytes& bytes : page) {
      TRY(const ledger::Leaf leaf, ledger::ParseLeaf(bytes));
      const SearchKeys keys = SearchKeysOf(leaf);
      if (keys.type != nullptr) {
        unindexed.push_back({{next, merkle::LeafHash(bytes)}, keys});
      }
      ++next;
    }
  }
  base::MutexLock lock(state_mutex_);
  unindexed_ = std::move(unindexed);
  return absl::OkStatus();
}

// A log of nothing but padding moves on too, so that a start reads little.
absl::Status AuditLog::Impl::MoveIndexed() {
  std::uint64_t size = 0;
  {
    base::MutexLock lock(state_mutex_);
    if (!unindexed_.empty()) return absl::OkStatus();
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

// All that is there at its begin, so that the memory holds what two ticks
// bring and no more, whatever the rate.
absl::Status AuditLog::Impl::IndexCommitted() {
  std::size_t left = 0;
  {
    base::MutexLock lock(state_mutex_);
    left = unindexed_.size();
  }
  while (left > 0) {
    std::vector<Bytes> keys;
    std::size_t n = 0;
    IndexedRow row;
    {
      base::MutexLock lock(state_mutex_);
      n = std::min(kSlice, unindexed_.size());
      for (std::size_t i = 0; i < n; ++i) {
        for (Bytes& key : SearchRows(rows_, unindexed_[i])) {
          keys.push_back(std::move(key));
        }
      }
      row.size = unindexed_[n - 1].entry.index + 1;
    }
    // Neighbours of one page one after the other.
    std::sort(keys.begin(), keys.end());
    TRY_OK(options_.store->Write([&](store::Writer& writer) -> absl::Status {
      for (const Bytes& key : keys) {
        TRY_OK(writer.Put(Table::kAuditSubject, key, {}));
      }
      return writer.Put(Table::kAuditHead, rows_.Indexed(), Encode(row));
    }));
    indexed_ = row.size;
    left -= std::min(left, n);
    base::MutexLock lock(state_mutex_);
    unindexed_.erase(unindexed_.begin(),
                     unindexed_.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return MoveIndexed();
}

}  // namespace entente::audit
