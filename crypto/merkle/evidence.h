#pragma once
// Split-view evidence: two heads of one log that cannot belong to one tree. The
// file proves itself: whoever holds the log's key can check it, and nobody
// else's word is needed.
//   entente/split-view/1 LF  kind same-size|prefix LF  log <vkey> LF
//   first <bytes> LF  second <bytes> LF  proof <lines> LF  hashes  LF
//   first note, second note
// Thread-safe.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/proof.h"

namespace entente::merkle {

// Builds the file when the two notes prove a fault, else nothing does.
// `first` is the smaller or equal head. `seeded` is the consistency proof of
// the second tree with its seed hash always in front; empty for equal sizes.
// INVALID_ARGUMENT: malformed notes. DATA_LOSS: a signature does not verify.
// FAILED_PRECONDITION: they prove nothing.
absl::StatusOr<std::string> MakeEvidence(const VerifierKey& log,
                                         std::string_view first,
                                         std::string_view second,
                                         const Proof& seeded);

// OK: the file proves that the log behind `log` showed two histories.
// Errors as above, also FAILED_PRECONDITION: it speaks of another log.
absl::Status VerifyEvidence(std::string_view file, const VerifierKey& log);
// The same, and the two heads that it holds.
struct EvidenceHeads {
  Checkpoint first;
  Checkpoint second;
};
absl::StatusOr<EvidenceHeads> OpenEvidence(std::string_view file,
                                           const VerifierKey& log);

// `<hex8 of H(origin)>-<size>.split-view`, the size of the second head.
std::string EvidenceName(std::string_view origin, std::uint64_t size);

}  // namespace entente::merkle
