#pragma once
// Acts in the log: which there were, and the facts that an entry of one keeps
// sealed. Whoever opens facts has written a `log.open` that covers the entry.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "node/admin/request.h"
#include "node/audit/log.h"
#include "policy/facts.h"

namespace entente::admin {

// Entries of these types since `since` (POSIX seconds), rising.
absl::StatusOr<std::vector<std::uint64_t>> ActsSince(
    audit::AuditLog& log, std::int64_t since,
    std::span<const std::string_view> types);

// The open part of an entry. DATA_LOSS: it is no JSON.
absl::StatusOr<Json> LeafOf(const audit::Entry& entry);

// Nothing: the entry has none, or they are gone.
std::optional<policy::Facts> FactsIn(audit::AuditLog& log, std::uint64_t index,
                                     const audit::Receipt& opened);

}  // namespace entente::admin
