#pragma once
// Why a body may be absent: an erasure that an officer authorised, or the end
// of its term. A body that is absent without either is a fault. Fed with the
// leaves of a log in any order. Thread-compatible.

#include <absl/status/status.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "node/ledger/erasure.h"
#include "node/ledger/leaf.h"

namespace entente::ledger {

class Coverage {
 public:
  // Remembers an `erasure` or a `log.expire`; other leaves are passed over.
  // INVALID_ARGUMENT: it does not name entries before it.
  absl::Status Add(std::uint64_t index, const Leaf& leaf);

  // The entry that covers the absence of the body of entry `index`; an erasure
  // goes before an expiry, an earlier one before a later. nullopt: none.
  struct Cover {
    std::uint64_t index = 0;
    bool erasure = false;
    bool operator==(const Cover&) const = default;
  };
  std::optional<Cover> Of(std::uint64_t index, Keep keep,
                          std::int64_t time) const;

 private:
  struct Erased {
    std::uint64_t by = 0;
    IndexRange range;
  };
  struct Expired {
    std::uint64_t by = 0;
    std::string_view keep;
    IndexRange range;
    std::int64_t before = 0;
  };
  std::vector<Erased> erased_;
  std::vector<Expired> expired_;
};

}  // namespace entente::ledger
