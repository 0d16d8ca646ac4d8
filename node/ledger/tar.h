#pragma once
// Private to this room: the one spelling of a tar archive that a bundle has
// (POSIX ustar): regular files only, mode 0644, owner and time 0, no names of
// owners, every byte not named here zero, two zero blocks at the end.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::ledger {

inline constexpr std::size_t kTarBlock = 512;
inline constexpr std::size_t kTarEndBytes = 2 * kTarBlock;
inline constexpr std::uint64_t kMaxTarMember = (std::uint64_t{1} << 33U) - 1;

struct TarMember {
  std::string name;  // 1 to 100 bytes
  std::uint64_t size = 0;
};

// Checked: the name fits and the size is at most kMaxTarMember.
ByteArray<kTarBlock> TarHeader(const TarMember& member);
// INVALID_ARGUMENT: another spelling than TarHeader's.
absl::StatusOr<TarMember> ParseTarHeader(ByteView block);
// Zero bytes after content of this size.
inline std::size_t TarPadding(std::uint64_t size) {
  return static_cast<std::size_t>((kTarBlock - size % kTarBlock) % kTarBlock);
}
// Whether all bytes are zero.
bool IsZero(ByteView bytes);

}  // namespace entente::ledger
