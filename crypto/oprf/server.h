#pragma once
// The holder's side of the POPRF. Suite ristretto255-SHA512, mode 0x02. Every
// call is a counted guess for whoever asks: quota, log and refusal come before.

#include <absl/status/statusor.h>

#include <span>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "crypto/group/scalar.h"
#include "crypto/oprf/element.h"

namespace entente::oprf {

// skS and its public key. Move-only; the scalar lives in guarded memory.
// Thread-safe once made.
class ServerKey {
 public:
  // A fresh random key.
  static ServerKey Generate();
  // The key that a seed gives. `seed`: 32 bytes. `info`: at most 65535 bytes.
  // INVALID_ARGUMENT: another length. Source: RFC 9497, 3.2.1.
  static absl::StatusOr<ServerKey> DeriveKeyPair(const SecretBytes& seed,
                                                 ByteView info);
  // Takes the 32 bytes of secret(). INVALID_ARGUMENT: another length, zero, or
  // not below the order.
  static absl::StatusOr<ServerKey> FromBytes(SecretBytes secret);

  const PublicKey& public_key() const { return public_key_; }
  // 32 bytes, for sealing into a key file.
  const SecretBytes& secret() const { return scalar_.bytes(); }

 private:
  friend class BatchServer;
  explicit ServerKey(group::SecretScalar scalar);

  group::SecretScalar scalar_;
  PublicKey public_key_;
};

struct Evaluation {
  std::vector<Evaluated> evaluated;  // same order as the question
  Proof proof;                       // over the whole batch
};

// Evaluates 1 to kMaxBatch blinded elements under `info` (at most 65535 bytes)
// and proves it. The same question gives the same bytes: the proof's nonce is
// derived from the key, the question and the answer (RFC 6979 in spirit), so a
// chunk can be asked again; the proof is checked before it leaves, so a fault
// in its arithmetic cannot give the key away.
//   INVALID_ARGUMENT   a size is out of bounds, or `info` cancels the key (once
//                      in 2^252)
//   INTERNAL           the proof does not verify: broken hardware
// Constant time in the key. Thread-safe.
// Source: RFC 9497, 3.3.3 (POPRF, BlindEvaluate) and 2.2.1 (GenerateProof).
absl::StatusOr<Evaluation> Evaluate(const ServerKey& key,
                                    std::span<const Blinded> blinded,
                                    ByteView info);
// For vectors: the proof's nonce is given. It must never serve twice.
absl::StatusOr<Evaluation> EvaluateWith(const ServerKey& key,
                                        const group::SecretScalar& nonce,
                                        std::span<const Blinded> blinded,
                                        ByteView info);

// The tokens of inputs that the holder itself knows, for its tag set: what an
// asker gets for the same input and info. Any number of inputs of at most 65535
// bytes; no proof. Errors as Evaluate. Constant time in key and inputs.
// Source: RFC 9497, 3.3.3 (POPRF, Evaluate).
absl::StatusOr<std::vector<Token>> Tokens(const ServerKey& key,
                                          std::span<const Bytes> inputs,
                                          ByteView info);

}  // namespace entente::oprf
