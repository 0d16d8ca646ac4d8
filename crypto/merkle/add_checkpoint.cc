#include "crypto/merkle/add_checkpoint.h"

#include "crypto/base/status.h"
#include "crypto/merkle/text.h"

namespace entente::merkle {

std::string AddCheckpoint::Text() const {
  return Join(
      {"old ", std::to_string(old_size), "\n", ProofLines(proof), "\n", note});
}

absl::StatusOr<AddCheckpoint> ParseAddCheckpoint(std::string_view body) {
  if (body.size() > kMaxAddCheckpointBytes) return Invalid("body too long");
  const auto first = TakeLine(body);
  if (!first || !first->starts_with("old ")) {
    return Invalid("a body without its old size");
  }
  AddCheckpoint out;
  TRY(out.old_size, ParseDecimal(first->substr(4)));
  const bool bare = body.starts_with('\n');  // no hash
  const std::size_t end = bare ? 0 : body.find("\n\n");
  if (end == std::string_view::npos) return Invalid("a body without a note");
  const std::size_t hashes = bare ? 0 : end + 1;
  TRY(out.proof, ParseProofLines(body.substr(0, hashes)));
  out.note = std::string(body.substr(hashes + 1));
  return out;
}

absl::StatusOr<std::uint64_t> ParseRecordedSize(std::string_view body) {
  if (!body.ends_with('\n')) return Invalid("a witness named no size");
  body.remove_suffix(1);
  return ParseDecimal(body);
}

}  // namespace entente::merkle
