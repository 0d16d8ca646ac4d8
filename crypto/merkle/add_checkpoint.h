#pragma once
// The body of add-checkpoint, C2SP tlog-witness: what a log sends its witness.
//   old <size> LF, up to 63 base64 hashes one a line, an empty line, the note.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/proof.h"

namespace entente::merkle {

inline constexpr std::size_t kMaxAddCheckpointBytes = 65536;

struct AddCheckpoint {
  std::uint64_t old_size = 0;
  Proof proof;
  std::string note;  // the signed checkpoint, verbatim
  std::string Text() const;
};

// Takes the framing apart; the note is looked at no further than its start.
// INVALID_ARGUMENT: malformed, over kMaxAddCheckpointBytes, over 63 hashes.
absl::StatusOr<AddCheckpoint> ParseAddCheckpoint(std::string_view body);

// What a witness that answers 409 says it recorded: `<size>` LF.
// INVALID_ARGUMENT: anything else.
absl::StatusOr<std::uint64_t> ParseRecordedSize(std::string_view body);

}  // namespace entente::merkle
