#pragma once
// Is this copy of the log an old one (7.5)? A restored backup looks clean: only
// those who saw more of the log can tell. Asked at a start, before anything is
// appended: what is appended to an old copy would be a second history.

#include <absl/status/status.h>

#include <functional>
#include <string_view>

#include "node/audit/log.h"
#include "node/audit/witness.h"

namespace entente::audit {

// Sends one add-checkpoint body (2.7) to a witness of the policy file.
using AskWitness = std::function<absl::StatusOr<WitnessReply>(
    std::string_view witness, std::string_view body)>;

// Shows every witness the head that this copy last published and compares with
// what it recorded. Reads the store and the folder, appends nothing and signs
// no head that was not signed before. Without witnesses: OK, nobody can tell.
//   DATA_LOSS     a witness recorded more than this copy holds, or another
//                 history; reason `log-rolled-back`
//   UNAVAILABLE   too few witnesses for a quorum answered; reason
//                 `log-unwitnessed`. Ask again, or let people decide
//   others        those of the store and the folder
absl::Status CheckNotRolledBack(const Options& options, const AskWitness& ask);

}  // namespace entente::audit
