#pragma once
// X25519 (RFC 7748, section 5), the Diffie-Hellman function under HPKE. Use
// hpke.h; this is its own header so that vectors reach it.

#include <absl/status/statusor.h>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"

namespace entente::primitive {

// The 32-byte shared secret. `scalar` is 32 bytes and is clamped as the RFC
// says. Constant time in both. INVALID_ARGUMENT: `point` has small order, so
// the secret would be zero. Thread-safe.
absl::StatusOr<SecretBytes> X25519(const SecretBytes& scalar,
                                   const ByteArray<32>& point);

// The public key of `scalar` (32 bytes).
ByteArray<32> X25519Public(const SecretBytes& scalar);

}  // namespace entente::primitive
