#pragma once
// Checkpoints, C2SP tlog-checkpoint: the text of a signed head. Ours are
// exactly three lines, `origin LF size LF base64(root) LF`. Thread-safe.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/merkle/note.h"

namespace entente::merkle {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
  std::string Text() const;
  bool operator==(const Checkpoint&) const = default;
};

// Exactly three lines. INVALID_ARGUMENT: malformed, a size of 2^63 or more, or
// size 0 with another root than EmptyRoot().
absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text);
// As above, but further non-empty lines may follow and are not looked at, and
// the root of size 0 is not checked: what a witness takes from any log.
absl::StatusOr<Checkpoint> ParseForeignCheckpoint(std::string_view text);

// Whether `origin` has the form that our logs use: `[a-z0-9.-]+(/[a-z0-9]+)+`,
// at most 128 bytes, such as `audit.piu.orsena.example/2027a`.
bool IsOrigin(std::string_view origin);
// The part after the last `/`.
std::string_view VolumeOf(std::string_view origin);

// The head signed by the log alone: text, empty line, one line. Errors of
// SignText; INVALID_ARGUMENT: the key is not named like the origin.
absl::StatusOr<std::string> SignCheckpoint(
    const Checkpoint& checkpoint, const VerifierKey& log_key,
    const Signer& sign, AfterSigning after = AfterSigning::kVerify);

}  // namespace entente::merkle
