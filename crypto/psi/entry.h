#pragma once
// The entry of a tag set: what a token becomes, and how it is read again.
// docs/protocol/tag-set.md is the byte-exact page.

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "crypto/base/bytes.h"
#include "crypto/oprf/element.h"

namespace entente::psi {

// A row of the holder's list inside one tag set: random, no meaning outside it.
using Handle = ByteArray<6>;

// tag (8) | label (8) XOR pad, where tag = token[0:8] and pad = token[8:16].
// Sorted by its bytes, so by tag first.
using Entry = ByteArray<16>;
inline constexpr std::size_t kTagSize = 8;

// handle (6) | rule (1) | check (1, zero). Rule 0 with a zero handle stands for
// *refused*; rule 0 with another handle is no label.
struct Label {
  Handle handle{};
  std::uint8_t rule = 0;

  bool refused() const { return rule == 0; }
  friend bool operator==(const Label&, const Label&) = default;
};

// INVALID_ARGUMENT: rule 0 with a handle that is not zero.
absl::StatusOr<Entry> MakeEntry(const oprf::Token& token, const Label& label);

// The label of `entry` under `token`; nothing when the tag differs, the check
// byte is not zero, or the label is none. Another entry passes once in 2^72.
std::optional<Label> OpenEntry(const oprf::Token& token, const Entry& entry);

}  // namespace entente::psi
