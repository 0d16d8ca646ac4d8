#pragma once
// Private to this room: a batch from its order to the moment when it may be
// asked. Every refusal and every failure on the way leaves its entry.

#include <absl/status/statusor.h>

#include <utility>
#include <vector>

#include "node/exchange/asker.h"

namespace entente::exchange {

// What all batches of one order have in common. `now`: POSIX seconds.
model::BatchRecord RecordOf(const policy::Compiled& agreement,
                            const ScreenOrder& order,
                            const model::FlightRecord& flight,
                            std::int64_t now);

// A status statement that is too old (S05) can be cured by asking the peer.
enum class Stale : std::uint8_t { kMayBeCured, kCounts };
// Whether the law permits a question at all. PERMISSION_DENIED with the reason.
absl::Status Precheck(Desk& desk, const policy::Compiled& agreement,
                      const model::BatchRecord& base, Stale stale);
// What went wrong with the peer before the first question, with its entry.
absl::Status NoteFailure(Desk& desk, const policy::Compiled& agreement,
                         const model::BatchRecord& record,
                         const absl::Status& status);

// Travellers with their rows.
using Travellers = std::vector<std::pair<Bytes, model::Person>>;
// The next batch's, behind the row `after`; none at the end. Rows behind the
// number that the flight had belong to a file that is still coming in, or to
// one that never came into force.
absl::StatusOr<Travellers> NextTravellers(Desk& desk, const Bytes& flight,
                                          const model::FlightRecord& record,
                                          const Bytes& after);

// A batch that nobody has been asked about.
struct BatchDraft {
  model::BatchRecord record;
  std::uint64_t withheld = 0;     // protected persons among them
  std::vector<Bytes> asked_keys;  // match keys, for the entry's set root
};
absl::StatusOr<BatchDraft> DraftBatch(Desk& desk,
                                      const policy::Compiled& agreement,
                                      const model::BatchRecord& base,
                                      const Travellers& travellers,
                                      const ProtectedIndex& hidden);
// Decides, counts, logs and keeps it. A refusal has its entry (HasEntry).
absl::StatusOr<model::BatchRecord> OpenBatch(Desk& desk,
                                             const policy::Compiled& agreement,
                                             BatchDraft draft);

}  // namespace entente::exchange
