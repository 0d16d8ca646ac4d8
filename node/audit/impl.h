#pragma once
// Private to the room: the log from inside. Which thread or lock owns a member
// stands beside it. Locks are taken in the order publish_mutex_, queue_mutex_,
// state_mutex_.

#include <absl/status/statusor.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/note.h"
#include "crypto/merkle/policy.h"
#include "crypto/merkle/proof.h"
#include "crypto/merkle/tiles.h"
#include "crypto/merkle/tree.h"
#include "node/audit/log.h"
#include "node/audit/published_folder.h"
#include "node/audit/rows.h"
#include "node/audit/segments.h"
#include "node/audit/spool.h"
#include "node/base/futex.h"
#include "node/base/mutex.h"
#include "node/ledger/coverage.h"
#include "node/ledger/entry.h"

namespace entente::audit {

// Why a log stopped; decides whether and when it resumes.
enum class StopCause : std::uint8_t {
  kNone,
  kStore,  // an append failed
  kDisk,   // free space under the floor
  kClock,  // ran back over 60 s
  kSlow,   // a commit took over 5 s
  kSign,   // the head could not be signed
};
std::string_view LogName(StopCause cause);

// By what an entry is found: all of it stands in its leaf.
struct SearchKeys {
  const ledger::EventType* type = nullptr;  // none: not in the index (padding)
  std::optional<Id16> batch;
  std::optional<Id16> hit;
  std::optional<Id16> actor;
  bool crosses = false;  // another node may know the leaf's hash
};
SearchKeys SearchKeysOf(const ledger::Leaf& leaf);

// One event, sealed, ready for its index and time.
struct Item {
  ledger::PreparedEntry entry;
  ledger::Keep keep = ledger::Keep::kPad;
  std::shared_ptr<const Segment> segment;  // under which the body is wrapped
  SearchKeys keys;
  std::string user;  // empty: no row that leads back to the person
};

// A committed entry that is not in the store's search index yet.
struct Unindexed {
  Staged entry;
  SearchKeys keys;
};

// Where callers wait who came while one batch was being written: the next one
// takes them together, and one call wakes them. Shared, so that it outlives the
// wake-up.
class Turn {
 public:
  // False: the caller is to write.
  bool Wait(const std::atomic<bool>& done);
  // One of those who are not done is to write; there must be one.
  void CallWriter();
  // Some of them are done.
  void CallDone() { changed_.WakeAll(); }

 private:
  base::Futex changed_;
  std::atomic<bool> wanted_ = false;  // a writer
};

// What a caller hands to the writer and waits for.
struct Request {
  enum class Kind : std::uint8_t { kJob, kPad, kResume };
  Kind kind = Kind::kJob;
  std::vector<Item> items;
  Changes changes;
  std::vector<Job::Subject> subjects;
  bool closes = false;          // the volume ends with it
  std::uint64_t pad_above = 0;  // kPad: the size last shown

  std::shared_ptr<Turn> turn;

  // Filled by the writer, which sets `done` last: then the request may be gone.
  absl::Status status;
  std::vector<Staged> staged;
  Head head;  // kJob: the batch's; kPad: of the padded size. Without a note
  bool committed = false;  // durable, even when the status is not OK
  std::atomic<bool> done = false;

  std::size_t Bytes() const;
};

// The tree as it grows inside a transaction.
struct Stage {
  merkle::Tree tree;
  std::int64_t last_time = 0;
  std::uint32_t next_segment = 0;
  bool closed = false;
  std::vector<Hash> hashes;           // of the leaves staged
  std::vector<Unindexed> unindexed;   // of these, what is searched for
  std::set<std::uint32_t> announced;  // segments
  std::set<Id16> actors;              // rows written
  HeadRow row;                        // once the head was moved

  // What a job changes; a failed one is rolled back to it.
  struct Mark {
    merkle::Tree tree;
    std::int64_t last_time;
    std::size_t hashes;
    std::size_t unindexed;
    std::set<Id16> actors;
  };
  Mark Here() const;
  void BackTo(Mark mark);
};

std::optional<Id16> IdOf(std::string_view hex);  // none: not an identifier
// The rows of Table::kAuditSubject by which the entry is found.
std::vector<Bytes> SearchRows(const Rows& rows, const Unindexed& entry);

class AuditLog::Impl {
 public:
  explicit Impl(Options options);

  // start.cc
  absl::Status Start();

  // log.cc
  absl::StatusOr<std::vector<Receipt>> Submit(Job job,
                                              const policy::Permit* permit);
  absl::Status NoteSafe(ledger::Event event);
  absl::Status Stop(std::string_view reason);
  absl::Status CloseVolume(std::string_view next_origin,
                           std::string_view reason);
  State state() const EXCLUDES(state_mutex_);
  Counts counts() const EXCLUDES(state_mutex_);
  Head SignedHead() const EXCLUDES(state_mutex_);
  Head PublishedHead() const EXCLUDES(state_mutex_);

