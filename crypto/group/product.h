#pragma once
// Products over public data, which keep a batch proof cheap.

#include <absl/status/statusor.h>

#include <span>

#include "crypto/group/point.h"
#include "crypto/group/scalar.h"

namespace entente::group {

// The sum of scalars[i] * points[i].
//
// SAFETY: variable time. Scalars and points must be public: elements that
// crossed the wire and challenges hashed from them. A secret never comes here;
// its type (SecretScalar) does not fit.
//
// Both spans have the same length, at least 1 (else the call aborts).
// INVALID_ARGUMENT: the sum is the identity. Stateless, thread-safe.
// Source: Pippenger's buckets; Straus's interleaving below 96 elements.
absl::StatusOr<Point> PublicProduct(std::span<const Scalar> scalars,
                                    std::span<const Point> points);

}  // namespace entente::group
