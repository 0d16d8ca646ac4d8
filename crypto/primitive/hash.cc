// SHA-256 is OpenSSL's, which uses the processor's instructions for it; they
// are three to five times as fast as libsodium's code, and the audit log hashes
// all the time. These calls and not EVP: looking an algorithm up costs more
// than a short hash. OpenSSL discourages them and keeps them.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/primitive/hash.h"

#include <openssl/sha.h>
#include <sodium.h>

#include <algorithm>

#include "crypto/primitive/secret_reader.h"

namespace entente::primitive {
namespace {

constexpr std::size_t kBlock = 64;

// Wiped at the end: what goes in may be secret.
class Sha256State {
 public:
  Sha256State() { SHA256_Init(&state_); }
  ~Sha256State() { sodium_memzero(&state_, sizeof(state_)); }
  Sha256State(const Sha256State&) = delete;
  Sha256State& operator=(const Sha256State&) = delete;
  void Update(ByteView bytes) {
    SHA256_Update(&state_, bytes.data(), bytes.size());
  }
  Hash Finish() {
    Hash out;
    SHA256_Final(out.data(), &state_);
    return out;
  }

 private:
  SHA256_CTX state_;
};

}  // namespace

struct Sha256Stream::State {
  Sha256State state;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {}
Sha256Stream::~Sha256Stream() = default;
void Sha256Stream::Update(ByteView bytes) { state_->state.Update(bytes); }
Hash Sha256Stream::Finish() { return state_->state.Finish(); }

Hash Sha256(std::initializer_list<ByteView> parts) {
  Sha256State state;
  for (ByteView part : parts) state.Update(part);
  return state.Finish();
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

// RFC 2104 over SHA-256.
Hash HmacSha256(ByteView key, std::initializer_list<ByteView> parts) {
  ByteArray<kBlock> pad{};
  if (key.size() > kBlock) {
    Hash shorter = Sha256(key);
    std::copy(shorter.begin(), shorter.end(), pad.begin());
    sodium_memzero(shorter.data(), shorter.size());
  } else {
    std::copy(key.begin(), key.end(), pad.begin());
  }
  for (std::uint8_t& byte : pad) byte ^= 0x36;
  Sha256State inner;
  inner.Update(pad);
  for (ByteView part : parts) inner.Update(part);
  for (std::uint8_t& byte : pad) byte ^= 0x36 ^ 0x5c;
  Sha256State outer;
  outer.Update(pad);
  sodium_memzero(pad.data(), pad.size());
  Hash middle = inner.Finish();
  outer.Update(middle);
  sodium_memzero(middle.data(), middle.size());
  return outer.Finish();
}

}  // namespace entente::primitive
