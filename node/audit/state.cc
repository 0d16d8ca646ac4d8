// The log's state as others see it, and the reserve file.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "node/audit/impl.h"
#include "node/base/file.h"
#include "node/base/log.h"

namespace entente::audit {
namespace {

std::string ReservePath(const Options& options) {
  return options.dir + "/reserve";
}

}  // namespace

std::string_view LogName(State state) {
  switch (state) {
    case State::kChecking:
      return "checking";
    case State::kOpen:
      return "open";
    case State::kLate:
      return "late";
    case State::kHeld:
      return "held";
    case State::kStopped:
      return "stopped";
    case State::kBroken:
      return "broken";
    case State::kClosed:
      break;
  }
  return "closed";
}

std::string_view LogName(StopCause cause) {
  switch (cause) {
    case StopCause::kNone:
      return "none";
    case StopCause::kStore:
      return "store";
    case StopCause::kDisk:
      return "disk";
    case StopCause::kClock:
      return "clock";
    case StopCause::kSlow:
      return "slow";
    case StopCause::kSign:
      break;
  }
  return "sign";
}

bool AuditLog::Impl::IsOpen() const {
  const State now = state();
  return now == State::kOpen || now == State::kLate || now == State::kHeld;
}

State AuditLog::Impl::state() const {
  base::MutexLock lock(state_mutex_);
  if (state_ != State::kOpen) return state_;
  const std::int64_t age = QuorumAge();
  if (age > std::max(options_.late_after_seconds, options_.grace_seconds)) {
    return State::kHeld;
  }
  return age > options_.late_after_seconds ? State::kLate : State::kOpen;
}

std::int64_t AuditLog::Impl::QuorumAge() const {
  if (!NeedsQuorum()) return 0;
  return std::max<std::int64_t>(0, options_.clock->NowSeconds() - quorum_at_);
}

void AuditLog::Impl::SetState(State state, StopCause cause) {
  {
    base::MutexLock lock(state_mutex_);
    if (state_ == State::kBroken) return;  // for good
    state_ = state;
    cause_ = cause;
  }
  const base::Event event = state == State::kOpen
                                ? base::Event::kLogOpened
                                : base::Event::kLogStateChanged;
  base::Log(event, base::Field("state", state), base::Field("cause", cause));
}

Counts AuditLog::Impl::counts() const {
  base::MutexLock lock(state_mutex_);
  return {signed_.size, published_.size, jobs_, batches_,
          spooled_,     QuorumAge(),     gap_};
}

Head AuditLog::Impl::SignedHead() const {
  base::MutexLock lock(state_mutex_);
  return signed_;
}

Head AuditLog::Impl::PublishedHead() const {
  base::MutexLock lock(state_mutex_);
  return published_;
}

// Room for the last words of a log whose disk is full.
void AuditLog::Impl::MakeReserve() {
  if (options_.reserve_bytes == 0) return;
  const int fd = ::open(ReservePath(options_).c_str(),
                        O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  const bool made =
      ::posix_fallocate(fd, 0, static_cast<off_t>(options_.reserve_bytes)) == 0;
  ::close(fd);
  if (!made) ReleaseReserve();
}

void AuditLog::Impl::ReleaseReserve() {
  (void)base::RemoveFile(ReservePath(options_));
}

}  // namespace entente::audit
