#pragma once
// `.tlog-proof`, C2SP tlog-proof: one inclusion proof that can be checked off
// line. Thread-safe.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/merkle/policy.h"
#include "crypto/merkle/proof.h"

namespace entente::merkle {

struct ProofFile {
  std::uint64_t index = 0;
  Proof proof;
  std::string checkpoint;  // the whole signed note, verbatim
  std::string Text() const;
};

// INVALID_ARGUMENT: malformed, or more than kMaxProofHashes. An optional
// `extra` line is skipped; nothing in it is trusted.
absl::StatusOr<ProofFile> ParseProofFile(std::string_view bytes);

// The leaf is in a tree that the policy accepts. INVALID_ARGUMENT: malformed.
// UNAUTHENTICATED, DATA_LOSS: as TrustPolicy::Check; DATA_LOSS also: the path
// does not lead to the root.
absl::Status VerifyProofFile(std::string_view bytes, ByteView leaf,
                             const TrustPolicy& policy);

}  // namespace entente::merkle
