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
// Behind a message: the byte 80, zeroes, its length in bits as u64be.
constexpr std::size_t kMostWithPadding = 2 * kBlock - 1 - 8;

void PutWord(std::uint32_t word, std::uint8_t* out) {
  out[0] = static_cast<std::uint8_t>(word >> 24U);
  out[1] = static_cast<std::uint8_t>(word >> 16U);
  out[2] = static_cast<std::uint8_t>(word >> 8U);
  out[3] = static_cast<std::uint8_t>(word);
}

// Wiped at the end: what goes in may be secret.
class Sha256State {
 public:
  Sha256State() { SHA256_Init(&state_); }
  ~Sha256State() { sodium_memzero(&state_, sizeof(state_)); }
  Sha256State(const Sha256State&) = default;
  Sha256State& operator=(const Sha256State&) = delete;
  void Update(ByteView bytes) {
    SHA256_Update(&state_, bytes.data(), bytes.size());
  }
  Hash Finish() {
    Hash out;
    SHA256_Final(out.data(), &state_);
    return out;
  }
  // The hash of `blocks` whole blocks, which went in already, and of `parts`.
  Hash Of(std::initializer_list<ByteView> parts, std::size_t blocks) const {
    std::size_t size = 0;
    for (ByteView part : parts) size += part.size();
    Sha256State copy(*this);
    if (size <= kMostWithPadding) return copy.FinishShort(parts, size, blocks);
    for (ByteView part : parts) copy.Update(part);
    return copy.Finish();
  }

 private:
  // One or two blocks, padded here: the general code costs more than hashing
  // them, and the tree hashes nothing else.
  Hash FinishShort(std::initializer_list<ByteView> parts, std::size_t size,
                   std::size_t blocks) {
    ByteArray<2 * kBlock> last{};
    auto end = last.begin();
    for (ByteView part : parts) end = std::copy(part.begin(), part.end(), end);
    *end = 0x80;
    const std::size_t used = size < kBlock - 8 ? kBlock : 2 * kBlock;
    const std::uint64_t bits = 8 * (blocks * kBlock + size);
    PutWord(static_cast<std::uint32_t>(bits >> 32U), last.data() + used - 8);
    PutWord(static_cast<std::uint32_t>(bits), last.data() + used - 4);
    for (std::size_t at = 0; at < used; at += kBlock) {
      SHA256_Transform(&state_, last.data() + at);
    }
    sodium_memzero(last.data(), used);
    Hash out;
    for (std::size_t i = 0; i < 8; ++i) {
      PutWord(state_.h[i], out.data() + 4 * i);
    }
    return out;
  }

  SHA256_CTX state_;
};

// RFC 2104 over SHA-256, after the block of the key on either side.
class HmacState {
 public:
  explicit HmacState(ByteView key) {
    ByteArray<kBlock> pad{};
    if (key.size() > kBlock) {
      Hash shorter = Sha256(key);
      std::copy(shorter.begin(), shorter.end(), pad.begin());
      sodium_memzero(shorter.data(), shorter.size());
    } else {
      std::copy(key.begin(), key.end(), pad.begin());
    }
    for (std::uint8_t& byte : pad) byte ^= 0x36;
    inner_.Update(pad);
    for (std::uint8_t& byte : pad) byte ^= 0x36 ^ 0x5c;
    outer_.Update(pad);
    sodium_memzero(pad.data(), pad.size());
  }
  Hash Mac(std::initializer_list<ByteView> parts) const {
    Hash middle = inner_.Of(parts, 1);
    const Hash out = outer_.Of({middle}, 1);
    sodium_memzero(middle.data(), middle.size());
    return out;
  }

 private:
  Sha256State inner_;
  Sha256State outer_;
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
  return Sha256State().Of(parts, 0);
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
  return HmacState(key).Mac(parts);
}

struct HmacSha256Key::State {
  HmacState state;
};

HmacSha256Key::HmacSha256Key(const SecretBytes& key)
    : state_(new State{HmacState(SecretReader::View(key))}) {}
HmacSha256Key::~HmacSha256Key() = default;
Hash HmacSha256Key::Mac(std::initializer_list<ByteView> parts) const {
  return state_->state.Mac(parts);
}

}  // namespace entente::primitive
