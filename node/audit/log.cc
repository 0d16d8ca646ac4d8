#include "node/audit/log.h"

#include <utility>

#include "crypto/base/status.h"
#include "node/audit/impl.h"

namespace entente::audit {
bool Receipt::Covers(const policy::Permit& permit) const {
  return act_.has_value() && *act_ == permit.act();
}

Receipt AuditLog::MakeReceipt(const Head& head, const std::string& origin,
                              const Staged& leaf,
                              const std::optional<policy::ActId>& act) {
  CHECK(leaf.index < head.size);
  Receipt receipt;
  receipt.origin_ = origin;
  receipt.index_ = leaf.index;
  receipt.leaf_hash_ = leaf.leaf_hash;
  receipt.size_ = head.size;
  receipt.root_ = head.root;
  receipt.act_ = act;
  return receipt;
}

// --- Impl

AuditLog::Impl::Impl(Options options)
    : options_(std::move(options)),
      rows_(options_.volume),
      segments_(
          options_.origin,
          [this] {
            std::vector<primitive::HpkePublicKey> all = options_.recipients;
            if (options_.node_key) all.push_back(*options_.node_key);
            return all;
          }(),
          *options_.clock),
      spool_(options_.dir + "/spool"),
      folder_(options_.dir + "/" + options_.volume) {}

absl::Status AuditLog::Impl::Admit(const policy::Permit* permit) const {
  const State now = state();
  const bool open = now == State::kOpen || now == State::kLate ||
                    (now == State::kHeld && permit == nullptr);
  if (!open) {
    return WithReason(Unready("the audit log is ", LogName(now)),
                      "log-unavailable");
  }
  if (permit != nullptr && options_.clock->NowSeconds() >= permit->expires()) {
    return WithReason(Denied("the permit expired"), "permit-expired");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Receipt>> AuditLog::Impl::Submit(
    Job job, const policy::Permit* permit) {
  TRY_OK(Admit(permit));
  TRY_OK(CheckJob(job, permit));
  Request request;
  TRY(request.items, Seal(job.events));
  request.changes = std::move(job.changes);
  request.subjects = std::move(job.subjects);
  Run(request);
  TRY_OK(request.status);
  return Receipts(request, permit);
}

absl::StatusOr<std::vector<Receipt>> AuditLog::Impl::Receipts(
    const Request& request, const policy::Permit* permit) const {
  std::optional<policy::ActId> act;
  if (permit != nullptr) act = permit->act();
  std::vector<Receipt> receipts;
  for (const Staged& staged : request.staged) {
    receipts.push_back(MakeReceipt(request.head, options_.origin, staged, act));
  }
  return receipts;
}

absl::Status AuditLog::Impl::CommitOwn(ledger::Event event, Changes changes) {
  Request request;
  TRY(request.items, Seal({std::move(event)}));
  request.changes = std::move(changes);
  Run(request);
  return request.status;
}

absl::Status AuditLog::Impl::NoteSafe(ledger::Event event) {
  Job job;
  job.events.push_back(event);
  TRY_OK(CheckJob(job, nullptr));
  if (state() == State::kClosed) {
    return WithReason(Unready("the volume of the audit log ended"),
                      "log-unavailable");
  }
  if (IsOpen()) {
    Request request;
    TRY(request.items, Seal(job.events));
    Run(request);
    // Durable is enough: a head that could not be signed is signed later.
    if (request.committed) return absl::OkStatus();
  }
  return AppendToSpool(event);
}

absl::Status AuditLog::Impl::AppendToSpool(const ledger::Event& event) {
  TRY(const std::vector<Item> items, Seal({event}));
  SpoolItem spooled;
  spooled.origin = options_.origin;
  spooled.entry = items[0].entry;
  if (items[0].segment) {
    spooled.recipients = items[0].segment->recipients;
    spooled.segment_file = items[0].segment->file;
  }
  base::MutexLock lock(spool_mutex_);
  absl::Status status = spool_.Append(spooled);
  if (absl::IsResourceExhausted(status)) {
    ReleaseReserve();
    status = spool_.Append(spooled);
  }
  TRY_OK(status);
  base::MutexLock state_lock(state_mutex_);
  ++spooled_;
  return absl::OkStatus();
}

absl::Status AuditLog::Impl::Stop(std::string_view reason) {
  TRY_OK(Admit(nullptr));
  // First, so that no job comes after `node.stop`.
  SetState(State::kChecking, StopCause::kNone);
  TRY_OK(CommitOwn(ledger::Event("node.stop").Set("reason", reason),
                   [this](store::Writer& writer, std::span<const Staged>) {
                     return writer.Put(store::Table::kAuditHead,
                                       rows_.CleanStop(), AsBytes("1"));
                   }));
  base::MutexLock lock(publish_mutex_);
  return PadAndOffer().status();
}

absl::Status AuditLog::Impl::CloseVolume(std::string_view next_origin,
                                         std::string_view reason) {
  TRY_OK(Admit(nullptr));
  Request request;
  TRY(request.items, Seal({ledger::Event("log.close")
                               .Set("next_origin", next_origin)
                               .Set("reason", reason)}));
  request.closes = true;
  Run(request);
  TRY_OK(request.status);
  SetState(State::kClosed, StopCause::kNone);
  base::MutexLock lock(publish_mutex_);
  return PadAndOffer().status();
}

// --- AuditLog

AuditLog::AuditLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AuditLog::~AuditLog() = default;

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(Options options) {
  if (options.store == nullptr || options.clock == nullptr) {
    return Invalid("the audit log needs a store and a clock");
  }
  auto impl = std::make_unique<Impl>(std::move(options));
  TRY_OK(impl->Start());
  return std::unique_ptr<AuditLog>(new AuditLog(std::move(impl)));
}

absl::StatusOr<std::vector<Receipt>> AuditLog::Commit(Job job) {
  return impl_->Submit(std::move(job), nullptr);
}
absl::StatusOr<std::vector<Receipt>> AuditLog::Append(
    Job job, const policy::Permit& permit) {
  return impl_->Submit(std::move(job), &permit);
}
absl::StatusOr<Receipt> AuditLog::Append(ledger::Event event,
                                         const policy::Permit& permit,
                                         Changes changes) {
  Job job;
  job.events.push_back(std::move(event));
  job.changes = std::move(changes);
  TRY(std::vector<Receipt> receipts, Append(std::move(job), permit));
  return std::move(receipts.front());
}
absl::Status AuditLog::NoteSafe(ledger::Event event) {
  return impl_->NoteSafe(std::move(event));
}
absl::StatusOr<Head> AuditLog::Tick() { return impl_->Tick(); }
absl::Status AuditLog::Stop(std::string_view reason) {
  return impl_->Stop(reason);
}
absl::Status AuditLog::CloseVolume(std::string_view next_origin,
                                   std::string_view reason) {
  return impl_->CloseVolume(next_origin, reason);
}
State AuditLog::state() const { return impl_->state(); }
Counts AuditLog::counts() const { return impl_->counts(); }
Head AuditLog::SignedHead() const { return impl_->SignedHead(); }
Head AuditLog::PublishedHead() const { return impl_->PublishedHead(); }
absl::Status AuditLog::CompareWitnessed(ByteView note) {
  return impl_->CompareWitnessed(note);
}
absl::StatusOr<std::vector<Entry>> AuditLog::Read(std::uint64_t from,
                                                  std::size_t limit) {
  return impl_->Read(from, limit);
}
absl::StatusOr<std::vector<std::uint64_t>> AuditLog::Find(
    Key key, std::string_view value, std::uint64_t from, std::size_t limit) {
  return impl_->Find(key, value, from, limit);
}
absl::StatusOr<std::uint64_t> AuditLog::FindLeaf(const Hash& leaf_hash) {
  return impl_->FindLeaf(leaf_hash);
}
absl::StatusOr<std::string> AuditLog::UserOf(std::string_view actor) {
  return impl_->UserOf(actor);
}
absl::StatusOr<std::vector<ledger::Slot>> AuditLog::OpenBody(
    std::uint64_t index, const Receipt& logged) {
  return impl_->OpenBody(index, logged);
}
absl::StatusOr<ledger::Opening> AuditLog::OpenFields(
    std::uint64_t index, std::span<const std::string> fields,
    const Receipt& logged) {
  return impl_->OpenFields(index, fields, logged);
}
absl::StatusOr<ledger::BundleSummary> AuditLog::Export(
    const ExportRequest& request, const ledger::BundleSink& sink) {
  return impl_->Export(request, sink);
}
absl::StatusOr<std::string> AuditLog::ProveInclusion(std::uint64_t index) {
  return impl_->ProveInclusion(index);
}
absl::StatusOr<std::vector<Hash>> AuditLog::SeededConsistency(std::uint64_t m,
                                                              std::uint64_t n) {
  return impl_->SeededConsistency(m, n);
}
const std::string& AuditLog::origin() const { return impl_->origin(); }
absl::StatusOr<std::vector<Hash>> AuditLog::ProveConsistency(std::uint64_t m,
                                                             std::uint64_t n) {
  return impl_->ProveConsistency(m, n);
}
absl::StatusOr<std::uint64_t> AuditLog::ExpireBodies(std::size_t limit) {
  return impl_->ExpireBodies(limit);
}
absl::StatusOr<std::uint64_t> AuditLog::PruneLeaves(std::size_t bundles) {
  return impl_->PruneLeaves(bundles);
}
absl::StatusOr<std::uint64_t> AuditLog::SweepPruned(std::size_t limit) {
  return impl_->SweepPruned(limit);
}
absl::StatusOr<AuditLog::Erased> AuditLog::Erase(const Erasure& erasure) {
  return impl_->Erase(erasure);
}
absl::StatusOr<std::vector<std::uint64_t>> AuditLog::Unscrubbed() const {
  return impl_->Unscrubbed();
}
absl::StatusOr<std::uint64_t> AuditLog::ScrubErased() {
  return impl_->ScrubErased();
}
absl::Status AuditLog::SelfCheck() { return impl_->SelfCheck(); }
std::vector<AuditLog::WitnessState> AuditLog::Witnesses() const {
  return impl_->Witnesses();
}
absl::StatusOr<std::string> AuditLog::BuildAddCheckpoint(
    std::string_view witness) {
  return impl_->BuildAddCheckpoint(witness, std::nullopt);
}
absl::StatusOr<std::string> AuditLog::BuildAddCheckpoint(
    std::string_view witness, std::uint64_t old_size) {
  return impl_->BuildAddCheckpoint(witness, old_size);
}
absl::Status AuditLog::AcceptCosignature(std::string_view witness,
                                         std::string_view lines) {
  return impl_->AcceptCosignature(witness, lines);
}

}  // namespace entente::audit
