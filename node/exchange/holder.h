#pragma once
// The holder's side of a screening: law, memory, then the evaluation.

#include <absl/status/statusor.h>

#include <atomic>
#include <memory>

#include "node/exchange/desk.h"
#include "node/exchange/protected.h"

namespace entente::exchange {

// Thread-safe.
class Holder {
 public:
  explicit Holder(Desk& desk) : desk_(desk) {}

  // Compares the agreements that both sides hold.
  absl::StatusOr<model::SignedStatement> AnswerHello(
      std::string_view from, const model::SignedStatement& in);

  // Takes the peer's status and events, gives this side's. A stop takes effect
  // before the answer leaves.
  absl::StatusOr<model::SignedStatement> AnswerStatus(
      std::string_view from, const model::SignedStatement& in);

  // One chunk of a screening. Idempotent by (batch, chunk): asked again, the
  // same answer, counted once. Refusals carry one reason id and are logged:
  //   agreement-differs, W..., P..., C04, S...   policy
  //   decisions-differ    the asker's claim does not follow from its facts
  //   epoch-unknown, tagset-unknown, element-malformed, chunk-malformed
  //   chunk-replayed      the same place with another question, or the same
  //   question in another place
  absl::StatusOr<model::SignedStatement> AnswerScreen(
      std::string_view from, const model::SignedStatement& in);

 private:
  Desk& desk_;
};

// The asker's call of AnswerStatus and AnswerHello, and what the upkeep runs
// hourly.
absl::Status ExchangeStatus(Desk& desk, const policy::Compiled& agreement,
                            std::string_view peer);
// The same, only when the newest statement of the peer is older than an hour.
absl::Status ExchangeStatusIfStale(Desk& desk,
                                   const policy::Compiled& agreement,
                                   std::string_view peer);
absl::Status CompareAgreements(Desk& desk, const policy::Compiled& agreement,
                               std::string_view peer);
// Signs, logs and keeps this side's own status statement, if the last one is
// older than `max_age` seconds.
absl::Status RefreshOwnStatus(Desk& desk, const policy::Compiled& agreement,
                              std::int64_t max_age);
// Verifies, logs, keeps and applies one event, own or a peer's. OK when it was
// known.
// `also` runs in the same transaction; what it refuses is not taken (a stop has
// none: it counts before anything is asked).
using EventCheck =
    std::function<absl::Status(store::Writer&, const policy::Event&)>;
absl::Status TakeEvent(Desk& desk, const policy::Compiled& agreement,
                       ByteView envelope, std::string_view user,
                       const EventCheck& also = {});

}  // namespace entente::exchange
