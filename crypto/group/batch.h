#pragma once
// Operations on whole batches. `in` and `out` have the same length (else the
// call aborts) and may be the same memory. Constant time in scalars and
// inputs. Stateless, thread-safe.
//
// Over libsodium now; a vector kernel takes this seam without a change to
// callers.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <span>

#include "crypto/base/bytes.h"
#include "crypto/group/point.h"
#include "crypto/group/scalar.h"

namespace entente::group {

// out[i] = scalar * in[i].
absl::Status MultiplyAll(const SecretScalar& scalar, std::span<const Point> in,
                         std::span<Point> out);
// out[i] = scalars[i] * in[i].
absl::Status MultiplyEach(const SecretScalars& scalars,
                          std::span<const Point> in, std::span<Point> out);
// out[i] = hash-to-group of inputs[i] under `dst` (1 to 255 bytes).
// INVALID_ARGUMENT: an input hashes to the identity (once in 2^252).
// Source: RFC 9380, appendix B, hash_to_ristretto255 with SHA-512.
absl::Status HashAll(std::span<const ByteView> inputs, ByteView dst,
                     std::span<Point> out);

// scalar * generator.
Point MultiplyBase(const SecretScalar& scalar);
// scalar * generator, public scalar. INVALID_ARGUMENT: zero.
absl::StatusOr<Point> MultiplyBase(const Scalar& scalar);
// a + b. INVALID_ARGUMENT: the sum is the identity.
absl::StatusOr<Point> Add(const Point& a, const Point& b);

}  // namespace entente::group
