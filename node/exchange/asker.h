#pragma once
// The asker's side: one flight, one peer, one clause. A screening is made of
// batches of at most 512 persons; each ends once, as complete, partial or not
// asked, and never says "nothing found" when it means "not asked".

#include <absl/status/statusor.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "node/base/mutex.h"
#include "node/exchange/acts.h"
#include "node/exchange/desk.h"
#include "node/exchange/protected.h"
#include "node/exchange/tag_sets.h"
#include "node/model/records.h"

namespace entente::exchange {

struct ScreenOrder {
  Bytes flight;
  std::string peer;
  std::string clause;
  std::string agreement;  // id; empty: the one that fits
  std::string purpose;
  std::string basis;
  std::string reference;
  policy::Role role = policy::Role::kOfficer;
  policy::Route route = policy::Route::kArrives;
  policy::Urgency urgency = policy::Urgency::kRoutine;
  std::string user;
};

struct BatchResult {
  Id16 batch{};
  model::BatchState state = model::BatchState::kNotAsked;
  std::string reason;
  std::uint32_t persons = 0;  // real ones
  std::uint32_t padded = 0;   // as the peer sees it
  std::uint64_t elements = 0;
  std::uint32_t hits = 0;
  std::uint32_t chunks = 0;
};

struct ScreenResult {
  std::string agreement;  // id
  std::vector<BatchResult> batches;
};

// Thread-safe; one screening runs in the calling thread and a few of its own.
class Asker {
 public:
  explicit Asker(Desk& desk) : desk_(desk) {}

  // Errors are refusals before anything was asked (policy, agreement differs,
  // peer unreachable): nothing left the node but hashes and status. Once a
  // batch is open its end is told in the result. Of `hidden` the set counts
  // that is in force when the questions are made, not when the order came.
  absl::StatusOr<ScreenResult> Screen(const ScreenOrder& order,
                                      const ProtectedSet& hidden);

  // Goes on with a batch that a crash or a broken line left open, or ends it.
  // One whose tag set is gone, or one of whose travellers is protected by now,
  // is ended. NOT_FOUND: no such batch.
  absl::StatusOr<BatchResult> Resume(const Id16& batch);
  // Every open batch, for the start of the node and for the upkeep.
  absl::StatusOr<std::vector<Id16>> OpenBatches();

 private:
  // While one lives, nobody else runs the batch.
  class Claim;
  // Everything before the first question: the law, the peer, its epoch and its
  // tag set; `base` learns which.
  absl::StatusOr<std::shared_ptr<const Replica>> Prepare(
      const policy::Compiled& agreement, model::BatchRecord& base);
  // Asks the chunks that are left; OK when all were answered.
  absl::Status Ask(const policy::Compiled& agreement,
                   const model::BatchRecord& record,
                   const std::vector<const model::Person*>& asked,
                   const Replica* replica, std::vector<std::uint32_t> pending);
  absl::StatusOr<BatchResult> Run(const policy::Compiled& agreement,
                                  model::BatchRecord record,
                                  std::shared_ptr<const Replica> replica);
  Desk& desk_;
  base::Mutex mutex_;
  std::set<Id16> running_ GUARDED_BY(mutex_);
};

// Rows of hits and batches, shared with node/hits.
Bytes BatchRow(const Id16& batch);
Bytes HitRow(const Id16& hit);

}  // namespace entente::exchange
