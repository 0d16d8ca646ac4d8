#pragma once
// The exchange records of everything about a hit: both sides keep the same one
// of each message and its acknowledgement (audit.md 8).

#include <absl/status/status.h>

#include <string_view>

#include "node/exchange/desk.h"

namespace entente::hits {

// Keeps the record of a call of disclosure, outcome or recall with `peer`:
// `first` as it was sent, `answer` as it came or leaves. Any other method:
// nothing to keep.
absl::Status KeepTrail(exchange::Desk& desk, std::string_view peer,
                       std::string_view method,
                       const model::SignedStatement& first,
                       const model::SignedStatement& answer);

}  // namespace entente::hits
