#include "crypto/primitive/signature.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/secret_reader.h"

namespace entente::primitive {

bool VerifyEd25519(const PublicKey& key, ByteView message, ByteView signature) {
  EnsureSodium();
  // libsodium refuses S >= L, and R or a key of small order, and a key that is
  // not canonical; signature_test.cc holds it to that.
  return signature.size() == crypto_sign_ed25519_BYTES &&
         crypto_sign_ed25519_verify_detached(signature.data(), message.data(),
                                             message.size(), key.data()) == 0;
}

Id16 KeyId(ByteView public_key) {
  const Hash hash = Sha256({AsBytes("entente/kid/1\n"), public_key});
  Id16 id;
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

SigningKey SigningKey::Generate() {
  absl::StatusOr<SigningKey> key =
      FromSeed(SecretBytes::Random(crypto_sign_ed25519_SEEDBYTES));
  CHECK(key.ok());
  return *std::move(key);
}

absl::StatusOr<SigningKey> SigningKey::FromSeed(SecretBytes seed) {
  if (seed.size() != crypto_sign_ed25519_SEEDBYTES) {
    return WrongLength(seed.size(), crypto_sign_ed25519_SEEDBYTES);
  }
  SigningKey key;
  key.expanded_ = SecretBytes(crypto_sign_ed25519_SECRETKEYBYTES);
  crypto_sign_ed25519_seed_keypair(
      key.public_key_.data(), SecretReader::MutableView(key.expanded_).data(),
      SecretReader::View(seed).data());
  key.seed_ = std::move(seed);
  return key;
}

Signature SigningKey::Sign(ByteView message) const {
  Signature out;
  crypto_sign_ed25519_detached(out.data(), nullptr, message.data(),
                               message.size(),
                               SecretReader::View(expanded_).data());
  return out;
}

}  // namespace entente::primitive
