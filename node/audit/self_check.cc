// The nightly self-check: what the store holds is what was signed, and bodies
// are missing only where the log says why.

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"
#include "node/audit/impl.h"
#include "node/ledger/body.h"
#include "node/ledger/coverage.h"
#include "node/ledger/leaf.h"
#include "node/ledger/wrap.h"

namespace entente::audit {
namespace {

using store::Table;

constexpr std::size_t kPage = 256;

absl::Status Wrong(std::uint64_t index, std::string_view what) {
  return ProofFailed("audit log entry ", std::to_string(index), ": ", what);
}

}  // namespace

// Which bodies may be missing.
absl::StatusOr<ledger::Coverage> AuditLog::Impl::FindCoverage() {
  ledger::Coverage coverage;
  for (const std::string_view type : {"erasure", "log.expire"}) {
    TRY(const std::vector<std::uint64_t> at,
        Find(Key::kType, type, 0, static_cast<std::size_t>(-1)));
    for (const std::uint64_t index : at) {
      TRY(const Bytes bytes, LeafAt(index));
      TRY(const ledger::Leaf leaf, ledger::ParseLeaf(bytes));
      TRY_OK(coverage.Add(index, leaf));
    }
  }
  return coverage;
}

absl::Status AuditLog::Impl::CheckEntry(
    store::Reader& reader, const Entry& entry, const ledger::Coverage& coverage,
    std::map<std::uint32_t, ledger::SegmentKey>& open) {
  const absl::StatusOr<ledger::Leaf> leaf = ledger::ParseLeaf(entry.leaf);
  if (!leaf.ok()) return Wrong(entry.index, "the leaf is malformed");
  TRY(const std::optional<Bytes> record,
      reader.Get(Table::kAuditBody, rows_.Entry(entry.index)));
  if (!leaf->commit) {
    return record ? Wrong(entry.index, "a body that the leaf does not know")
                  : absl::OkStatus();
  }
  if (!record) {
    return coverage.Of(entry.index, leaf->type->keep, leaf->time)
               ? absl::OkStatus()
               : Wrong(entry.index, "its body is missing");
  }
  const auto parts = ledger::ParseRecord(*record);
  if (!parts.ok()) return Wrong(entry.index, "its body is malformed");
  if (!parts->segment || !options_.node_key || !options_.open_sealed) {
    return absl::OkStatus();  // LIMIT: only the officer can open these
  }
  auto segment = open.find(*parts->segment);
  if (segment == open.end()) {
    absl::StatusOr<ledger::SegmentKey> key =
        OpenSegment(reader, *parts->segment);
    if (absl::IsPermissionDenied(key.status())) return absl::OkStatus();
    if (!key.ok()) return key.status();
    segment = open.emplace(*parts->segment, *std::move(key)).first;
  }
  const ledger::EntryName name{options_.origin, leaf->id};
  const auto key = ledger::UnwrapWithSegment(*parts, name, segment->second);
  if (!key.ok()) return Wrong(entry.index, "its key does not open");
  if (!ledger::OpenBodyOf(*key, name, parts->body, *leaf->commit).ok()) {
    return Wrong(entry.index, "its body does not match the leaf");
  }
  return absl::OkStatus();
}

// Where entries were pruned the tiles speak for them; those that stayed are
// what the tiles say.
absl::Status AuditLog::Impl::CheckKept(
    merkle::Tree& tree, const ledger::Coverage& coverage,
    std::map<std::uint32_t, ledger::SegmentKey>& open) {
  const std::uint64_t gap = gap_;
  TRY(const std::vector<Entry> kept,
      KeptEntries(0, gap, static_cast<std::size_t>(-1)));
  TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
  auto next = kept.begin();
  while (tree.size() < gap) {
    TRY(const std::vector<Hash> hashes,
        folder_.HashesOf(tree.size() / merkle::kTileWidth));
    for (const Hash& hash : hashes) {
      if (next != kept.end() && next->index == tree.size()) {
        if (merkle::LeafHash(next->leaf) != hash)
          return Wrong(next->index, "the leaf is another");
        TRY_OK(CheckEntry(*reader, *next++, coverage, open));
      }
      tree.Append(hash);
    }
  }
  return absl::OkStatus();
}

absl::Status AuditLog::Impl::SelfCheck() {
  // Held throughout: a publication would exchange partial files meanwhile.
  base::MutexLock lock(publish_mutex_);
  const Head head = SignedHead();
  const Head published = PublishedHead();
  TRY_OK(folder_.Compare(published.size, Leaves()));
  TRY(const ledger::Coverage coverage, FindCoverage());
  std::map<std::uint32_t, ledger::SegmentKey> open;
  merkle::Tree tree;
  TRY_OK(CheckKept(tree, coverage, open));
  while (tree.size() < head.size) {
    TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
    const std::uint64_t left = head.size - tree.size();
    TRY(const std::vector<Entry> page,
        Read(tree.size(),
             static_cast<std::size_t>(std::min<std::uint64_t>(kPage, left))));
    if (page.empty()) return Wrong(tree.size(), "the leaf is missing");
    for (const Entry& entry : page) {
      TRY_OK(CheckEntry(*reader, entry, coverage, open));
      tree.Append(merkle::LeafHash(entry.leaf));
      if (tree.size() == published.size && tree.Root() != published.root) {
        return Wrong(entry.index, "the published tree is another");
      }
    }
  }
  if (tree.Root() == head.root) return absl::OkStatus();
  return ProofFailed("the store's leaves do not make the signed head");
}

}  // namespace entente::audit
