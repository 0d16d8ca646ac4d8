// Reading, opening and proving.

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/proof_file.h"
#include "node/audit/impl.h"
#include "node/ledger/body.h"
#include "node/ledger/leaf.h"
#include "node/ledger/wrap.h"

namespace entente::audit {
namespace {

using store::Table;

// 4.3: what a segment key's HPKE wrap is bound to.
Bytes SegmentInfo(std::string_view origin, std::uint32_t number) {
  Bytes info = Concat(
      {AsBytes("entente/audit/segment/1\n"), AsBytes(origin), AsBytes("\n")});
  for (int shift = 24; shift >= 0; shift -= 8) {
    info.push_back(static_cast<std::uint8_t>(number >> shift));
  }
  return info;
}

}  // namespace

LeafSource AuditLog::Impl::Leaves() const {
  return [this](std::uint64_t from,
                std::size_t limit) -> absl::StatusOr<std::vector<Bytes>> {
    TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
    const Bytes after = from == 0 ? Bytes() : rows_.Entry(from - 1);
    TRY(std::vector<store::Row> rows,
        reader->Scan(Table::kAuditLeaf, rows_.Prefix(), after, limit));
    std::vector<Bytes> leaves;
    for (store::Row& row : rows) {
      if (Rows::IndexOf(row.key) != from + leaves.size()) {
        return ProofFailed("the store lacks a leaf of the audit log");
      }
      leaves.push_back(std::move(row.value));
    }
    return leaves;
  };
}

absl::StatusOr<std::vector<Entry>> AuditLog::Impl::Read(std::uint64_t from,
                                                        std::size_t limit) {
  if (from >= SignedHead().size) return NotFound("no entry of that index");
  const std::uint64_t gap = gap_;
  std::vector<Entry> entries;
  if (from < gap) {
    TRY(entries, KeptEntries(from, gap, limit));
    from = gap;
  }
  if (entries.size() == limit) return entries;
  TRY(std::vector<Bytes> leaves, Leaves()(from, limit - entries.size()));
  for (Bytes& leaf : leaves) entries.push_back({from++, std::move(leaf)});
  return entries;
}

absl::StatusOr<Bytes> AuditLog::Impl::LeafAt(std::uint64_t index) const {
  if (index < gap_) {
    TRY(std::vector<Entry> kept, KeptEntries(index, index + 1, 1));
    if (!kept.empty()) return std::move(kept.front().leaf);
    return WithReason(NotFound("the entry was removed at the end of its term"),
                      "entry-pruned");
  }
  TRY(std::vector<Bytes> leaves, Leaves()(index, 1));
  if (leaves.empty()) return NotFound("no entry of that index");
  return std::move(leaves.front());
}

absl::StatusOr<std::string> AuditLog::Impl::UserOf(std::string_view actor) {
  TRY(const Bytes bytes, FromHex(actor));
  TRY(const Id16 pseudonym, ToArray<16>(bytes));
  TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
  TRY(const std::optional<Bytes> user,
      reader->Get(Table::kAuditActor, rows_.Actor(pseudonym)));
  if (!user) return NotFound("nobody is kept behind that actor");
  return ToString(*user);
}

absl::Status AuditLog::Impl::CheckOpening(std::uint64_t index,
                                          const Receipt& logged) const {
  const absl::Status refused = Denied("opening needs a `log.open` before it");
  if (logged.origin() != options_.origin) return refused;
  TRY(const Bytes bytes, LeafAt(logged.index()));
  if (merkle::LeafHash(bytes) != logged.leaf_hash()) return refused;
  TRY(const ledger::Leaf leaf, ledger::ParseLeaf(bytes));
  const auto at = static_cast<std::int64_t>(index);
  const bool covers = leaf.type->name == "log.open" &&
                      leaf.Number("first") <= at && at <= leaf.Number("last");
  return covers ? absl::OkStatus() : refused;
}

absl::StatusOr<ledger::SegmentKey> AuditLog::Impl::OpenSegment(
    store::Reader& reader, std::uint32_t number) const {
  const absl::Status officers_only =
      Denied("the entry is sealed to the data protection officer only");
  if (!options_.node_key || !options_.open_sealed) return officers_only;
  TRY(const std::optional<Bytes> row,
      reader.Get(Table::kAuditHead, rows_.Segment(number)));
  if (!row) return NotFound("the key of that entry is gone");
  TRY(const ledger::SegmentFile file, ledger::ParseSegmentFile(*row));
  std::set<ledger::RecipientId> own = {
      ledger::RecipientIdOf(*options_.node_key)};
  for (const primitive::HpkePublicKey& key : options_.older_node_keys) {
    own.insert(ledger::RecipientIdOf(key));
  }
  for (const ledger::WrappedKey& wrap : file.wraps) {
    if (!own.contains(wrap.recipient)) continue;
    TRY(Bytes key,
        options_.open_sealed(wrap.enc, SegmentInfo(options_.origin, number), {},
                             wrap.sealed));
    const WipeAtEnd wipe(key);
    return ledger::SegmentKey{number, SecretBytes::CopyOf(key)};
  }
  return officers_only;
}

struct AuditLog::Impl::OpenedEntry {
  ledger::EntryName name;
  ledger::EntryKey key;
  ledger::Slots slots;
};

absl::StatusOr<AuditLog::Impl::OpenedEntry> AuditLog::Impl::OpenEntry(
    std::uint64_t index, const Receipt& logged) const {
  TRY_OK(CheckOpening(index, logged));
  TRY(const Bytes bytes, LeafAt(index));
  TRY(const ledger::Leaf leaf, ledger::ParseLeaf(bytes));
  TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
  TRY(const std::optional<Bytes> record,
      reader->Get(Table::kAuditBody, rows_.Entry(index)));
  if (!record || !leaf.commit) return NotFound("the entry has no body");
  TRY(const ledger::RecordParts parts, ledger::ParseRecord(*record));
  if (!parts.segment) {
    return Denied("the entry is sealed to the data protection officer only");
  }
  TRY(const ledger::SegmentKey segment, OpenSegment(*reader, *parts.segment));
  const ledger::EntryName name{options_.origin, leaf.id};
  TRY(ledger::EntryKey key, ledger::UnwrapWithSegment(parts, name, segment));
  TRY(ledger::Slots slots,
      ledger::OpenBodyOf(key, name, parts.body, *leaf.commit));
  return OpenedEntry{name, std::move(key), std::move(slots)};
}

absl::StatusOr<std::vector<ledger::Slot>> AuditLog::Impl::OpenBody(
    std::uint64_t index, const Receipt& logged) {
  TRY(const OpenedEntry entry, OpenEntry(index, logged));
  std::vector<ledger::Slot> out;
  for (const ledger::Slot& slot : entry.slots) {
    if (!slot.name.empty()) out.push_back(slot);
  }
  return out;
}

absl::StatusOr<ledger::Opening> AuditLog::Impl::OpenFields(
    std::uint64_t index, std::span<const std::string> fields,
    const Receipt& logged) {
  TRY(const OpenedEntry entry, OpenEntry(index, logged));
  std::set<std::size_t> which;
  for (const std::string& field : fields) {
    const auto slot =
        std::find_if(entry.slots.begin(), entry.slots.end(),
                     [&](const ledger::Slot& s) { return s.name == field; });
    if (field.empty() || slot == entry.slots.end()) {
      return Invalid("a field that the entry does not have");
    }
    which.insert(static_cast<std::size_t>(slot - entry.slots.begin()));
  }
  const std::vector<std::size_t> rising(which.begin(), which.end());
  return ledger::MakeOpening(index, entry.name, entry.key, entry.slots, rising);
}

// A subtree that reaches beyond the published size is put together from its
// halves, down to the leaf hashes in memory.
merkle::HashSource AuditLog::Impl::Hashes() {
  std::vector<Hash> tail;
  std::uint64_t published = 0;
  {
    base::MutexLock lock(state_mutex_);
    tail = tail_;
    published = published_.size;
  }
  const merkle::HashSource tiles =
      merkle::HashesFromTiles(published, folder_.Reader());
  struct Source {
    std::vector<Hash> tail;
    std::uint64_t published;
    merkle::HashSource tiles;
    absl::StatusOr<Hash> At(unsigned level, std::uint64_t index) const {
      if ((index + 1) << level <= published) return tiles(level, index);
      if (level == 0) {
        if (index - published >= tail.size()) {
          return NotFound("a leaf beyond the tree");
        }
        return tail[index - published];
      }
      TRY(const Hash left, At(level - 1, index * 2));
      TRY(const Hash right, At(level - 1, index * 2 + 1));
      return merkle::NodeHash(left, right);
    }
  };
  auto source =
      std::make_shared<const Source>(Source{std::move(tail), published, tiles});
  return [source](unsigned level, std::uint64_t index) {
    return source->At(level, index);
  };
}

absl::StatusOr<std::string> AuditLog::Impl::ProveInclusion(
    std::uint64_t index) {
  base::MutexLock lock(publish_mutex_);
  const Head head = PublishedHead();
  if (index >= head.size) return NotFound("the entry is not published yet");
  merkle::ProofFile file;
  file.index = index;
  file.checkpoint = head.note;
  TRY(file.proof, merkle::ProveInclusion(
                      index, head.size,
                      merkle::HashesFromTiles(head.size, folder_.Reader())));
  return file.Text();
}

absl::StatusOr<std::vector<Hash>> AuditLog::Impl::ProveConsistency(
    std::uint64_t m, std::uint64_t n) {
  base::MutexLock lock(publish_mutex_);
  if (n > SignedHead().size) return NotFound("no tree of that size yet");
  return merkle::ProveConsistency(m, n, Hashes());
}

absl::StatusOr<std::vector<Hash>> AuditLog::Impl::SeededConsistency(
    std::uint64_t m, std::uint64_t n) {
  base::MutexLock lock(publish_mutex_);
  // Sizes between two heads that were shown would tell how much happens.
  if (m == 0 || m >= n || n > Shown().size)
    return NotFound("no such sizes were shown");
  TRY(std::vector<Hash> proof, merkle::ProveConsistency(m, n, Hashes()));
  if (!std::has_single_bit(m)) return proof;
  TRY(const Hash seed, merkle::RootOf(m, Hashes()));
  proof.insert(proof.begin(), seed);
  return proof;
}

absl::Status AuditLog::Impl::CompareWitnessed(ByteView note) {
  TRY(const merkle::OpenedNote opened,
      merkle::OpenNote(AsText(note), {&*log_key_, 1}));
  TRY(const merkle::Checkpoint theirs,
      merkle::ParseForeignCheckpoint(opened.note.text));
  if (theirs.origin != options_.origin) {
    return Invalid("a checkpoint of another log");
  }
  base::MutexLock lock(publish_mutex_);
  bool same = theirs.size <= SignedHead().size;
  if (same) {
    TRY(const Hash root, merkle::RootOf(theirs.size, Hashes()));
    same = root == theirs.root;
  }
  if (same) return absl::OkStatus();
  SetState(State::kBroken, StopCause::kNone);
  return WithReason(
      ProofFailed("a witness recorded a head that this log does not have"),
      "log-broken");
}

}  // namespace entente::audit
