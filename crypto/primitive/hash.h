#pragma once
// SHA-256, SHA-512 (FIPS 180-4) and HMAC-SHA256 (RFC 2104). Parts are hashed
// one after the other, without lengths: callers bring their own domain
// separation. Stateless, thread-safe.

#include <initializer_list>
#include <memory>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"

namespace entente::primitive {

Hash Sha256(std::initializer_list<ByteView> parts);
inline Hash Sha256(ByteView bytes) { return Sha256({bytes}); }
ByteArray<64> Sha512(std::initializer_list<ByteView> parts);

Hash HmacSha256(const SecretBytes& key, std::initializer_list<ByteView> parts);
// For keys that are no secret, or whose bytes the caller wipes.
Hash HmacSha256(ByteView key, std::initializer_list<ByteView> parts);

// HMAC-SHA256 of many messages under one key: what depends on the key alone is
// hashed once. Holds as much as the key, and is wiped at the end. Thread-safe.
class HmacSha256Key {
 public:
  explicit HmacSha256Key(const SecretBytes& key);
  ~HmacSha256Key();
  HmacSha256Key(const HmacSha256Key&) = delete;
  HmacSha256Key& operator=(const HmacSha256Key&) = delete;
  Hash Mac(std::initializer_list<ByteView> parts) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

// A running SHA-256. Thread-compatible.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  void Update(ByteView bytes);
  Hash Finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace entente::primitive
