#include "node/audit/segments.h"

#include <utility>

#include "crypto/base/status.h"

namespace entente::audit {
namespace {

constexpr std::size_t kMaxEntries = 65'536;
constexpr std::int64_t kMaxMicros = 3'600'000'000;

}  // namespace

Segments::Segments(std::string origin,
                   std::vector<primitive::HpkePublicKey> recipients,
                   const base::Clock& clock)
    : origin_(std::move(origin)),
      recipients_(std::move(recipients)),
      clock_(clock) {}

void Segments::StartAt(std::uint32_t number) {
  base::MutexLock lock(mutex_);
  next_ = number;
}

absl::StatusOr<std::shared_ptr<const Segment>> Segments::Take(
    std::size_t entries) {
  base::MutexLock lock(mutex_);
  const std::int64_t now = clock_.MonotonicMicros();
  if (!current_ || used_ + entries > kMaxEntries ||
      now - since_ >= kMaxMicros) {
    auto fresh = std::make_shared<Segment>();
    fresh->key = ledger::SegmentKey::Random(next_);
    TRY(fresh->file, ledger::MakeSegmentFile(fresh->key, origin_, recipients_));
    fresh->recipients = ledger::RecipientsText(recipients_);
    current_ = std::move(fresh);
    since_ = now;
    used_ = 0;
    ++next_;
  }
  used_ += entries;
  return current_;
}

}  // namespace entente::audit
