#pragma once
// Durable counters per ordered pair and clause: UTC day, UTC year, case.
// Charged in the transaction of the log entry, before the work; both sides
// count.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "node/store/store.h"

namespace entente::exchange {

struct QuotaKey {
  std::string agreement;  // id of the document: a new version does not start a
                          // new count
  std::string clause;
  std::string holder;
  std::string asker;
  std::string reference;  // case; empty: none is counted
  Hash document{};        // of the version that is acted under; not counted by
};

struct Usage {
  std::uint32_t day = 0;
  std::uint32_t year = 0;
  std::uint32_t reference = 0;
};

// The treaty's ceilings; reference 0: none.
struct QuotaLimits {
  std::uint64_t day = 0;
  std::uint64_t year = 0;
  std::uint64_t reference = 0;
};

absl::StatusOr<Usage> ReadUsage(store::Reader& reader, const QuotaKey& key,
                                std::int64_t now);

// Adds `units` if every ceiling holds afterwards. PERMISSION_DENIED with reason
// C04: one would not; nothing is counted then. Returns the usage after the
// charge.
absl::StatusOr<Usage> Charge(store::Writer& writer, const QuotaKey& key,
                             const QuotaLimits& limits, std::uint64_t units,
                             std::int64_t now);

// A charge crossed 80 % of a ceiling. Written with the charge, for charges come
// side by side and only the counter knows which of them crossed; both data
// protection officers are told by the entry that takes it away (acts.h).
struct QuotaMark {
  Hash document{};
  std::string clause;
  std::string holder;
  std::string asker;
  bool by_year = false;
  std::uint64_t limit = 0;
  std::uint64_t used = 0;
  template <class A>
  void Fields(A& f) {
    f(document, clause, holder, asker, by_year, limit, used);
  }
};
// Rows of Table::kTask and what they say.
absl::StatusOr<std::vector<std::pair<Bytes, QuotaMark>>> QuotaMarks(
    store::Reader& reader);

}  // namespace entente::exchange
