#include "crypto/primitive/aead.h"

#include <sodium.h>

#include "crypto/base/status.h"
#include "crypto/primitive/random.h"
#include "crypto/primitive/secret_reader.h"

namespace entente::primitive {
namespace {

constexpr std::size_t kKeySize = crypto_aead_chacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kTagSize = crypto_aead_chacha20poly1305_ietf_ABYTES;
constexpr std::size_t kBoxNonceSize =
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
static_assert(kKeySize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(kTagSize == crypto_aead_xchacha20poly1305_ietf_ABYTES);

const std::uint8_t* KeyData(const SecretBytes& key) {
  CHECK(key.size() == kKeySize);
  return SecretReader::View(key).data();
}

absl::Status DoesNotOpen() {
  return ProofFailed("sealed bytes do not open: wrong key or damaged");
}

Bytes SealView(const SecretBytes& key, ByteView aad, ByteView plaintext) {
  const std::uint8_t* key_data = KeyData(key);
  Bytes out(kBoxNonceSize + plaintext.size() + kTagSize);
  RandomBytes(MutableByteView(out).first(kBoxNonceSize));
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      out.data() + kBoxNonceSize, nullptr, plaintext.data(), plaintext.size(),
      aad.data(), aad.size(), nullptr, out.data(), key_data);
  return out;
}

absl::StatusOr<std::size_t> PlaintextSize(ByteView box) {
  if (box.size() < kBoxNonceSize + kTagSize) {
    return Invalid("sealed bytes are shorter than a nonce and a tag");
  }
  return box.size() - kBoxNonceSize - kTagSize;
}

bool OpenInto(const SecretBytes& key, ByteView aad, ByteView box,
              std::uint8_t* out) {
  const ByteView sealed = box.subspan(kBoxNonceSize);
  return crypto_aead_xchacha20poly1305_ietf_decrypt(
             out, nullptr, nullptr, sealed.data(), sealed.size(), aad.data(),
             aad.size(), box.data(), KeyData(key)) == 0;
}

}  // namespace

Bytes AeadSeal(const SecretBytes& key, const Nonce12& nonce, ByteView aad,
               ByteView plaintext) {
  const std::uint8_t* key_data = KeyData(key);
  Bytes out(plaintext.size() + kTagSize);
  crypto_aead_chacha20poly1305_ietf_encrypt(
      out.data(), nullptr, plaintext.data(), plaintext.size(), aad.data(),
      aad.size(), nullptr, nonce.data(), key_data);
  return out;
}

absl::StatusOr<Bytes> AeadOpen(const SecretBytes& key, const Nonce12& nonce,
                               ByteView aad, ByteView sealed) {
  const std::uint8_t* key_data = KeyData(key);
  if (sealed.size() < kTagSize) {
    return Invalid("sealed bytes are shorter than a tag");
  }
  Bytes out(sealed.size() - kTagSize);
  if (crypto_aead_chacha20poly1305_ietf_decrypt(
          out.data(), nullptr, nullptr, sealed.data(), sealed.size(),
          aad.data(), aad.size(), nonce.data(), key_data) != 0) {
    return DoesNotOpen();
  }
  return out;
}

Bytes SealBox(const SecretBytes& key, ByteView aad, ByteView plaintext) {
  return SealView(key, aad, plaintext);
}

absl::StatusOr<Bytes> OpenBox(const SecretBytes& key, ByteView aad,
                              ByteView box) {
  TRY(const std::size_t size, PlaintextSize(box));
  Bytes out(size);
  if (!OpenInto(key, aad, box, out.data())) return DoesNotOpen();
  return out;
}

Bytes SealSecret(const SecretBytes& key, ByteView aad,
                 const SecretBytes& plaintext) {
  return SealView(key, aad, SecretReader::View(plaintext));
}

absl::StatusOr<SecretBytes> OpenSecret(const SecretBytes& key, ByteView aad,
                                       ByteView box) {
  TRY(const std::size_t size, PlaintextSize(box));
  SecretBytes out(size);
  if (!OpenInto(key, aad, box, SecretReader::MutableView(out).data())) {
    return DoesNotOpen();
  }
  return out;
}

}  // namespace entente::primitive
