#include "node/rpc/handshakes.h"

#include <utility>

#include "crypto/base/status.h"
#include "node/rpc/reason.h"

namespace entente::rpc {
namespace {

// A little more than the longest pause between two attempts of a channel.
constexpr std::chrono::seconds kRecent{5};

}  // namespace

Handshakes::Handshakes(const Roster& roster, std::string expected)
    : expected_(std::move(expected)), roster_(&roster) {}

absl::Status Handshakes::Decide(const Identity& identity) {
  base::MutexLock lock(mutex_);
  ++decided_;
  refusal_ = Ask(identity);
  if (refusal_.ok()) {
    met_ = identity;
    return refusal_;
  }
  refused_at_ = std::chrono::steady_clock::now();
  const std::string cause = ReasonOf(refusal_);
  refusals_.Count(cause.empty() ? ReasonText(v1::REASON_PARTY_NOT_ADMITTED)
                                : cause);
  return refusal_;
}

absl::Status Handshakes::Admits(const Identity& identity) {
  base::MutexLock lock(mutex_);
  return Ask(identity);
}

absl::Status Handshakes::Ask(const Identity& identity) const {
  if (roster_ == nullptr) return Unauthenticated("the door is closed");
  TRY(const std::string party, roster_->Admits(identity.uri, identity.spki));
  if (!expected_.empty() && party != expected_) {
    return Because(Unauthenticated("another party answers there"),
                   v1::REASON_PEER_NOT_PINNED);
  }
  return absl::OkStatus();
}

std::uint64_t Handshakes::decided() const {
  base::MutexLock lock(mutex_);
  return decided_;
}

void Handshakes::Close() {
  base::MutexLock lock(mutex_);
  roster_ = nullptr;
}

std::optional<Identity> Handshakes::met() const {
  base::MutexLock lock(mutex_);
  return met_;
}

void Handshakes::Forget() {
  base::MutexLock lock(mutex_);
  met_.reset();
}

absl::Status Handshakes::RecentRefusal() const {
  base::MutexLock lock(mutex_);
  const bool recent = std::chrono::steady_clock::now() - refused_at_ < kRecent;
  return recent ? refusal_ : absl::OkStatus();
}

}  // namespace entente::rpc