  // publish.cc
  absl::StatusOr<Head> Tick() EXCLUDES(publish_mutex_);
  std::vector<WitnessState> Witnesses() const EXCLUDES(publish_mutex_);
  absl::StatusOr<std::string> BuildAddCheckpoint(
      std::string_view witness, std::optional<std::uint64_t> old_size)
      EXCLUDES(publish_mutex_);
  absl::Status AcceptCosignature(std::string_view witness,
                                 std::string_view lines)
      EXCLUDES(publish_mutex_);

  // search_index.cc
  absl::StatusOr<std::vector<std::uint64_t>> Find(Key key,
                                                  std::string_view value,
                                                  std::uint64_t from,
                                                  std::size_t limit)
      EXCLUDES(state_mutex_);
  absl::StatusOr<std::uint64_t> FindLeaf(const Hash& leaf_hash)
      EXCLUDES(state_mutex_);

  // read.cc
  absl::Status CompareWitnessed(ByteView note) EXCLUDES(publish_mutex_);
  absl::StatusOr<std::vector<Entry>> Read(std::uint64_t from,
                                          std::size_t limit);
  absl::StatusOr<std::string> UserOf(std::string_view actor);
  absl::StatusOr<std::vector<ledger::Slot>> OpenBody(std::uint64_t index,
                                                     const Receipt& logged);
  absl::StatusOr<ledger::Opening> OpenFields(
      std::uint64_t index, std::span<const std::string> fields,
      const Receipt& logged);
  absl::StatusOr<std::string> ProveInclusion(std::uint64_t index)
      EXCLUDES(publish_mutex_);
  absl::StatusOr<std::vector<Hash>> ProveConsistency(std::uint64_t m,
                                                     std::uint64_t n)
      EXCLUDES(publish_mutex_);
  absl::StatusOr<std::vector<Hash>> SeededConsistency(std::uint64_t m,
                                                      std::uint64_t n)
      EXCLUDES(publish_mutex_);
  const std::string& origin() const { return options_.origin; }

  // retain.cc
  absl::StatusOr<std::uint64_t> ExpireBodies(std::size_t limit);

  // prune.cc
  absl::StatusOr<std::uint64_t> PruneLeaves(std::size_t bundles)
      EXCLUDES(publish_mutex_);
  absl::StatusOr<std::uint64_t> SweepPruned(std::size_t limit)
      EXCLUDES(publish_mutex_);

  // erase.cc
  absl::StatusOr<Erased> Erase(const Erasure& erasure);
  absl::StatusOr<std::vector<std::uint64_t>> Unscrubbed() const;
  absl::StatusOr<std::uint64_t> ScrubErased() EXCLUDES(scrub_mutex_);

  // export.cc
  absl::StatusOr<ledger::BundleSummary> Export(const ExportRequest& request,
                                               const ledger::BundleSink& sink)
      EXCLUDES(publish_mutex_, state_mutex_);

  // self_check.cc
  absl::Status SelfCheck() EXCLUDES(publish_mutex_);

 private:
  // --- retain.cc
  struct Expired;
  absl::Status ExpireClass(const Expired& expired);
  absl::Status DeleteBody(store::Writer& writer, std::uint64_t index) const;

  // --- search_index.cc
  absl::Status LoadUnindexed() EXCLUDES(publish_mutex_, state_mutex_);
  absl::Status MoveIndexed() REQUIRES(publish_mutex_) EXCLUDES(state_mutex_);
  absl::Status IndexCommitted() REQUIRES(publish_mutex_) EXCLUDES(state_mutex_);

  // --- prune.cc
  struct PrunePlan;
  absl::StatusOr<std::vector<Entry>> KeptEntries(std::uint64_t from,
                                                 std::uint64_t end,
                                                 std::size_t limit) const;
  absl::StatusOr<PublishedFolder::Pruned> LoadPruned(std::uint64_t published)
      REQUIRES(publish_mutex_);
  bool IsOver(const ledger::Leaf& leaf) const;
  absl::StatusOr<bool> PlanBundle(store::Reader& reader,
                                  std::span<const Bytes> leaves,
                                  PrunePlan& plan) const;
  absl::StatusOr<PrunePlan> PlanPrune(std::uint64_t published,
                                      std::size_t bundles) const
      REQUIRES(publish_mutex_);
  absl::Status RemovePruned(std::uint64_t published) REQUIRES(publish_mutex_);
  absl::Status DeleteEntry(store::Writer& writer, std::uint64_t index,
                           ByteView bytes) const;
  absl::StatusOr<std::uint64_t> SweepSlice() REQUIRES(publish_mutex_);

