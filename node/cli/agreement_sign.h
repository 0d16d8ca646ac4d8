#pragma once
// A person's signature under a document or an event.

#include <string>
#include <string_view>

#include "keys/person_key.h"
#include "node/cli/command_parts.h"
#include "policy/envelope.h"
#include "policy/event.h"

namespace entente::cli {

// An envelope of `body` with this one signature.
policy::Envelope SignBody(const keys::PersonKey& key, std::string_view type,
                          const Bytes& body);
// The event's envelope with the first signature.
Bytes SignEvent(const keys::PersonKey& key, const policy::Event& event);

// `1 signature`, `2 signatures`.
std::string SignatureCount(std::size_t count);

// Signs the document in the file `v.one["file"]`, or adds a signature to an
// envelope of it, and writes `v.one["out"]`. INVALID_ARGUMENT AG-502: the
// envelope holds something else.
absl::StatusOr<std::pair<Json, std::string>> SignFile(
    Values& v, const RemoteOptions& options, std::string_view type);

}  // namespace entente::cli
