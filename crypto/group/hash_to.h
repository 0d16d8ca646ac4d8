#pragma once
// Hashing to bytes, to scalars and to the group. Stateless, thread-safe.
// Constant time in the message, whose length is public.
// Source: RFC 9380, 5.3.1 (expand_message_xmd) and appendix B (ristretto255);
// RFC 9497, 4.1 (hash-to-scalar).

#include <absl/status/status.h>

#include <initializer_list>

#include "crypto/base/bytes.h"
#include "crypto/group/scalar.h"

namespace entente::group {

// expand_message_xmd with SHA-512. The parts of the message are joined. Fills
// `out`. `dst` has 1 to 255 bytes and `out` at most 255 * 64: both are
// constants of the caller, other sizes abort.
void ExpandMessage(std::initializer_list<ByteView> message, ByteView dst,
                   MutableByteView out);

// The expansion to 64 bytes, little-endian, modulo L. May be zero.
Scalar HashToScalar(std::initializer_list<ByteView> message, ByteView dst);
// The same where the message is a secret. INVALID_ARGUMENT: zero.
absl::StatusOr<SecretScalar> HashToSecretScalar(
    std::initializer_list<ByteView> message, ByteView dst);

}  // namespace entente::group
