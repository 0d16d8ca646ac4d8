#pragma once
// HPKE base mode, RFC 9180: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256
// 0x0001, ChaCha20-Poly1305 0x0003, single shot.

#include <absl/status/statusor.h>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"

namespace entente::primitive {

using HpkePublicKey = ByteArray<32>;

struct HpkeSealed {
  ByteArray<32> enc{};  // the encapsulated key
  Bytes ciphertext;     // with its 16-byte tag
};

class HpkePrivateKey {
 public:
  static HpkePrivateKey Generate();
  // `key` is 32 bytes, an X25519 scalar. INVALID_ARGUMENT: another length.
  static absl::StatusOr<HpkePrivateKey> FromBytes(SecretBytes key);
  const HpkePublicKey& public_key() const { return public_key_; }
  const SecretBytes& secret() const {
    return secret_;
  }  // for sealing into a key file

 private:
  HpkePrivateKey() = default;
  SecretBytes secret_;
  HpkePublicKey public_key_{};
};

// INVALID_ARGUMENT: `to` is a point of small order.
absl::StatusOr<HpkeSealed> HpkeSeal(const HpkePublicKey& to, ByteView info,
                                    ByteView aad, ByteView plaintext);
// DATA_LOSS: it does not open.
absl::StatusOr<Bytes> HpkeOpen(const HpkePrivateKey& key, ByteView enc,
                               ByteView info, ByteView aad,
                               ByteView ciphertext);

// For vectors: the ephemeral key is given.
absl::StatusOr<HpkeSealed> HpkeSealWith(const HpkePrivateKey& ephemeral,
                                        const HpkePublicKey& to, ByteView info,
                                        ByteView aad, ByteView plaintext);

}  // namespace entente::primitive
