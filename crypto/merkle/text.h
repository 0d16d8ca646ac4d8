#pragma once
// Private to this room: the small grammar that its text formats share.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace entente::merkle {

// Name of a note key: UTF-8, not empty, no Unicode space, no `+`, no byte
// below 0x20.
bool IsKeyName(std::string_view name);
// Decimal without sign and leading zero, below 2^63.
absl::StatusOr<std::uint64_t> ParseDecimal(std::string_view text);
// Takes the first line off `rest`, without its line feed; nullopt when no line
// feed is left.
std::optional<std::string_view> TakeLine(std::string_view& rest);

}  // namespace entente::merkle
