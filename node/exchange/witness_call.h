#pragma once
// One add-checkpoint body (audit.md 2.7) to a witness, and its answer.

#include <absl/status/statusor.h>

#include <string_view>

#include "node/exchange/peer_link.h"
#include "node/model/witness_reply.h"

namespace entente::exchange {

// Within 5 s. Errors are those of the line; what the witness says, good or bad,
// is the reply.
absl::StatusOr<model::WitnessReply> CallWitness(PeerLink& link,
                                                std::string_view witness,
                                                std::string_view body);

}  // namespace entente::exchange
