#include "crypto/primitive/hash.h"

#include <sodium.h>

#include "crypto/primitive/secret_reader.h"

namespace entente::primitive {

struct Sha256Stream::State {
  crypto_hash_sha256_state state;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  crypto_hash_sha256_init(&state_->state);
}

Sha256Stream::~Sha256Stream() {
  sodium_memzero(&state_->state, sizeof(state_->state));
}

void Sha256Stream::Update(ByteView bytes) {
  crypto_hash_sha256_update(&state_->state, bytes.data(), bytes.size());
}

Hash Sha256Stream::Finish() {
  Hash out;
  crypto_hash_sha256_final(&state_->state, out.data());
  return out;
}

Hash Sha256(std::initializer_list<ByteView> parts) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (ByteView part : parts) {
    crypto_hash_sha256_update(&state, part.data(), part.size());
  }
  Hash out;
  crypto_hash_sha256_final(&state, out.data());
  return out;
}

ByteArray<64> Sha512(std::initializer_list<ByteView> parts) {
  crypto_hash_sha512_state state;
  crypto_hash_sha512_init(&state);
  for (ByteView part : parts) {
    crypto_hash_sha512_update(&state, part.data(), part.size());
  }
  ByteArray<64> out;
  crypto_hash_sha512_final(&state, out.data());
  return out;
}

Hash HmacSha256(const SecretBytes& key, std::initializer_list<ByteView> parts) {
  return HmacSha256(SecretReader::View(key), parts);
}

Hash HmacSha256(ByteView key, std::initializer_list<ByteView> parts) {
  crypto_auth_hmacsha256_state state;
  // libsodium wants an address, even of nothing.
  const std::uint8_t nothing = 0;
  crypto_auth_hmacsha256_init(&state, key.empty() ? &nothing : key.data(),
                              key.size());
  for (ByteView part : parts) {
    crypto_auth_hmacsha256_update(&state, part.data(), part.size());
  }
  Hash out;
  crypto_auth_hmacsha256_final(&state, out.data());
  sodium_memzero(&state, sizeof(state));
  return out;
}

}  // namespace entente::primitive
