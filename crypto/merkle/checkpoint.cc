#include "crypto/merkle/checkpoint.h"

#include "crypto/base/status.h"
#include "crypto/merkle/text.h"
#include "crypto/merkle/tree.h"

namespace entente::merkle {
namespace {

bool IsLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string Checkpoint::Text() const {
  return Join({origin, "\n", std::to_string(size), "\n", ToBase64(root), "\n"});
}

absl::StatusOr<Checkpoint> ParseForeignCheckpoint(std::string_view text) {
  const auto origin = TakeLine(text);
  const auto size = origin ? TakeLine(text) : std::nullopt;
  const auto root = size ? TakeLine(text) : std::nullopt;
  if (!root || origin->empty()) return Invalid("malformed checkpoint");
  Checkpoint out;
  out.origin = std::string(*origin);
  TRY(out.size, ParseDecimal(*size));
  TRY(const Bytes raw, FromBase64(*root));
  TRY(out.root, ToArray<32>(raw));
  while (!text.empty()) {
    const auto extension = TakeLine(text);
    if (!extension || extension->empty()) {
      return Invalid("malformed extension line in a checkpoint");
    }
  }
  return out;
}

absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text) {
  TRY(Checkpoint out, ParseForeignCheckpoint(text));
  if (out.Text() != text) return Invalid("a checkpoint with further lines");
  if (out.size == 0 && out.root != EmptyRoot()) {
    return Invalid("an empty tree with another root");
  }
  return out;
}

bool IsOrigin(std::string_view origin) {
  if (origin.size() > 128) return false;
  bool host = true;
  std::size_t part = 0;  // bytes since the last slash
  for (char c : origin) {
    if (c == '/') {
      if (part == 0) return false;
      host = false;
      part = 0;
    } else if (IsLowerOrDigit(c) || (host && (c == '.' || c == '-'))) {
      ++part;
    } else {
      return false;
    }
  }
  return !host && part > 0;
}

std::string_view VolumeOf(std::string_view origin) {
  const std::size_t slash = origin.rfind('/');
  return slash == std::string_view::npos ? std::string_view()
                                         : origin.substr(slash + 1);
}

absl::StatusOr<std::string> SignCheckpoint(const Checkpoint& checkpoint,
                                           const VerifierKey& log_key,
                                           const Signer& sign,
                                           AfterSigning after) {
  if (log_key.name() != checkpoint.origin) {
    return Invalid("the log key is named for another log");
  }
  Note note;
  note.text = checkpoint.Text();
  TRY(NoteLine line, SignText(log_key, note.text, sign, after));
  note.lines.push_back(std::move(line));
  return note.Text();
}

}  // namespace entente::merkle
