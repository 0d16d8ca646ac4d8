// Start-up (6.3): what the store holds, what the folder holds, and that both
// are one tree, before anything is appended.

#include <algorithm>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/primitive/hash.h"
#include "node/audit/impl.h"
#include "node/base/file.h"
#include "node/base/log.h"
#include "node/ledger/leaf.h"
#include "node/store/schema.h"

namespace entente::audit {
namespace {

using store::Table;

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::size_t kPage = 1024;

absl::Status Broken(std::string_view what) {
  return WithNext(
      WithReason(ProofFailed("the audit log is broken: ", what), "log-broken"),
      "keep the data directory as evidence and tell the data protection "
      "officer");
}

absl::Status AsBroken(absl::Status status) {
  if (!absl::IsDataLoss(status)) return status;
  return WithReason(std::move(status), "log-broken");
}

template <class Row>
absl::StatusOr<std::optional<Row>> ReadRow(store::Reader& reader,
                                           ByteView key) {
  TRY(const std::optional<Bytes> bytes, reader.Get(Table::kAuditHead, key));
  if (!bytes) return std::optional<Row>();
  TRY(Row row, Decode<Row>(*bytes));
  return std::optional<Row>(std::move(row));
}

}  // namespace

absl::Status AuditLog::Impl::Start() {
  TRY_OK(CheckOptions());
  TRY_OK(base::MakeDirs(options_.dir));
  TRY_OK(LoadHead());
  TRY_OK(AsBroken(LoadPublished()));
  TRY_OK(AsBroken(LoadTail()));
  TRY_OK(AsBroken(LoadUnindexed()));
  TRY_OK(SignHead());
  MakeReserve();
  const bool closed = head_row_.closed;
  if (closed) {
    SetState(State::kClosed, StopCause::kNone);
    return absl::OkStatus();
  }
  TRY_OK(FirstEvents());
  base::MutexLock lock(publish_mutex_);
  TRY_OK(PadAndOffer().status());
  SetState(State::kOpen, StopCause::kNone);
  return absl::OkStatus();
}

absl::Status AuditLog::Impl::CheckOptions() {
  if (!merkle::IsOrigin(options_.origin) ||
      merkle::VolumeOf(options_.origin) != options_.volume) {
    return Invalid("the log's origin and volume do not fit");
  }
  if (options_.recipients.empty()) {
    return Invalid("the audit log needs a data protection officer's key");
  }
  if (!options_.sign || !options_.actor_mac) {
    return Invalid("the audit log needs its signing key and its actor key");
  }
  if (options_.pad_to < 64 || options_.pad_to > 1024) {
    return Invalid("`audit.pad_to` is 64 to 1024");
  }
  TRY(log_key_,
      merkle::VerifierKey::Make(options_.origin, merkle::NoteKeyType::kEd25519,
                                options_.log_key));
  policy_hash_ = primitive::Sha256(AsBytes(options_.witness_policy));
  if (options_.witness_policy.empty()) return absl::OkStatus();
  TRY(policy_, merkle::TrustPolicy::Parse(options_.witness_policy));
  return absl::OkStatus();
}

absl::Status AuditLog::Impl::LoadHead() {
  TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
  TRY(const std::optional<HeadRow> row,
      ReadRow<HeadRow>(*reader, rows_.Head()));
  if (row) head_row_ = *row;
  // The rows end exactly where the head says.
  if (head_row_.size > 0) {
    TRY(const std::optional<Bytes> last,
        reader->Get(Table::kAuditLeaf, rows_.Entry(head_row_.size - 1)));
    if (!last) return Broken("the store lacks its last leaf");
  }
  TRY(const std::optional<Bytes> beyond,
      reader->Get(Table::kAuditLeaf, rows_.Entry(head_row_.size)));
  if (beyond) return Broken("the store holds a leaf beyond its head");
  return absl::OkStatus();
}

absl::Status AuditLog::Impl::LoadPublished() {
  base::MutexLock lock(publish_mutex_);
  std::optional<PublishedRow> row;
  {
    TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
    TRY(row, ReadRow<PublishedRow>(*reader, rows_.Published()));
  }
  const std::uint64_t size = row ? row->size : 0;
  if (size > head_row_.size) return Broken("more was published than is stored");
  // Before the repair: a folder that is ahead of the store is evidence.
  TRY_OK(CheckCheckpointFile(row));
  TRY(const PublishedFolder::Pruned pruned, LoadPruned(size));
  TRY(edge_, folder_.Repair(size, Leaves(), pruned));
  if (!row) return LoadCosigned();
  if (edge_.Root() != row->root) {
    return Broken("the tiles do not make the published tree");
  }
  TRY_OK(folder_.PutCheckpoint(row->note));
  {
    base::MutexLock state_lock(state_mutex_);
    published_ = {row->size, row->root, row->note};
  }
  return LoadCosigned();
}

absl::StatusOr<merkle::Checkpoint> AuditLog::Impl::OpenOwn(
    std::string_view note) const {
  std::vector<merkle::VerifierKey> known = {*log_key_};
  if (policy_) {
    for (const auto& witness : policy_->witnesses()) {
      known.push_back(witness.key);
    }
  }
  const absl::StatusOr<merkle::OpenedNote> opened =
      merkle::OpenNote(note, known);
  if (!opened.ok()) return Broken("a checkpoint does not verify");
  if (opened->verified.empty() || opened->verified.front().key != 0) {
    return Broken("a checkpoint is not signed by this log's key");
  }
  TRY(merkle::Checkpoint checkpoint,
      merkle::ParseCheckpoint(opened->note.text));
  if (checkpoint.origin != options_.origin) {
    return Broken("a checkpoint is another log's");
  }
  return checkpoint;
}

// The file may be one publication behind the row, or lack its last
// cosignatures, when a crash came between; anything else was done to it.
absl::Status AuditLog::Impl::CheckCheckpointFile(
    const std::optional<PublishedRow>& row) {
  TRY(const std::optional<std::string> file, folder_.Checkpoint());
  if (!row) {
    return file ? Broken("the store does not know the published checkpoint")
                : absl::OkStatus();
  }
  TRY(const merkle::Checkpoint stored, OpenOwn(row->note));
  if (stored.size != row->size || stored.root != row->root) {
    return Broken("the published row does not fit its note");
  }
  if (!file || *file == row->note) return absl::OkStatus();
  TRY(const merkle::Checkpoint found, OpenOwn(*file));
  if (found.size > row->size) {
    return Broken("the store is older than the published checkpoint");
  }
  if (found.size < row->size) return absl::OkStatus();
  if (found.root != row->root) return Broken("the checkpoint has another root");
  TRY(const merkle::Note note, merkle::ParseNote(*file));
  for (const merkle::NoteLine& line : note.lines) {
    if (row->note.find(line.Text()) == std::string::npos) {
      return Broken("the checkpoint file has a line that was never there");
    }
  }
  return absl::OkStatus();
}

absl::Status AuditLog::Impl::LoadCosigned() {
  if (!policy_) return absl::OkStatus();
  cosigned_.resize(policy_->witnesses().size());
  TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
  const auto note = merkle::ParseNote(Shown().note);
  for (std::size_t i = 0; i < cosigned_.size(); ++i) {
    const auto& witness = policy_->witnesses()[i];
    TRY(const std::optional<CosignedRow> row,
        ReadRow<CosignedRow>(*reader, rows_.Cosigned(witness.name)));
    if (row) cosigned_[i] = *row;
    if (!note.ok()) continue;
    const auto verified =
        merkle::VerifyLines(note->text, note->lines, {&witness.key, 1});
    if (verified.ok() && !verified->empty()) {
      lines_[i] = note->lines[verified->front().line];
    }
  }
  return absl::OkStatus();
}

// The tree: peaks from the tiles, then the leaves that are not published yet.
absl::Status AuditLog::Impl::LoadTail() {
  base::MutexLock lock(publish_mutex_);
  const std::uint64_t published = edge_.size();
  const merkle::HashSource source =
      merkle::HashesFromTiles(published, folder_.Reader());
  std::vector<Hash> peaks;
  std::uint64_t start = 0;
  for (unsigned level = 63; level-- > 0;) {
    const std::uint64_t width = std::uint64_t{1} << level;
    if ((published & width) == 0) continue;
    TRY(const Hash peak, source(level, start >> level));
    peaks.push_back(peak);
    start += width;
  }
  TRY(tree_, merkle::Tree::Resume(published, std::move(peaks)));
  std::vector<Hash> tail;
  while (tree_.size() < head_row_.size) {
    TRY(const std::vector<Bytes> page, Leaves()(tree_.size(), kPage));
    if (page.empty()) return Broken("the store lacks leaves");
    for (const Bytes& leaf : page) {
      tail.push_back(merkle::LeafHash(leaf));
      tree_.Append(tail.back());
    }
  }
  if (head_row_.size > 0 && tree_.Root() != head_row_.root) {
    return Broken("the leaves do not make the stored head");
  }
  base::MutexLock state_lock(state_mutex_);
  tail_ = std::move(tail);
  quorum_at_ = options_.clock->NowSeconds();
  clock_offset_ =
      options_.clock->NowMicros() - options_.clock->MonotonicMicros();
  return absl::OkStatus();
}

absl::Status AuditLog::Impl::FirstEvents() {
  {
    base::MutexLock lock(spool_mutex_);
    TRY(const Spool::Content spooled, spool_.Load());
    std::uint32_t next = head_row_.next_segment;
    for (const SpoolItem& item : spooled.items) {
      const auto file = ledger::ParseSegmentFile(item.segment_file);
      if (file.ok()) next = std::max(next, file->number + 1);
    }
    segments_.StartAt(next);
  }
  const bool fresh = head_row_.size == 0;
  const Hash old_policy = head_row_.policy;
  if (fresh) {
    const Options::Previous previous =
        options_.previous.value_or(Options::Previous{});
    TRY_OK(CommitOwn(
        ledger::Event("log.genesis")
            .Set("catalogue", ledger::CatalogueHash())
            .Set("policy", policy_hash_)
            .Set("prev_origin", options_.previous ? previous.origin : "-")
            .Set("prev_root",
                 options_.previous ? ToHex(previous.root) : std::string("-"))
            .Set("prev_size", previous.size)
            .Set("reason", options_.reason)
            .Set("volume", options_.volume)));
  } else if (old_policy != policy_hash_) {
    TRY_OK(CommitOwn(ledger::Event("log.policy")
                         .Set("new", policy_hash_)
                         .Set("old", old_policy)));
  }
  TRY_OK(ReplaySpool());
  const std::int64_t now = options_.clock->NowMicros();
  const std::int64_t last = head_row_.last_time;
  if (now < last) {
    TRY_OK(CommitOwn(ledger::Event("clock.step")
                         .Set("now", now / kMicros)
                         .Set("was", last / kMicros)
                         .Set("source", "start")));
  }
  bool clean = fresh;
  {
    TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
    TRY(const std::optional<Bytes> row,
        reader->Get(Table::kAuditHead, rows_.CleanStop()));
    clean = clean || row.has_value();
  }
  return CommitOwn(
      ledger::Event("node.start")
          .Set("build", options_.build ? ToHex(*options_.build) : "-")
          .Set("clean", clean ? 1 : 0)
          .Set("schema", store::SchemaVersion())
          .Set("version", options_.version),
      [this](store::Writer& writer, std::span<const Staged>) {
        return writer.Delete(Table::kAuditHead, rows_.CleanStop());
      });
}

}  // namespace entente::audit
