#pragma once
// Private to the room: heads of other logs as they are shown, and the logs that
// pinned cards name. Pure.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/note.h"
#include "node/audit/sightings.h"

namespace entente::audit {

struct SightedLog {
  std::string party;
  std::vector<merkle::VerifierKey> keys;  // two while one replaces the other
};
using SightedLogs = std::map<std::string, SightedLog, std::less<>>;  // origin

struct SightedHead {
  merkle::Checkpoint checkpoint;
  std::string note;
  merkle::VerifierKey key;
};

// INVALID_ARGUMENT: a key is malformed, or of another type than Ed25519.
absl::StatusOr<SightedLogs> ToSighted(const std::vector<PeerLog>& logs);
// The origin and size that a note speaks of, before any signature is looked at.
std::optional<std::string> OriginOf(std::string_view note);
std::uint64_t SizeOf(std::string_view note);  // 0 when it is no head
// Nothing when no key of the log signed it.
std::optional<SightedHead> OpenSighted(const SightedLog& known,
                                       std::string_view note);
Untied Between(std::string_view party, const SightedHead& a,
               const SightedHead& b);

}  // namespace entente::audit
