#pragma once
// Ed25519 (RFC 8032). Signing is deterministic. Verification refuses
// non-canonical S, and small-order or non-canonical public keys.

#include <absl/status/statusor.h>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"

namespace entente::primitive {

using PublicKey = ByteArray<32>;
using Signature = ByteArray<64>;

bool VerifyEd25519(const PublicKey& key, ByteView message, ByteView signature);

// kid = H("entente/kid/1" LF || public key)[0:16], the name of a public key
// everywhere.
Id16 KeyId(ByteView public_key);

// Move-only; the seed lives in guarded memory. Thread-safe once made.
class SigningKey {
 public:
  static SigningKey Generate();
  // `seed` is 32 bytes. INVALID_ARGUMENT: another length.
  static absl::StatusOr<SigningKey> FromSeed(SecretBytes seed);

  const PublicKey& public_key() const { return public_key_; }
  Signature Sign(ByteView message) const;
  // For sealing into a key file.
  const SecretBytes& seed() const { return seed_; }

 private:
  SigningKey() = default;
  SecretBytes seed_;
  SecretBytes expanded_;  // libsodium's 64-byte form
  PublicKey public_key_{};
};

}  // namespace entente::primitive
