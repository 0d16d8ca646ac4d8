#include "crypto/primitive/argon2.h"

#include <sodium.h>

#include "crypto/base/status.h"
#include "crypto/primitive/secret_reader.h"

namespace entente::primitive {

absl::StatusOr<SecretBytes> Argon2id(const SecretBytes& passphrase,
                                     const ByteArray<16>& salt,
                                     const Argon2Cost& cost,
                                     std::size_t length) {
  if (cost.passes < crypto_pwhash_argon2id_OPSLIMIT_MIN ||
      cost.passes > crypto_pwhash_argon2id_OPSLIMIT_MAX ||
      cost.memory_bytes < crypto_pwhash_argon2id_MEMLIMIT_MIN ||
      cost.memory_bytes > crypto_pwhash_argon2id_MEMLIMIT_MAX ||
      length < crypto_pwhash_argon2id_BYTES_MIN) {
    return Invalid("argon2 cost or length out of range");
  }
  SecretBytes out(length);
  const ByteView text = SecretReader::View(passphrase);
  // libsodium wants an address, even of nothing.
  const char* at =
      text.empty() ? "" : reinterpret_cast<const char*>(text.data());
  if (crypto_pwhash_argon2id(SecretReader::MutableView(out).data(), length, at,
                             text.size(), salt.data(), cost.passes,
                             cost.memory_bytes,
                             crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return Exhausted("not enough memory to derive a key from the passphrase");
  }
  return out;
}

}  // namespace entente::primitive
