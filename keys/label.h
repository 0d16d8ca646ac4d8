#pragma once
// Private to this room: forms of names.

#include <string_view>

namespace entente::keys {

// The label in a key id: `[a-z0-9-]{1,64}`.
bool IsKeyLabel(std::string_view text);
// A state's code: `[A-Z]{3}`.
bool IsPartyCode(std::string_view text);
// `host:port`: a DNS name or IPv4 address in lower case, or an IPv6 address in
// brackets; port 1 to 65535 without a leading zero.
bool IsEndpoint(std::string_view text);
// Name of a log or witness (audit.md 2.3): `[a-z0-9.-]+(/[a-z0-9]+)+`, at most
// 128 bytes.
bool IsLogName(std::string_view text);
// Printable ASCII, 1 to 200 bytes.
bool IsDisplayName(std::string_view text);

}  // namespace entente::keys
