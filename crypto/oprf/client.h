#pragma once
// The asker's side of the POPRF. Suite ristretto255-SHA512, mode 0x02.

#include <absl/status/statusor.h>

#include <cstddef>
#include <span>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "crypto/group/scalar.h"
#include "crypto/oprf/element.h"

namespace entente::oprf {

// What the asker keeps between its question and the answer: inputs, blinds,
// blinded elements, info and tweaked key of one batch. Inputs and blinds lie
// in one guarded block each and are wiped with it. Move-only. Only Blind makes
// one.
class Blinds {
 public:
  Blinds(Blinds&&) noexcept = default;
  Blinds& operator=(Blinds&&) noexcept = default;

  std::size_t size() const { return blinded_.size(); }

 private:
  friend class BatchClient;
  Blinds(group::SecretScalars scalars, const PublicKey& tweaked_key)
      : scalars_(std::move(scalars)), tweaked_key_(tweaked_key) {}

  SecretBytes inputs_;  // each with its two-byte length, as the token hashes it
  group::SecretScalars scalars_;
  std::vector<Blinded> blinded_;
  Bytes info_;
  PublicKey tweaked_key_;
};

struct BlindResult {
  Blinds blinds;                 // stays here
  std::vector<Blinded> blinded;  // goes to the holder, same order as the inputs
};

// Blinds a batch with fresh random blinds. Never send one result to two peers:
// they could link it.
//
// `inputs`: 1 to kMaxBatch match keys of at most 65535 bytes. `info`: the
// public context, at most 65535 bytes. `pk`: the holder's announced key.
//   INVALID_ARGUMENT   a size is out of bounds, or `info` cancels the key (once
//                      in 2^252)
// Constant time in inputs (their lengths are public) and blinds. Thread-safe.
// Source: RFC 9497, 3.3.3 (POPRF, Blind).
absl::StatusOr<BlindResult> Blind(std::span<const Bytes> inputs, ByteView info,
                                  const PublicKey& pk);
// For vectors and tests: the blinds are given, one per input.
absl::StatusOr<BlindResult> BlindWith(group::SecretScalars scalars,
                                      std::span<const Bytes> inputs,
                                      ByteView info, const PublicKey& pk);

// Finishes a batch: checks the holder's proof, unblinds, hashes to tokens.
//
// `evaluated`: one element per element of `blinds`, same order.
// Returns one token per element. Nothing is returned unless the proof over the
// whole batch holds.
//   INVALID_ARGUMENT   the count differs
//   DATA_LOSS          the proof fails (reason `proof-failed`): the holder used
//                      another key or info; never retry
// `blinds` is consumed and wiped. Constant time in the blinds. Thread-safe.
// Source: RFC 9497, 3.3.3 (POPRF, Finalize) and 2.2.2 (VerifyProof).
absl::StatusOr<std::vector<Token>> Finalize(
    Blinds blinds, std::span<const Evaluated> evaluated, const Proof& proof);

}  // namespace entente::oprf