  // --- self_check.cc
  absl::Status CheckKept(merkle::Tree& tree, const ledger::Coverage& coverage,
                         std::map<std::uint32_t, ledger::SegmentKey>& open)
      REQUIRES(publish_mutex_);
  absl::StatusOr<ledger::Coverage> FindCoverage();
  absl::Status CheckEntry(store::Reader& reader, const Entry& entry,
                          const ledger::Coverage& coverage,
                          std::map<std::uint32_t, ledger::SegmentKey>& open);

  // --- start.cc
  absl::Status CheckOptions();
  absl::Status LoadHead();
  absl::Status LoadPublished() EXCLUDES(publish_mutex_, state_mutex_);
  // A checkpoint of this log, every known line verified. DATA_LOSS: it is not.
  absl::StatusOr<merkle::Checkpoint> OpenOwn(std::string_view note) const;
  absl::Status CheckCheckpointFile(const std::optional<PublishedRow>& row)
      REQUIRES(publish_mutex_);
  absl::Status LoadTail() EXCLUDES(state_mutex_);
  absl::Status LoadCosigned() REQUIRES(publish_mutex_);
  absl::Status FirstEvents();
  absl::Status ReplaySpool() EXCLUDES(spool_mutex_);

  // --- seal.cc: in the callers' threads
  absl::StatusOr<std::vector<Item>> Seal(
      const std::vector<ledger::Event>& events);
  absl::StatusOr<Item> SealOne(const ledger::Event& event,
                               const std::shared_ptr<const Segment>& segment);
  absl::Status CheckJob(const Job& job, const policy::Permit* permit) const;

  // --- writer.cc
  // Hands the request to the writer, or is it; returns when it is done.
  void Run(Request& request) EXCLUDES(queue_mutex_);
  // The rest is the writer's.
  bool WriteBatch(const Request& own) EXCLUDES(queue_mutex_);
  std::shared_ptr<Turn> NextTurn() EXCLUDES(queue_mutex_);
  std::vector<Request*> TakeBatch() EXCLUDES(queue_mutex_);
  void Gather() REQUIRES(queue_mutex_);
  void RunBatch(std::span<Request* const> batch) EXCLUDES(state_mutex_);
  absl::Status CommitBatch(std::span<Request* const> batch, Stage& stage);
  absl::Status Conditions(StopCause& cause) const;
  absl::Status CheckConditions() EXCLUDES(state_mutex_);
  absl::Status StageRequest(store::Writer& writer, Stage& stage,
                            Request& request);
  absl::Status StageItems(store::Writer& writer, Stage& stage,
                          Request& request);
  absl::Status StageItem(store::Writer& writer, Stage& stage, const Item& item,
                         Staged& staged);
  absl::Status StagePads(store::Writer& writer, Stage& stage, Request& request);
  absl::Status Announce(store::Writer& writer, Stage& stage,
                        const Segment& segment);
  absl::Status PutActor(store::Writer& writer, Stage& stage, const Item& item);
  absl::Status MoveHead(store::Writer& writer, Stage& stage);
  void Adopt(Stage stage) EXCLUDES(state_mutex_);
  absl::Status SignHead() EXCLUDES(state_mutex_);
  static absl::Status NotTaken(StopCause cause);
  absl::Status Resume() EXCLUDES(state_mutex_);
  void StopFor(StopCause cause) EXCLUDES(state_mutex_);
  void NoteFault(std::string_view code, std::string_view detail);
  std::int64_t DueOf(ledger::Keep keep, std::int64_t time) const;

  // --- log.cc
  absl::Status Admit(const policy::Permit* permit) const EXCLUDES(state_mutex_);
  absl::StatusOr<std::vector<Receipt>> Receipts(
      const Request& request, const policy::Permit* permit) const;
  absl::Status CommitOwn(ledger::Event event, Changes changes = {});
  absl::Status AppendToSpool(const ledger::Event& event) EXCLUDES(spool_mutex_);
  void SetState(State state, StopCause cause) EXCLUDES(state_mutex_);
  bool IsOpen() const EXCLUDES(state_mutex_);
  std::int64_t QuorumAge() const REQUIRES(state_mutex_);
  void MakeReserve();
  void ReleaseReserve();

