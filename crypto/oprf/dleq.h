#pragma once
// Private to this room: the proof that one scalar k made a batch, that is
// B = k * generator and D[i] = k * C[i] for each i. In mode POPRF the key is
// the tweaked one, C the evaluated elements and D the blinded ones.
// Source: RFC 9497, 2.2.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <span>

#include "crypto/group/point.h"
#include "crypto/group/scalar.h"
#include "crypto/oprf/element.h"

namespace entente::oprf {

// What is proven. Both spans have the same length, 1 to kMaxBatch.
struct DleqStatement {
  const PublicKey& key;
  std::span<const Evaluated> evaluated;
  std::span<const Blinded> blinded;
};

// The batch folded into one element on each side: M is the weighted sum of the
// evaluated elements, Z of the blinded ones, so Z = k * M.
struct Composites {
  group::Point m;
  group::Point z;
};

// M from the elements and Z = k * M (ComputeCompositesFast).
// INVALID_ARGUMENT: M is the identity (never by chance).
absl::StatusOr<Composites> FoldWithKey(const DleqStatement& statement,
                                       const group::SecretScalar& k);

// Proves with `nonce`, which must never serve for other composites.
// Constant time in k and nonce.
absl::StatusOr<Proof> Prove(const DleqStatement& statement,
                            const Composites& composites,
                            const group::SecretScalar& k,
                            const group::SecretScalar& nonce);

// Whether `proof` holds for composites that are already known.
bool HoldsFor(const DleqStatement& statement, const Composites& composites,
              const Proof& proof);

// DATA_LOSS with reason `proof-failed`: it does not hold. Variable time: all of
// it is public.
absl::Status Verify(const DleqStatement& statement, const Proof& proof);

}  // namespace entente::oprf
