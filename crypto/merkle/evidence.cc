#include "crypto/merkle/evidence.h"

#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/text.h"
#include "crypto/primitive/hash.h"

namespace entente::merkle {
namespace {

constexpr std::string_view kHeader = "entente/split-view/1";

absl::StatusOr<Checkpoint> OpenHead(std::string_view note,
                                    const VerifierKey& log) {
  TRY(const OpenedNote opened, OpenNote(note, {&log, 1}));
  return ParseForeignCheckpoint(opened.note.text);
}

// What the two notes prove, as the word of the `kind` line.
absl::StatusOr<std::string_view> Judge(const VerifierKey& log,
                                       std::string_view first,
                                       std::string_view second,
                                       const Proof& seeded) {
  TRY(const Checkpoint a, OpenHead(first, log));
  TRY(const Checkpoint b, OpenHead(second, log));
  if (a.origin != b.origin) return Unready("heads of two origins");
  if (a.size == b.size) {
    if (!seeded.empty() || a.root == b.root) {
      return Unready("two equal heads, or a proof for equal sizes");
    }
    return "same-size";
  }
  const auto roots = RootsFromSeededProof(a.size, b.size, seeded);
  if (!roots.ok() || roots->new_root != b.root) {
    return Unready("the proof does not belong to the second head");
  }
  if (roots->old_root == a.root) return Unready("the heads are consistent");
  return "prefix";
}

std::string FileText(std::string_view kind, const VerifierKey& log,
                     std::string_view first, std::string_view second,
                     const Proof& seeded) {
  return Join({kHeader, "\nkind ", kind, "\nlog ", log.Text(), "\nfirst ",
               std::to_string(first.size()), "\nsecond ",
               std::to_string(second.size()), "\nproof ",
               std::to_string(seeded.size()), "\n", ProofLines(seeded), "\n",
               first, second});
}

// The rest of the next line after `word` and a space.
absl::StatusOr<std::string_view> TakeField(std::string_view& rest,
                                           std::string_view word) {
  const auto line = TakeLine(rest);
  if (!line || line->size() <= word.size() || !line->starts_with(word) ||
      (*line)[word.size()] != ' ') {
    return Invalid("malformed evidence file");
  }
  return line->substr(word.size() + 1);
}
absl::StatusOr<std::uint64_t> TakeNumber(std::string_view& rest,
                                         std::string_view word) {
  TRY(const std::string_view text, TakeField(rest, word));
  return ParseDecimal(text);
}

}  // namespace

absl::StatusOr<std::string> MakeEvidence(const VerifierKey& log,
                                         std::string_view first,
                                         std::string_view second,
                                         const Proof& seeded) {
  TRY(const std::string_view kind, Judge(log, first, second, seeded));
  return FileText(kind, log, first, second, seeded);
}

absl::StatusOr<EvidenceHeads> OpenEvidence(std::string_view file,
                                           const VerifierKey& log) {
  std::string_view rest = file;
  if (TakeLine(rest) != kHeader) return Invalid("not an evidence file");
  TRY(const std::string_view kind, TakeField(rest, "kind"));
  TRY(const std::string_view vkey, TakeField(rest, "log"));
  TRY(const std::uint64_t first_size, TakeNumber(rest, "first"));
  TRY(const std::uint64_t second_size, TakeNumber(rest, "second"));
  TRY(const std::uint64_t lines, TakeNumber(rest, "proof"));
  if (lines > kMaxProofHashes) return Invalid("too many proof lines");
  const std::size_t hashes = lines * 45;  // 44 digits and the line feed
  if (first_size > kMaxNoteBytes || second_size > kMaxNoteBytes ||
      rest.size() != hashes + 1 + first_size + second_size ||
      rest[hashes] != '\n') {
    return Invalid("malformed evidence file");
  }
  TRY(const Proof seeded, ParseProofLines(rest.substr(0, hashes)));
  const std::string_view first = rest.substr(hashes + 1, first_size);
  const std::string_view second = rest.substr(hashes + 1 + first_size);
  if (vkey != log.Text()) return Unready("evidence about another log");
  TRY(const std::string_view proved, Judge(log, first, second, seeded));
  if (proved != kind) return Unready("evidence of another kind than it says");
  EvidenceHeads out;
  TRY(out.first, OpenHead(first, log));
  TRY(out.second, OpenHead(second, log));
  return out;
}

absl::Status VerifyEvidence(std::string_view file, const VerifierKey& log) {
  return OpenEvidence(file, log).status();
}

std::string EvidenceName(std::string_view origin, std::uint64_t size) {
  const Hash hash = primitive::Sha256(AsBytes(origin));
  return ToHex(ByteView(hash).first(4)) + "-" + std::to_string(size) +
         ".split-view";
}

}  // namespace entente::merkle