  // --- publish.cc
  absl::StatusOr<Head> PadAndOffer() REQUIRES(publish_mutex_);
  absl::StatusOr<Head> PadAndSign(std::uint64_t above);
  absl::Status Offer(Head head) REQUIRES(publish_mutex_);
  absl::Status Publish(const Head& head) REQUIRES(publish_mutex_)
      EXCLUDES(state_mutex_);
  absl::Status WatchClock() REQUIRES(publish_mutex_);
  absl::Status WatchQuorum() REQUIRES(publish_mutex_) EXCLUDES(state_mutex_);
  // The note with the cosignature lines collected for it.
  std::string WithLines(const Head& head) const REQUIRES(publish_mutex_);
  bool QuorumMet() const REQUIRES(publish_mutex_);
  const Head& Shown() const REQUIRES(publish_mutex_);
  std::optional<std::size_t> FindWitness(std::string_view name) const;
  bool NeedsQuorum() const;
  absl::StatusOr<std::string> SignCheckpoint(std::uint64_t size,
                                             const Hash& root) const;

  // --- read.cc
  LeafSource Leaves() const;
  absl::StatusOr<Bytes> LeafAt(std::uint64_t index) const;
  struct OpenedEntry;
  absl::StatusOr<OpenedEntry> OpenEntry(std::uint64_t index,
                                        const Receipt& logged) const;
  absl::StatusOr<ledger::SegmentKey> OpenSegment(store::Reader& reader,
                                                 std::uint32_t number) const;
  absl::Status CheckOpening(std::uint64_t index, const Receipt& logged) const;
  // Hashes of the whole committed tree: tiles, then what is not yet published.
  merkle::HashSource Hashes() REQUIRES(publish_mutex_) EXCLUDES(state_mutex_);

  // Fixed once Start is through.
  const Options options_;
  const Rows rows_;
  std::optional<merkle::VerifierKey> log_key_;
  std::optional<merkle::TrustPolicy> policy_;
  Hash policy_hash_{};
  Segments segments_;

  // The writer's: the thread that set `writing_`. Before the first, Start's.
  merkle::Tree tree_;
  HeadRow head_row_;
  std::set<Id16> known_actors_;
  std::set<std::uint32_t> announced_;

  base::Mutex queue_mutex_;
  base::CondVar arrived_;
  std::deque<Request*> queue_ GUARDED_BY(queue_mutex_);
  // Of those who come until the next batch is taken.
  std::shared_ptr<Turn> turn_ GUARDED_BY(queue_mutex_) =
      std::make_shared<Turn>();
  bool writing_ GUARDED_BY(queue_mutex_) = false;
  std::size_t last_batch_ GUARDED_BY(queue_mutex_) = 0;
  // The length of the queue that the writer waits for; 0: it does not wait.
  std::size_t gathered_ GUARDED_BY(queue_mutex_) = 0;

  mutable base::Mutex state_mutex_;
  State state_ GUARDED_BY(state_mutex_) = State::kChecking;
  StopCause cause_ GUARDED_BY(state_mutex_) = StopCause::kNone;
  Head signed_ GUARDED_BY(state_mutex_);
  Head published_ GUARDED_BY(state_mutex_);
  // Leaf hashes from the published size on.
  std::vector<Hash> tail_ GUARDED_BY(state_mutex_);
  // Rising by index.
  std::deque<Unindexed> unindexed_ GUARDED_BY(state_mutex_);
  std::int64_t quorum_at_ GUARDED_BY(state_mutex_) = 0;  // POSIX seconds
  std::uint64_t jobs_ GUARDED_BY(state_mutex_) = 0;
  std::uint64_t batches_ GUARDED_BY(state_mutex_) = 0;
  std::uint64_t spooled_ GUARDED_BY(state_mutex_) = 0;

  base::Mutex spool_mutex_;  // held while the file is written: it is tiny
  Spool spool_ GUARDED_BY(spool_mutex_);

  // One publisher at a time; held across its file writes, which is its point.
  mutable base::Mutex publish_mutex_;
  PublishedFolder folder_ GUARDED_BY(publish_mutex_);
  merkle::TileEdge edge_ GUARDED_BY(publish_mutex_);
  std::optional<Head> pending_ GUARDED_BY(publish_mutex_);  // awaits its quorum
  // For Shown(): the cosignature lines, by index of the witness.
  std::map<std::size_t, merkle::NoteLine> lines_ GUARDED_BY(publish_mutex_);
  std::vector<CosignedRow> cosigned_ GUARDED_BY(publish_mutex_);
  bool quorum_lost_ GUARDED_BY(publish_mutex_) = false;
  std::int64_t clock_offset_ GUARDED_BY(publish_mutex_) = 0;
  std::uint64_t indexed_ GUARDED_BY(publish_mutex_) = 0;
  PrunedRow pruned_ GUARDED_BY(publish_mutex_);
  // Its `before`, for readers: below it only kept entries are shown.
  std::atomic<std::uint64_t> gap_ = 0;

  base::Mutex scrub_mutex_;  // before all others: one scrub at a time
};

}  // namespace entente::audit
