// The writer: takes what has queued, commits it in one transaction, signs the
// head. The commit is the point of durability; nothing that is not committed is
// ever signed. There is one at a time, and it is the thread of a caller: the
// first that finds none writes for all that wait, itself among them, and hands
// over to the next. A lone caller so waits for no other thread.

#include <algorithm>
#include <chrono>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "node/audit/impl.h"

namespace entente::audit {
namespace {

using store::Table;

constexpr std::size_t kBatchJobs = 512;
constexpr std::size_t kBatchBytes = 1U << 20U;
constexpr std::int64_t kMicros = 1'000'000;
constexpr std::int64_t kSlowMicros = 5 * kMicros;
constexpr std::int64_t kDaySeconds = 86'400;
// Less than any disk takes to sync, save the fastest.
constexpr std::chrono::microseconds kMostGather(1'500);

}  // namespace

Stage::Mark Stage::Here() const {
  return {tree, last_time, hashes.size(), unindexed.size(), actors};
}

void Stage::BackTo(Mark mark) {
  tree = std::move(mark.tree);
  last_time = mark.last_time;
  hashes.resize(mark.hashes);
  unindexed.resize(mark.unindexed);
  actors = std::move(mark.actors);
}

std::size_t Request::Bytes() const {
  std::size_t bytes = 0;
  for (const Item& item : items) {
    bytes += item.entry.record.size() + item.entry.before_time.size() +
             item.entry.after_time.size();
  }
  return bytes;
}

bool Turn::Wait(const std::atomic<bool>& done) {
  while (true) {
    const std::uint32_t seen = changed_.Seen();
    const bool called = wanted_.load(std::memory_order_relaxed) &&
                        wanted_.exchange(false, std::memory_order_acq_rel);
    if (done.load(std::memory_order_acquire)) {
      // It was meant for one of those who still wait, and may be asleep again.
      if (called) CallWriter();
      return true;
    }
    if (called) return false;
    changed_.Wait(seen);
  }
}

void Turn::CallWriter() {
  wanted_.store(true, std::memory_order_release);
  changed_.WakeOne();
}

void AuditLog::Impl::Run(Request& request) {
  bool writes = false;
  {
    base::MutexLock lock(queue_mutex_);
    request.turn = turn_;
    queue_.push_back(&request);
    writes = !std::exchange(writing_, true);
    if (queue_.size() == gathered_) arrived_.NotifyOne();
  }
  if (!writes && request.turn->Wait(request.done)) return;
  while (!WriteBatch(request)) {
  }
}

// True when `own` is done; then another writes.
bool AuditLog::Impl::WriteBatch(const Request& own) {
  const std::vector<Request*> batch = TakeBatch();
  CHECK(!batch.empty());  // `own` at least is in the queue
  if (batch.front()->kind == Request::Kind::kResume) {
    batch.front()->status = Resume();
  } else {
    RunBatch(batch);
  }
  const bool own_done =
      std::find(batch.begin(), batch.end(), &own) != batch.end();
  std::vector<std::shared_ptr<Turn>> turns;
  for (const Request* request : batch) {
    if (turns.empty() || turns.back() != request->turn) {
      turns.push_back(request->turn);
    }
  }
  const std::shared_ptr<Turn> next = own_done ? NextTurn() : nullptr;
  // First the writer, who has the most to do. When the batch left some behind
  // who wait beside its own, it is called when these are awake: one call wakes
  // one sleeper.
  const bool beside = next == turns.back();
  if (next && !beside) next->CallWriter();
  for (Request* request : batch) {
    request->done.store(true, std::memory_order_release);
  }
  for (const std::shared_ptr<Turn>& turn : turns) turn->CallDone();
  if (next && beside) next->CallWriter();
  options_.store->Tidy();
  return own_done;
}

// Of the one who writes next; none: nobody waits.
std::shared_ptr<Turn> AuditLog::Impl::NextTurn() {
  base::MutexLock lock(queue_mutex_);
  writing_ = !queue_.empty();
  return writing_ ? queue_.front()->turn : nullptr;
}

// Those whom the last commit woke come back one by one; without a moment for
// them the first would have a commit of its own, and the others wait for two. A
// lone caller never waits.
void AuditLog::Impl::Gather() {
  using std::chrono::microseconds;
  using std::chrono::steady_clock;
  if (last_batch_ < 2) return;
  const auto until = steady_clock::now() + kMostGather;
  gathered_ = last_batch_;
  while (queue_.size() < gathered_) {
    const auto left =
        std::chrono::duration_cast<microseconds>(until - steady_clock::now());
    if (left <= microseconds(0) || !arrived_.WaitFor(queue_mutex_, left)) break;
  }
  gathered_ = 0;
}

std::vector<Request*> AuditLog::Impl::TakeBatch() {
  base::MutexLock lock(queue_mutex_);
  Gather();
  std::vector<Request*> batch;
  std::size_t bytes = 0;
  while (!queue_.empty() && batch.size() < kBatchJobs && bytes < kBatchBytes) {
    Request* next = queue_.front();
    const bool resume = next->kind == Request::Kind::kResume;
    if (resume && !batch.empty()) break;
    queue_.pop_front();
    batch.push_back(next);
    bytes += next->Bytes();
    if (resume) break;
  }
  last_batch_ = batch.size();
  turn_ = std::make_shared<Turn>();
  return batch;
}

void AuditLog::Impl::RunBatch(std::span<Request* const> batch) {
  Stage stage;
  Head head;
  absl::Status status = CheckConditions();
  if (status.ok()) {
    const std::int64_t start = options_.clock->MonotonicMicros();
    status = CommitBatch(batch, stage);
    if (status.ok()) {
      for (Request* request : batch) request->committed = request->status.ok();
      Adopt(std::move(stage));
      status = SignHead();
      if (!status.ok()) StopFor(StopCause::kSign);
      // Now: what stops the log below may add an entry of its own.
      head = {tree_.size(), head_row_.root, ""};
    } else if (absl::IsDataLoss(status)) {
      SetState(State::kBroken, StopCause::kStore);
    } else {
      StopFor(StopCause::kStore);
    }
    const std::int64_t took = options_.clock->MonotonicMicros() - start;
    if (status.ok() && took > kSlowMicros) StopFor(StopCause::kSlow);
  }
  std::uint64_t jobs = 0;
  for (Request* request : batch) {
    if (request->status.ok()) request->status = status;
    if (!request->status.ok()) continue;
    if (request->kind == Request::Kind::kJob) request->head = head;
    ++jobs;
  }
  base::MutexLock lock(state_mutex_);
  jobs_ += jobs;
  ++batches_;
}

absl::Status AuditLog::Impl::CommitBatch(std::span<Request* const> batch,
                                         Stage& stage) {
  stage = Stage{};
  stage.tree = tree_;
  stage.last_time = head_row_.last_time;
  stage.next_segment = head_row_.next_segment;
  stage.closed = head_row_.closed;
  return options_.store->Commit([&](store::Writer& writer) -> absl::Status {
    for (Request* request : batch) {
      if (request->kind == Request::Kind::kPad) {
        TRY_OK(StagePads(writer, stage, *request));
      } else {
        TRY_OK(StageRequest(writer, stage, *request));
      }
    }
    if (stage.hashes.empty()) return absl::OkStatus();
    return MoveHead(writer, stage);
  });
}

// Not OK only when the store fails; a job that fails keeps its status and
// leaves no trace.
absl::Status AuditLog::Impl::StageRequest(store::Writer& writer, Stage& stage,
                                          Request& request) {
  if (stage.closed) {
    request.status = NotTaken(StopCause::kNone);
    return absl::OkStatus();
  }
  for (const Item& item : request.items) {
    if (item.segment) TRY_OK(Announce(writer, stage, *item.segment));
  }
  if (!request.changes) {
    // What can fail now is the store, and that ends the whole batch.
    TRY_OK(StageItems(writer, stage, request));
    stage.closed = stage.closed || request.closes;
    return absl::OkStatus();
  }
  Stage::Mark before = stage.Here();
  request.status = writer.Savepoint(
      [&](store::Writer& inner) { return StageItems(inner, stage, request); });
  if (!request.status.ok()) {
    stage.BackTo(std::move(before));
    request.staged.clear();
    return absl::OkStatus();
  }
  stage.closed = stage.closed || request.closes;
  return absl::OkStatus();
}

absl::Status AuditLog::Impl::StageItems(store::Writer& writer, Stage& stage,
                                        Request& request) {
  request.staged.clear();
  for (const Item& item : request.items) {
    Staged staged;
    TRY_OK(StageItem(writer, stage, item, staged));
    request.staged.push_back(staged);
  }
  for (const Job::Subject& subject : request.subjects) {
    const std::uint64_t index = request.staged[subject.event].index;
    TRY_OK(writer.Put(Table::kAuditSubject,
                      rows_.Index(Rows::kSubject, subject.tag, index), {}));
    const Bytes key = rows_.TagsOf(index);
    TRY(const std::optional<Bytes> tags, writer.Get(Table::kAuditSubject, key));
    TRY_OK(
        writer.Put(Table::kAuditSubject, key,
                   Concat({tags ? ByteView(*tags) : ByteView(), subject.tag})));
  }
  if (!request.changes) return absl::OkStatus();
  return request.changes(writer, request.staged);
}

absl::Status AuditLog::Impl::StageItem(store::Writer& writer, Stage& stage,
                                       const Item& item, Staged& staged) {
  const std::int64_t time =
      std::max(options_.clock->NowMicros(), stage.last_time);
  TRY(const ledger::FinishedLeaf leaf, ledger::FinishLeaf(item.entry, time));
  staged = {stage.tree.size(), leaf.hash};
  const Bytes key = rows_.Entry(staged.index);
  TRY_OK(writer.Put(Table::kAuditLeaf, key, leaf.bytes));
  if (!item.entry.record.empty()) {
    TRY_OK(writer.Put(Table::kAuditBody, key, item.entry.record,
                      DueOf(item.keep, time)));
  }
  TRY_OK(PutActor(writer, stage, item));
  if (item.keys.type != nullptr) stage.unindexed.push_back({staged, item.keys});
  stage.tree.Append(leaf.hash);
  stage.hashes.push_back(leaf.hash);
  stage.last_time = time;
  return absl::OkStatus();
}

absl::Status AuditLog::Impl::PutActor(store::Writer& writer, Stage& stage,
                                      const Item& item) {
  const std::optional<Id16>& actor = item.keys.actor;
  if (!actor || item.user.empty() || known_actors_.contains(*actor) ||
      !stage.actors.insert(*actor).second) {
    return absl::OkStatus();
  }
  return writer.Put(Table::kAuditActor, rows_.Actor(*actor),
                    AsBytes(item.user));
}

absl::Status AuditLog::Impl::StagePads(store::Writer& writer, Stage& stage,
                                       Request& request) {
  const std::uint64_t step = options_.pad_to;
  const std::uint64_t above = (request.pad_above / step + 1) * step;
  const std::uint64_t full = (stage.tree.size() + step - 1) / step * step;
  const std::uint64_t target = std::max(above, full);
  while (stage.tree.size() < target) {
    Item pad;
    pad.entry = ledger::MakePad();
    Staged staged;
    TRY_OK(StageItem(writer, stage, pad, staged));
  }
  request.head = {stage.tree.size(), stage.tree.Root(), ""};
  return absl::OkStatus();
}

// A segment is announced before the first body under it.
absl::Status AuditLog::Impl::Announce(store::Writer& writer, Stage& stage,
                                      const Segment& segment) {
  const std::uint32_t number = segment.key.number;
  if (announced_.contains(number) || !stage.announced.insert(number).second) {
    return absl::OkStatus();
  }
  // Known from before a restart, when an entry comes out of the spool.
  TRY(const std::optional<Bytes> known,
      writer.Get(Table::kAuditHead, rows_.Segment(number)));
  if (known) return absl::OkStatus();
  const ledger::Event event = ledger::Event("key.segment")
                                  .Set("recipients", segment.recipients)
                                  .Set("segment", number);
  Item item;
  item.keys.type = event.catalogue_entry();
  TRY(item.entry,
      ledger::Prepare(event, {options_.origin, nullptr, {}}, std::nullopt));
  Staged staged;
  TRY_OK(StageItem(writer, stage, item, staged));
  stage.next_segment = std::max(stage.next_segment, number + 1);
  return writer.Put(Table::kAuditHead, rows_.Segment(number), segment.file);
}

// Compare and swap: the store must still be where this log left it.
absl::Status AuditLog::Impl::MoveHead(store::Writer& writer, Stage& stage) {
  TRY(const std::optional<Bytes> row,
      writer.Get(Table::kAuditHead, rows_.Head()));
  const bool same = row ? *row == Encode(head_row_) : tree_.size() == 0;
  if (!same) {
    return WithReason(ProofFailed("the audit log's head in the store changed"),
                      "log-broken");
  }
  HeadRow next = head_row_;
  next.size = stage.tree.size();
  next.root = stage.tree.Root();
  next.last_time = stage.last_time;
  next.next_segment = stage.next_segment;
  next.policy = policy_hash_;
  next.closed = stage.closed;
  stage.row = next;
  return writer.Put(Table::kAuditHead, rows_.Head(), Encode(next));
}

void AuditLog::Impl::Adopt(Stage stage) {
  if (stage.hashes.empty()) return;
  tree_ = std::move(stage.tree);
  head_row_ = stage.row;
  known_actors_.merge(stage.actors);
  announced_.merge(stage.announced);
  base::MutexLock lock(state_mutex_);
  tail_.insert(tail_.end(), stage.hashes.begin(), stage.hashes.end());
  unindexed_.insert(unindexed_.end(), stage.unindexed.begin(),
                    stage.unindexed.end());
}

// It stays in memory: what leaves the node is signed again, and verified, by a
// tick.
absl::Status AuditLog::Impl::SignHead() {
  if (tree_.size() == 0) return absl::OkStatus();
  TRY(std::string note,
      merkle::SignCheckpoint({options_.origin, tree_.size(), head_row_.root},
                             *log_key_, options_.sign,
                             merkle::AfterSigning::kTrust));
  base::MutexLock lock(state_mutex_);
  signed_ = {tree_.size(), head_row_.root, std::move(note)};
  return absl::OkStatus();
}

std::int64_t AuditLog::Impl::DueOf(ledger::Keep keep, std::int64_t time) const {
  std::int64_t days = 0;
  switch (keep) {
    case ledger::Keep::kOps:
      days = options_.ops_days;
      break;
    case ledger::Keep::kAccess:
      days = options_.access_days;
      break;
    case ledger::Keep::kExchange:
      days = options_.exchange_days;
      break;
    case ledger::Keep::kPad:
    case ledger::Keep::kLaw:
      return 0;
  }
  return time / kMicros + days * kDaySeconds;
}

}  // namespace entente::audit
