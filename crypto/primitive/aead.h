#pragma once
// Authenticated encryption: ChaCha20-Poly1305 (RFC 8439) where a format fixes
// the nonce, XChaCha20-Poly1305 with a random 24-byte nonce where we seal for
// ourselves. Constant time in key and plaintext. Stateless, thread-safe.

#include <absl/status/statusor.h>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"

namespace entente::primitive {

using Nonce12 = ByteArray<12>;

// Ciphertext || 16-byte tag. `key` is 32 bytes. A (key, nonce) pair must never
// be used twice.
Bytes AeadSeal(const SecretBytes& key, const Nonce12& nonce, ByteView aad,
               ByteView plaintext);
// DATA_LOSS: the tag does not verify. INVALID_ARGUMENT: shorter than a tag.
absl::StatusOr<Bytes> AeadOpen(const SecretBytes& key, const Nonce12& nonce,
                               ByteView aad, ByteView sealed);

// nonce(24) || ciphertext || tag(16), fresh random nonce.
Bytes SealBox(const SecretBytes& key, ByteView aad, ByteView plaintext);
absl::StatusOr<Bytes> OpenBox(const SecretBytes& key, ByteView aad,
                              ByteView box);
// The same, the opened bytes staying secret.
Bytes SealSecret(const SecretBytes& key, ByteView aad,
                 const SecretBytes& plaintext);
absl::StatusOr<SecretBytes> OpenSecret(const SecretBytes& key, ByteView aad,
                                       ByteView box);

}  // namespace entente::primitive
