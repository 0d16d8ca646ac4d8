// What stops the log and how it resumes (6.4). On the writer's thread.

#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/audit/impl.h"
#include "node/base/file.h"

namespace entente::audit {
namespace {

using store::Table;

constexpr std::int64_t kBackwardMicros = 60'000'000;

}  // namespace

absl::Status AuditLog::Impl::NotTaken(StopCause cause) {
  return WithReason(
      Unready("the audit log does not take entries",
              cause == StopCause::kDisk ? ": the disk is nearly full" : ""),
      "log-unavailable");
}

// What the machine must give before anything is appended.
absl::Status AuditLog::Impl::Conditions(StopCause& cause) const {
  const std::int64_t now = options_.clock->NowMicros();
  if (now < head_row_.last_time - kBackwardMicros) {
    cause = StopCause::kClock;
    return WithNext(NotTaken(cause), "set the clock of the machine");
  }
  TRY(const std::uint64_t free, base::FreeBytes(options_.dir));
  if (free < options_.disk_floor_bytes) {
    cause = StopCause::kDisk;
    return WithReason(
        WithNext(Exhausted("the audit log stopped: the disk is nearly full"),
                 "free disk space; the log resumes by itself"),
        "log-unavailable");
  }
  return absl::OkStatus();
}

absl::Status AuditLog::Impl::CheckConditions() {
  {
    base::MutexLock lock(state_mutex_);
    if (state_ == State::kStopped || state_ == State::kBroken) {
      return NotTaken(cause_);
    }
  }
  StopCause cause = StopCause::kNone;
  const absl::Status status = Conditions(cause);
  if (cause != StopCause::kNone) StopFor(cause);
  return status;
}

absl::Status AuditLog::Impl::Resume() {
  {
    base::MutexLock lock(state_mutex_);
    if (state_ != State::kStopped) return absl::OkStatus();
  }
  StopCause cause = StopCause::kNone;
  absl::Status status = Conditions(cause);
  if (status.ok()) {
    const auto row = [&]() -> absl::StatusOr<std::optional<Bytes>> {
      TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
      return reader->Get(Table::kAuditHead, rows_.Head());
    }();
    status = row.status();
    // A commit that failed may have reached the disk all the same: then only a
    // start finds out what is there.
    if (status.ok() && (!row->has_value() || **row != Encode(head_row_))) {
      status = Unready("the store is not where the audit log left it: restart");
    }
  }
  if (status.ok()) status = SignHead();
  TRY_OK(status);
  SetState(State::kOpen, StopCause::kNone);
  NoteFault("log-resumed", "");
  return absl::OkStatus();
}

void AuditLog::Impl::StopFor(StopCause cause) {
  {
    base::MutexLock lock(state_mutex_);
    if (state_ == State::kBroken || state_ == State::kStopped) return;
  }
  SetState(State::kStopped, cause);
  ReleaseReserve();
  if (cause != StopCause::kClock) NoteFault("log-stopped", LogName(cause));
}

// Best effort: when even this cannot be written, the running log has it.
void AuditLog::Impl::NoteFault(std::string_view code, std::string_view detail) {
  if (tree_.size() == 0) return;  // nothing comes before `log.genesis`
  const absl::StatusOr<std::vector<Item>> items =
      Seal({ledger::Event("node.fault")
                .Set("code", code)
                .Set("sev", 2)
                .Seal("detail", detail)});
  if (!items.ok()) return;
  Request request;
  request.items = *items;
  Request* const batch[] = {&request};
  Stage stage;
  if (!CommitBatch(batch, stage).ok() || !request.status.ok()) return;
  Adopt(std::move(stage));
  (void)SignHead();  // the next batch signs, or stops
}

}  // namespace entente::audit
