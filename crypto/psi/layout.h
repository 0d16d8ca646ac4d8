#pragma once
// Private to this room: the layout of a tag set file.
// docs/protocol/tag-set.md is the byte-exact page.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/psi/tag_set.h"

namespace entente::psi {

inline constexpr std::size_t kEntrySize = std::tuple_size_v<Entry>;

// INVALID_ARGUMENT: a string is empty or over 255 bytes, or the count is not
// within kMinEntries and kMaxEntries.
absl::Status CheckHeader(const TagSetHeader& header);

// Magic, length, fields and zeroes up to a multiple of 16.
Bytes EncodePreamble(const TagSetHeader& header);

// The whole file. `entries` ascend strictly; the header's count is set to their
// number. INVALID_ARGUMENT: as CheckHeader.
absl::StatusOr<TagSetFile> WriteFile(TagSetHeader header,
                                     const std::vector<Entry>& entries);

// Whether 16-byte entries ascend strictly.
bool AscendsStrictly(ByteView entries);

}  // namespace entente::psi
