#pragma once
// Leaves that stay when their entry bundle goes (audit.md 9.4): one file each,
// `kept/<index>.leaf`, beside the tiles of the volume. Thread-safe.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace entente::ledger {

inline constexpr std::string_view kKeptFolder = "kept/";

std::string KeptPath(std::uint64_t index);
// INVALID_ARGUMENT: not a path that KeptPath writes.
absl::StatusOr<std::uint64_t> ParseKeptPath(std::string_view path);

}  // namespace entente::ledger
