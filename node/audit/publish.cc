// Ticks, publishing and the cosignatures on this log. The order of durability
// is 6.2: commit, tiles and bundles, the published row, the checkpoint file.

#include <algorithm>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/merkle/add_checkpoint.h"
#include "crypto/merkle/checkpoint.h"
#include "node/audit/impl.h"
#include "node/base/log.h"

namespace entente::audit {
namespace {

using store::Table;

constexpr std::int64_t kMicros = 1'000'000;

}  // namespace

absl::StatusOr<Head> AuditLog::Impl::Tick() {
  base::MutexLock lock(publish_mutex_);
  if (state() == State::kStopped) {
    Request request;
    request.kind = Request::Kind::kResume;
    Run(request);
    TRY_OK(request.status);
    MakeReserve();
    TRY_OK(ReplaySpool());
  }
  if (!IsOpen()) {
    return WithReason(Unready("the audit log is ", LogName(state())),
                      "log-unavailable");
  }
  TRY_OK(WatchClock());
  TRY_OK(WatchQuorum());
  TRY_OK(IndexCommitted());
  return PadAndOffer();
}

absl::StatusOr<Head> AuditLog::Impl::PadAndOffer() {
  TRY(Head head, PadAndSign(Shown().size));
  TRY_OK(Offer(std::move(head)));
  return PublishedHead();
}

absl::StatusOr<Head> AuditLog::Impl::PadAndSign(std::uint64_t above) {
  Request request;
  request.kind = Request::Kind::kPad;
  request.pad_above = above;
  Run(request);
  TRY_OK(request.status);
  Head head = std::move(request.head);
  TRY(head.note, SignCheckpoint(head.size, head.root));
  return head;
}

absl::StatusOr<std::string> AuditLog::Impl::SignCheckpoint(
    std::uint64_t size, const Hash& root) const {
  return merkle::SignCheckpoint({options_.origin, size, root}, *log_key_,
                                options_.sign);
}

absl::Status AuditLog::Impl::Offer(Head head) {
  lines_.clear();
  if (!NeedsQuorum()) return Publish(head);
  pending_ = std::move(head);
  return absl::OkStatus();
}

absl::Status AuditLog::Impl::Publish(const Head& head) {
  const Head shown = {head.size, head.root, WithLines(head)};
  const std::uint64_t old_size = edge_.size();
  merkle::TileEdge edge = edge_;
  absl::Status extended = folder_.Extend(edge, head.size, Leaves());
  if (extended.ok() && edge.Root() != head.root) {
    extended = ProofFailed("the store's leaves do not make the signed tree");
  }
  if (absl::IsDataLoss(extended)) {
    SetState(State::kBroken, StopCause::kStore);
    return WithReason(extended, "log-broken");
  }
  TRY_OK(extended);
  edge_ = std::move(edge);
  TRY_OK(options_.store->Write([&](store::Writer& writer) {
    return writer.Put(Table::kAuditHead, rows_.Published(),
                      Encode(PublishedRow{shown.size, shown.root, shown.note}));
  }));
  TRY_OK(folder_.PutCheckpoint(shown.note));
  TRY_OK(folder_.RemoveReplaced(old_size, head.size));
  TRY_OK(RemovePruned(head.size));
  {
    base::MutexLock lock(state_mutex_);
    const std::uint64_t covered = head.size - published_.size;
    tail_.erase(tail_.begin(),
                tail_.begin() + static_cast<std::ptrdiff_t>(covered));
    published_ = shown;
  }
  pending_.reset();
  base::Log(base::Event::kLogPublished, base::Field("size", head.size));
  return absl::OkStatus();
}

absl::Status AuditLog::Impl::WatchClock() {
  const std::int64_t wall = options_.clock->NowMicros();
  const std::int64_t offset = wall - options_.clock->MonotonicMicros();
  const std::int64_t moved = offset - std::exchange(clock_offset_, offset);
  if (moved <= kMicros && moved >= -kMicros) return absl::OkStatus();
  base::Log(base::Event::kClockStepped,
            base::Field("seconds", moved / kMicros));
  return CommitOwn(ledger::Event("clock.step")
                       .Set("now", wall / kMicros)
                       .Set("was", (wall - moved) / kMicros)
                       .Set("source", "tick"));
}

absl::Status AuditLog::Impl::WatchQuorum() {
  std::int64_t age = 0;
  {
    base::MutexLock lock(state_mutex_);
    age = QuorumAge();
  }
  if (quorum_lost_ || age <= options_.late_after_seconds) {
    return absl::OkStatus();
  }
  TRY_OK(CommitOwn(ledger::Event("witness.lost")
                       .Set("age", age)
                       .Set("have", lines_.size())
                       .Set("need", policy_->witnesses().size())
                       .Set("size", Shown().size)));
  quorum_lost_ = true;
  return absl::OkStatus();
}

bool AuditLog::Impl::NeedsQuorum() const {
  return policy_.has_value() && policy_->needs_witnesses();
}

const Head& AuditLog::Impl::Shown() const {
  if (pending_) return *pending_;
  // SAFETY: published_ is written under publish_mutex_ too, which is held.
  return [this]()
             NO_THREAD_SAFETY_ANALYSIS -> const Head& { return published_; }();
}

std::string AuditLog::Impl::WithLines(const Head& head) const {
  const merkle::Checkpoint checkpoint{options_.origin, head.size, head.root};
  const std::string text = checkpoint.Text();
  // The log's own line is the first after the empty line.
  const std::size_t own = head.note.find('\n', text.size() + 1);
  std::string note = head.note.substr(0, own + 1);
  std::size_t count = 1;
  for (const auto& [witness, line] : lines_) {
    if (++count > merkle::kMaxNoteLinesWritten) break;
    note += line.Text();
  }
  return note;
}

bool AuditLog::Impl::QuorumMet() const {
  std::vector<bool> cosigned(policy_->witnesses().size());
  for (const auto& [witness, line] : lines_) cosigned[witness] = true;
  return policy_->QuorumMet(cosigned);
}

std::optional<std::size_t> AuditLog::Impl::FindWitness(
    std::string_view name) const {
  if (!policy_) return std::nullopt;
  for (std::size_t i = 0; i < policy_->witnesses().size(); ++i) {
    if (policy_->witnesses()[i].name == name) return i;
  }
  return std::nullopt;
}

std::vector<AuditLog::WitnessState> AuditLog::Impl::Witnesses() const {
  base::MutexLock lock(publish_mutex_);
  std::vector<WitnessState> out;
  for (std::size_t i = 0; i < cosigned_.size(); ++i) {
    out.push_back(
        {policy_->witnesses()[i].name, cosigned_[i].size, cosigned_[i].time});
  }
  return out;
}

absl::StatusOr<std::string> AuditLog::Impl::BuildAddCheckpoint(
    std::string_view witness, std::optional<std::uint64_t> old_size) {
  const std::optional<std::size_t> at = FindWitness(witness);
  if (!at) return NotFound("no such witness in the policy file");
  base::MutexLock lock(publish_mutex_);
  const Head& shown = Shown();
  const std::uint64_t from = old_size.value_or(cosigned_[*at].size);
  if (shown.size == 0) return Unready("no head to show yet");
  if (from > shown.size) {
    return Unready("the witness recorded a larger tree than was shown to it");
  }
  merkle::AddCheckpoint request;
  request.old_size = from;
  request.note = WithLines(shown);
  TRY(request.proof, merkle::ProveConsistency(from, shown.size, Hashes()));
  return request.Text();
}

absl::Status AuditLog::Impl::AcceptCosignature(std::string_view witness,
                                               std::string_view lines) {
  const std::optional<std::size_t> at = FindWitness(witness);
  if (!at) return NotFound("no such witness in the policy file");
  TRY(const std::vector<merkle::NoteLine> parsed,
      merkle::ParseNoteLines(lines));
  base::MutexLock lock(publish_mutex_);
  const Head shown = Shown();
  const merkle::VerifierKey& key = policy_->witnesses()[*at].key;
  TRY(const std::vector<merkle::VerifiedLine> verified,
      merkle::VerifyLines(
          merkle::Checkpoint{options_.origin, shown.size, shown.root}.Text(),
          parsed, {&key, 1}));
  if (verified.empty()) {
    return ProofFailed("the answer has no cosignature of that witness");
  }
  const CosignedRow row{shown.size,
                        static_cast<std::int64_t>(verified[0].time)};
  TRY_OK(options_.store->Write([&](store::Writer& writer) {
    return writer.Put(Table::kAuditHead, rows_.Cosigned(witness), Encode(row));
  }));
  cosigned_[*at] = row;
  lines_.insert_or_assign(*at, parsed[verified[0].line]);
  const bool met = QuorumMet();
  // A head that waits for its quorum is not published before it has one.
  if (met || !pending_) TRY_OK(Publish(shown));
  if (!met || !NeedsQuorum()) return absl::OkStatus();
  std::int64_t age = 0;
  {
    base::MutexLock state_lock(state_mutex_);
    age = QuorumAge();
    quorum_at_ = options_.clock->NowSeconds();
  }
  if (!std::exchange(quorum_lost_, false)) return absl::OkStatus();
  return CommitOwn(ledger::Event("witness.back")
                       .Set("age", age)
                       .Set("have", lines_.size())
                       .Set("need", policy_->witnesses().size())
                       .Set("size", shown.size));
}

}  // namespace entente::audit
