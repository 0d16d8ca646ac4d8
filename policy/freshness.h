#pragma once
// status/1: each node says every hour, under its statement key, which state it
// sees and where its chain of events ends. A line that is cut can hide a stop
// for 24 hours at most.
// Pure. Source: agreements.md 3.4.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "crypto/base/bytes.h"
#include "policy/envelope.h"
#include "policy/words.h"

namespace entente::policy {

inline constexpr std::int64_t kStatusLifeSeconds = 24 * 3600;
inline constexpr std::int64_t kStatusAheadSeconds = 300;
inline constexpr std::uint32_t kNoStatus = 0xFFFFFFFFU;

struct StatusStatement {
  Hash agreement{};
  std::string party;
  std::uint64_t sequence = 1;
  std::int64_t issued = 0;
  State state = State::kActive;
  std::optional<Hash> head;  // newest event of the party's chain

  // INVALID_ARGUMENT with the first load error as the reason.
  static absl::StatusOr<StatusStatement> Parse(ByteView body);
  bool operator==(const StatusStatement&) const = default;
};
Bytes Emit(const StatusStatement& statement);

// Checks the signature of `statement_key`, whose party must be the statement's.
// Errors as OpenEnvelope; PERMISSION_DENIED: another party or agreement.
absl::StatusOr<StatusStatement> VerifyStatus(ByteView envelope,
                                             const Signer& statement_key,
                                             const Hash& agreement);

// Age in seconds at `now`; kNoStatus for none: older than 24 h, from more than
// five minutes ahead, or with a lower sequence than `highest_seen`.
std::uint32_t StatusAge(const StatusStatement& statement,
                        std::uint64_t highest_seen, std::int64_t now);

}  // namespace entente::policy
