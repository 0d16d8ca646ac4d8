#include "crypto/primitive/x25519.h"

#include <sodium.h>

#include "crypto/base/status.h"
#include "crypto/primitive/secret_reader.h"

namespace entente::primitive {

absl::StatusOr<SecretBytes> X25519(const SecretBytes& scalar,
                                   const ByteArray<32>& point) {
  CHECK(scalar.size() == crypto_scalarmult_curve25519_SCALARBYTES);
  SecretBytes shared(crypto_scalarmult_curve25519_BYTES);
  if (crypto_scalarmult_curve25519(SecretReader::MutableView(shared).data(),
                                   SecretReader::View(scalar).data(),
                                   point.data()) != 0) {
    return Invalid("public key has small order");
  }
  return shared;
}

ByteArray<32> X25519Public(const SecretBytes& scalar) {
  CHECK(scalar.size() == crypto_scalarmult_curve25519_SCALARBYTES);
  ByteArray<32> out;
  crypto_scalarmult_curve25519_base(out.data(),
                                    SecretReader::View(scalar).data());
  return out;
}

}  // namespace entente::primitive
