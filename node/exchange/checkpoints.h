#pragma once
// The heads of all known logs, compared with a peer at each handshake and every
// hour (7.4). What two nodes were shown of a third log comes together here, so
// that no log can keep two histories apart for long.
// docs/protocol/split-view.md says what crosses.

#include <absl/status/statusor.h>

#include <string_view>
#include <vector>

#include "node/exchange/desk.h"

namespace entente::exchange {

// Gives `peer` the heads that are held, takes those that it holds, and ties
// what is new. A head of this node's own log that the log does not hold breaks
// it: DATA_LOSS `log-broken`. Other errors: the peer could not be asked.
absl::Status SwapCheckpoints(Desk& desk, std::string_view peer);

// The peer's half: takes heads and gives its own. Proofs are asked for later
// (TieWaiting), since no answer waits for a third node.
absl::StatusOr<model::SignedStatement> AnswerCheckpoints(
    Desk& desk, std::string_view from, const model::SignedStatement& in);
// Proves the own log to whoever is pinned. NOT_FOUND `log-unknown`: another
// log, or sizes that were not published.
absl::StatusOr<model::SignedStatement> AnswerConsistency(
    Desk& desk, std::string_view from, const model::SignedStatement& in);

// Asks the logs for every proof that is still wanted. A log that is away is
// asked again the next time; one that answers without a proof that fits gets an
// alarm. Returns the first failure to reach one.
absl::Status TieWaiting(Desk& desk);

}  // namespace entente::exchange
