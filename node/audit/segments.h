#pragma once
// Private to the room: the segment key under which entry keys are wrapped. A
// new one every hour or 65,536 entries, so that public-key work is rare.

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/primitive/hpke.h"
#include "node/base/clock.h"
#include "node/base/mutex.h"
#include "node/ledger/wrap.h"

namespace entente::audit {

// Immutable. Its key lives in memory only; `file` holds the wraps.
struct Segment {
  ledger::SegmentKey key;
  Bytes file;
  std::string recipients;  // of the event key.segment
};

// Thread-safe.
class Segments {
 public:
  Segments(std::string origin, std::vector<primitive::HpkePublicKey> recipients,
           const base::Clock& clock);

  // The segment for `entries` more entries. Errors of MakeSegmentFile.
  absl::StatusOr<std::shared_ptr<const Segment>> Take(std::size_t entries)
      EXCLUDES(mutex_);
  // Numbers from here on are free. Before the first Take.
  void StartAt(std::uint32_t number) EXCLUDES(mutex_);

 private:
  const std::string origin_;
  const std::vector<primitive::HpkePublicKey> recipients_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  std::shared_ptr<const Segment> current_ GUARDED_BY(mutex_);
  std::int64_t since_ GUARDED_BY(mutex_) = 0;
  std::size_t used_ GUARDED_BY(mutex_) = 0;
  std::uint32_t next_ GUARDED_BY(mutex_) = 0;
};

}  // namespace entente::audit
