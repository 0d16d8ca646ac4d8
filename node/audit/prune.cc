// Leaves go in whole bundles when all their classes are over; leaves of the
// class `law` and every hash stay (9.4). The order is: kept leaves into the
// folder; `log.prune` with the row that remembers it; that entry published;
// bundles out of the folder; rows out of the store. A crash between two of them
// goes on with the next.

#include <algorithm>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/merkle/tiles.h"
#include "crypto/merkle/tree.h"
#include "node/audit/impl.h"
#include "node/ledger/leaf.h"

namespace entente::audit {
namespace {

using merkle::kTileWidth;
using store::Table;

constexpr std::size_t kPage = 256;
constexpr std::size_t kSlice = 64;  // rows a transaction: no append waits long

}  // namespace

// Leaves below `end` that stay, from `from` on. The rows of the others may
// still be there.
absl::StatusOr<std::vector<Entry>> AuditLog::Impl::KeptEntries(
    std::uint64_t from, std::uint64_t end, std::size_t limit) const {
  std::vector<Entry> out;
  TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
  while (from < end && out.size() < limit) {
    TRY(std::vector<store::Row> rows,
        reader->Scan(Table::kAuditLeaf, rows_.Prefix(),
                     from == 0 ? Bytes() : rows_.Entry(from - 1),
                     std::min<std::size_t>(kPage, end - from)));
    if (rows.empty()) break;
    for (store::Row& row : rows) {
      const std::uint64_t index = Rows::IndexOf(row.key);
      from = index + 1;
      if (index >= end || out.size() == limit) break;
      TRY(const ledger::Leaf leaf, ledger::ParseLeaf(row.value));
      if (leaf.type->keep != ledger::Keep::kLaw) continue;
      out.push_back({index, std::move(row.value)});
    }
  }
  return out;
}

absl::StatusOr<PublishedFolder::Pruned> AuditLog::Impl::LoadPruned(
    std::uint64_t published) {
  PublishedFolder::Pruned out;
  {
    TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
    TRY(const std::optional<Bytes> row,
        reader->Get(Table::kAuditHead, rows_.Pruned()));
    if (!row) return out;
    TRY(pruned_, Decode<PrunedRow>(*row));
  }
  gap_ = pruned_.before;
  out.before = pruned_.by < published ? pruned_.before : pruned_.was;
  TRY(std::vector<Entry> kept,
      KeptEntries(0, pruned_.before, static_cast<std::size_t>(-1)));
  for (Entry& entry : kept) out.kept[entry.index] = std::move(entry.leaf);
  return out;
}

struct AuditLog::Impl::PrunePlan {
  std::uint64_t before = 0;
  std::uint64_t n = 0;  // that go
  std::vector<Entry> kept;
  std::int64_t oldest = 0;  // of entry `before`
};

// Padding has no term of its own; it goes with the longest of them, so that a
// quiet day is not told from a busy one by when it went.
bool AuditLog::Impl::IsOver(const ledger::Leaf& leaf) const {
  const ledger::Keep keep = leaf.type->keep == ledger::Keep::kPad
                                ? ledger::Keep::kExchange
                                : leaf.type->keep;
  return DueOf(keep, leaf.time) <= options_.clock->NowSeconds();
}

// One bundle: whether it may go. Those of its leaves that stay are added.
absl::StatusOr<bool> AuditLog::Impl::PlanBundle(store::Reader& reader,
                                                std::span<const Bytes> leaves,
                                                PrunePlan& plan) const {
  std::vector<Entry> kept;
  for (std::uint64_t i = 0; i < leaves.size(); ++i) {
    const std::uint64_t index = plan.before + i;
    TRY(const ledger::Leaf leaf, ledger::ParseLeaf(leaves[i]));
    if (leaf.type->keep == ledger::Keep::kLaw) {
      kept.push_back({index, leaves[i]});
      continue;
    }
    if (!IsOver(leaf)) return false;
    if (!leaf.commit) continue;
    TRY(const std::optional<Bytes> body,
        reader.Get(Table::kAuditBody, rows_.Entry(index)));
    if (body) return false;  // it has to be expired first
  }
  plan.n += leaves.size() - kept.size();
  plan.kept.insert(plan.kept.end(), std::make_move_iterator(kept.begin()),
                   std::make_move_iterator(kept.end()));
  return true;
}

absl::StatusOr<AuditLog::Impl::PrunePlan> AuditLog::Impl::PlanPrune(
    std::uint64_t published, std::size_t bundles) const {
  PrunePlan plan;
  plan.before = pruned_.before;
  TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
  // At least one published entry stays behind the last bundle that goes.
  for (; bundles > 0 && plan.before + kTileWidth < published; --bundles) {
    TRY(const std::vector<Bytes> leaves, Leaves()(plan.before, kTileWidth));
    if (leaves.size() != kTileWidth) {
      return ProofFailed("the store lacks leaves of the audit log");
    }
    TRY(const bool over, PlanBundle(*reader, leaves, plan));
    if (!over) break;
    plan.before += kTileWidth;
  }
  if (plan.before == pruned_.before) return plan;
  TRY(const std::vector<Bytes> next, Leaves()(plan.before, 1));
  if (next.empty()) return ProofFailed("the store lacks leaves");
  TRY(const ledger::Leaf oldest, ledger::ParseLeaf(next.front()));
  plan.oldest = oldest.time;
  return plan;
}

absl::StatusOr<std::uint64_t> AuditLog::Impl::PruneLeaves(std::size_t bundles) {
  TRY_OK(Admit(nullptr));
  base::MutexLock lock(publish_mutex_);
  // One after the other: the last one is through first.
  if (pruned_.swept < pruned_.before) return 0;
  const Head published = PublishedHead();
  TRY(const PrunePlan plan, PlanPrune(published.size, bundles));
  if (plan.n == 0) return 0;
  for (const Entry& entry : plan.kept) {
    TRY_OK(folder_.PutKept(entry.index, entry.leaf));
  }
  TRY(const Hash root,
      merkle::RootOf(plan.before, merkle::HashesFromTiles(published.size,
                                                          folder_.Reader())));
  PrunedRow row{plan.before, 0, pruned_.before, pruned_.swept};
  TRY_OK(CommitOwn(
      ledger::Event("log.prune")
          .Set("before", plan.before)
          .Set("kept_root", root)
          .Set("n", plan.n)
          .Set("oldest", plan.oldest),
      [this, &row](store::Writer& writer, std::span<const Staged> staged) {
        row.by = staged.front().index;
        return writer.Put(Table::kAuditHead, rows_.Pruned(), Encode(row));
      }));
  pruned_ = row;
  gap_ = row.before;
  return plan.n;
}

// A folder without these bundles verifies once it holds the `log.prune`.
absl::Status AuditLog::Impl::RemovePruned(std::uint64_t published) {
  if (pruned_.by >= published || folder_.first() >= pruned_.before) {
    return absl::OkStatus();
  }
  return folder_.RemoveBundles(pruned_.before);
}

// All rows of one entry but its body, which went before.
absl::Status AuditLog::Impl::DeleteEntry(store::Writer& writer,
                                         std::uint64_t index,
                                         ByteView bytes) const {
  TRY(const ledger::Leaf leaf, ledger::ParseLeaf(bytes));
  const Unindexed entry{{index, merkle::LeafHash(bytes)}, SearchKeysOf(leaf)};
  for (const Bytes& key : SearchRows(rows_, entry)) {
    TRY_OK(writer.Delete(Table::kAuditSubject, key));
  }
  return writer.Delete(Table::kAuditLeaf, rows_.Entry(index));
}

absl::StatusOr<std::uint64_t> AuditLog::Impl::SweepSlice() {
  const PrunedRow now = pruned_;
  PrunedRow next;
  std::uint64_t went = 0;
  TRY_OK(options_.store->Write([&](store::Writer& writer) -> absl::Status {
    next = now;
    went = 0;
    const Bytes after = next.swept == 0 ? Bytes() : rows_.Entry(next.swept - 1);
    TRY(const std::vector<store::Row> rows,
        writer.Scan(Table::kAuditLeaf, rows_.Prefix(), after, kSlice));
    for (const store::Row& row : rows) {
      const std::uint64_t index = Rows::IndexOf(row.key);
      next.swept = std::min(index + 1, next.before);
      if (index >= next.before) break;
      TRY(const ledger::Leaf leaf, ledger::ParseLeaf(row.value));
      if (leaf.type->keep == ledger::Keep::kLaw) continue;
      TRY_OK(DeleteEntry(writer, index, row.value));
      ++went;
    }
    return writer.Put(Table::kAuditHead, rows_.Pruned(), Encode(next));
  }));
  pruned_ = next;
  return went;
}

absl::StatusOr<std::uint64_t> AuditLog::Impl::SweepPruned(std::size_t limit) {
  base::MutexLock lock(publish_mutex_);
  if (!IsOpen()) return 0;
  std::uint64_t went = 0;
  // The folder first: until it is rid of them, the rows can repair it. The
  // index too: a row that comes after the sweep would stay.
  while (folder_.first() >= pruned_.before && pruned_.swept < pruned_.before &&
         indexed_ >= pruned_.before && went < limit) {
    TRY(const std::uint64_t slice, SweepSlice());
    went += slice;
  }
  return went;
}

}  // namespace entente::audit
