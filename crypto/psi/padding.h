#pragma once
// Sizes that say little: of a tag set, and of a question.

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <functional>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"

namespace entente::psi {

// The agreement's `tag_set_padding`: the number of steps in an octave.
enum class Padding : std::uint8_t {
  kOctave1 = 1,
  kOctave2 = 2,
  kOctave4 = 4,
  kOctave8 = 8,
};

inline constexpr std::uint64_t kMinEntries = 1024;
inline constexpr std::uint64_t kMaxEntries = std::uint64_t{1} << 27;  // 2 GiB

// The smallest m * 2^e >= count with k <= m < 2k, at least kMinEntries.
// INVALID_ARGUMENT: over kMaxEntries.
absl::StatusOr<std::uint64_t> PaddedCount(std::uint64_t count, Padding padding);

// Fills `out` with bytes that nobody else can tell from random ones.
using PaddingSource = std::function<void(MutableByteView out)>;

// Padding entries fresh from the operating system.
PaddingSource RandomPadding();
// The same stream for the same `seed` (32 bytes, fresh per tag set and epoch,
// kept by the holder): the next sequence of a tag set keeps its padding
// entries, so the delta stays small. HMAC-SHA256(seed, "entente/padding/1" ||
// counter). `seed` must outlive the source, which is for one thread.
PaddingSource SeededPadding(const SecretBytes& seed);

// A question is rounded up to 1, 8, 32, 64, 128, 256 or 512 persons.
// INVALID_ARGUMENT: none, or more than 512 (the caller splits first).
absl::StatusOr<std::size_t> SizeClass(std::size_t persons);
inline constexpr std::size_t kMaxPersons = 512;

}  // namespace entente::psi
