#pragma once
// Private to this room: the layout of a tag set file.
// docs/protocol/tag-set.md is the byte-exact page.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <utility>

#include "crypto/base/bytes.h"
#include "crypto/primitive/hash.h"
#include "crypto/psi/tag_set.h"

namespace entente::psi {

inline constexpr std::size_t kEntrySize = std::tuple_size_v<Entry>;

// INVALID_ARGUMENT: a string is empty or over 255 bytes, or the count is not
// within kMinEntries and kMaxEntries.
absl::Status CheckHeader(const TagSetHeader& header);

// Magic, length, fields and zeroes up to a multiple of 16.
Bytes EncodePreamble(const TagSetHeader& header);

// Writes a file piece by piece. The header's count says how many entries come,
// ascending strictly; the caller keeps to both. Not thread-safe.
class FileWriter {
 public:
  FileWriter(TagSetHeader header, const ByteSink& sink)
      : header_(std::move(header)), sink_(sink) {}

  // INVALID_ARGUMENT: as CheckHeader.
  absl::Status Begin();
  absl::Status Add(const Entry& entry);
  absl::StatusOr<TagSetSum> Finish() &&;

 private:
  absl::Status Flush();

  TagSetHeader header_;
  const ByteSink& sink_;
  Bytes buffer_;
  primitive::Sha256Stream hash_;
  std::uint64_t size_ = 0;  // bytes handed on
};

inline ByteSink IntoMemory(Bytes& out) {
  return [&out](ByteView piece) {
    out.insert(out.end(), piece.begin(), piece.end());
    return absl::OkStatus();
  };
}

// Whether 16-byte entries ascend strictly.
bool AscendsStrictly(ByteView entries);

}  // namespace entente::psi
