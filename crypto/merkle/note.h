#pragma once
// Signed notes, C2SP signed-note: a text, an empty line, signature lines
// `— name base64(id || signature)`. Key types 0x01 (Ed25519 over the text) and
// 0x04 (Ed25519 cosignature with a time, cosignature.h). Private keys stay with
// the caller, who gives a Signer. Thread-safe.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/primitive/signature.h"

namespace entente::merkle {

using NoteKeyId = ByteArray<4>;
// Signs bytes with the key that the caller means. Errors pass through.
using Signer =
    std::function<absl::StatusOr<primitive::Signature>(ByteView message)>;

inline constexpr std::size_t kMaxNoteBytes = 1'000'000;
inline constexpr std::size_t kMaxNoteLinesRead = 100;
inline constexpr std::size_t kMaxNoteLinesWritten = 16;

enum class NoteKeyType : std::uint8_t { kEd25519 = 0x01, kCosignature = 0x04 };

// A public key with its name. A value that exists is valid.
class VerifierKey {
 public:
  // `name+hex8(id)+base64(type || key)`. INVALID_ARGUMENT: malformed, an id
  // that does not belong to name and key, or a type other than the two above.
  static absl::StatusOr<VerifierKey> Parse(std::string_view vkey);
  // INVALID_ARGUMENT: the name is empty, not UTF-8, or holds a space, a `+` or
  // a control byte.
  static absl::StatusOr<VerifierKey> Make(std::string_view name,
                                          NoteKeyType type,
                                          const primitive::PublicKey& key);
  const std::string& name() const { return name_; }
  NoteKeyType type() const { return type_; }
  const primitive::PublicKey& key() const { return key_; }
  const NoteKeyId& id() const { return id_; }
  std::string Text() const;  // as Parse reads it

  bool operator==(const VerifierKey&) const = default;

 private:
  VerifierKey() = default;
  std::string name_;
  NoteKeyType type_ = NoteKeyType::kEd25519;
  primitive::PublicKey key_{};
  NoteKeyId id_{};
};

struct NoteLine {
  std::string name;
  NoteKeyId id{};
  Bytes signature;           // without the id
  std::string Text() const;  // with its line feed
  bool operator==(const NoteLine&) const = default;
};

// A note whose signatures nobody has checked yet.
struct Note {
  std::string text;  // ends in a line feed
  std::vector<NoteLine> lines;
  std::string Text() const;  // the whole note
};

// Text and signature block of a note, split at the last empty line, borrowed.
struct NoteParts {
  std::string_view text;
  std::string_view signatures;
};
// INVALID_ARGUMENT: over kMaxNoteBytes, not UTF-8, a control byte, no empty
// line, or no line after it.
absl::StatusOr<NoteParts> SplitNote(std::string_view bytes);
// One or more signature lines, nothing else; a witness answers with these.
// INVALID_ARGUMENT: malformed, or more than kMaxNoteLinesRead.
absl::StatusOr<std::vector<NoteLine>> ParseNoteLines(std::string_view lines);
absl::StatusOr<Note> ParseNote(std::string_view bytes);

// A line that verified: which of the keys, and the time of a cosignature
// (POSIX seconds; 0 for type 0x01).
struct VerifiedLine {
  std::size_t key = 0;   // index into the keys given
  std::size_t line = 0;  // index into Note::lines
  std::uint64_t time = 0;
};
struct OpenedNote {
  Note note;
  std::vector<VerifiedLine> verified;  // each key at most once, in line order
};

// Checks the lines against `known`. A line whose name and id are known must
// verify, other lines are ignored, and at least one must be known.
// INVALID_ARGUMENT: malformed, or `known` holds two keys with one name and id.
// DATA_LOSS: a known line does not verify. UNAUTHENTICATED: no known line.
absl::StatusOr<OpenedNote> OpenNote(std::string_view bytes,
                                    std::span<const VerifierKey> known);
absl::StatusOr<std::vector<VerifiedLine>> VerifyLines(
    std::string_view text, std::span<const NoteLine> lines,
    std::span<const VerifierKey> known);

// Whether a fresh signature is verified. A wrong one may give the key away (a
// fault in a deterministic scheme), so kTrust is for what stays in the process.
enum class AfterSigning : std::uint8_t { kVerify, kTrust };

// A line of type 0x01 over `text`. INVALID_ARGUMENT: `key` is of another type,
// or the text is not one that a note can hold. DATA_LOSS: what the signer gave
// does not verify under `key`. Others: those of the signer.
absl::StatusOr<NoteLine> SignText(const VerifierKey& key, std::string_view text,
                                  const Signer& sign,
                                  AfterSigning after = AfterSigning::kVerify);

}  // namespace entente::merkle
