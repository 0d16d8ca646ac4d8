#include "crypto/merkle/proof_file.h"

#include "crypto/base/status.h"
#include "crypto/merkle/text.h"
#include "crypto/merkle/tree.h"

namespace entente::merkle {
namespace {

constexpr std::string_view kHeader = "c2sp.org/tlog-proof@v1";

}  // namespace

std::string ProofFile::Text() const {
  return Join({kHeader, "\nindex ", std::to_string(index), "\n",
               ProofLines(proof), "\n", checkpoint});
}

absl::StatusOr<ProofFile> ParseProofFile(std::string_view bytes) {
  if (TakeLine(bytes) != kHeader) return Invalid("not a tlog-proof file");
  auto line = TakeLine(bytes);
  if (line && line->starts_with("extra ")) {
    TRY_OK(FromBase64(line->substr(6)).status());
    line = TakeLine(bytes);
  }
  if (!line || !line->starts_with("index ")) {
    return Invalid("a tlog-proof file without its index");
  }
  ProofFile out;
  TRY(out.index, ParseDecimal(line->substr(6)));
  const bool bare = bytes.starts_with('\n');  // no hash: a tree of one leaf
  const std::size_t end = bare ? 0 : bytes.find("\n\n");
  if (end == std::string_view::npos) {
    return Invalid("a tlog-proof file without a checkpoint");
  }
  const std::size_t hashes = bare ? 0 : end + 1;
  TRY(out.proof, ParseProofLines(bytes.substr(0, hashes)));
  out.checkpoint = std::string(bytes.substr(hashes + 1));
  TRY_OK(SplitNote(out.checkpoint).status());
  return out;
}

absl::Status VerifyProofFile(std::string_view bytes, ByteView leaf,
                             const TrustPolicy& policy) {
  TRY(const ProofFile file, ParseProofFile(bytes));
  TRY(const TrustPolicy::Trusted head, policy.Check(file.checkpoint));
  return VerifyInclusion(file.index, head.checkpoint.size, LeafHash(leaf),
                         file.proof, head.checkpoint.root);
}

}  // namespace entente::merkle
