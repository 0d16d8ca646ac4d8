#pragma once
// Secrets as types: guarded memory, wiped at the end, move-only, no comparison,
// no printing. The bytes are seen only by code that holds a KeyAccess, and the
// friends below are the whole list of who can make one: a reviewer reads it
// first.

#include <cstddef>
#include <cstdint>

#include "crypto/base/bytes.h"

namespace entente {

namespace primitive {
struct SecretReader;
}
namespace group {
struct SecretReader;
}
namespace oprf {
struct SecretReader;
}
namespace keys {
struct SecretReader;
}
namespace ledger {
struct SecretReader;
}
namespace audit {
struct SecretReader;
}
namespace store {
struct SecretReader;
}
namespace testing {
struct SecretReader;
}

class KeyAccess {
  KeyAccess() = default;
  friend struct primitive::SecretReader;  // hash, HKDF, AEAD, signatures, HPKE
  friend struct group::SecretReader;      // scalars
  friend struct oprf::SecretReader;       // blinds and the OPRF key
  friend struct keys::SecretReader;       // sealing and opening key files
  friend struct ledger::SecretReader;     // body keys of the audit log
  friend struct audit::SecretReader;      // segment keys, actor key
  friend struct store::SecretReader;      // the database's raw key
  friend struct testing::SecretReader;    // vectors, constant-time checks
};

// Initialises libsodium once; aborts if it cannot. Thread-safe.
void EnsureSodium();

// Secret bytes of a length fixed at construction. Move-only; the memory is
// locked, fenced by guard pages and wiped when released. Thread-compatible.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size);  // zeroes
  // Copies `bytes`; the caller wipes its own copy.
  static SecretBytes CopyOf(ByteView bytes);
  // Fresh random bytes from the operating system.
  static SecretBytes Random(std::size_t size);

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ByteView Reveal(KeyAccess) const { return {data_, size_}; }
  MutableByteView RevealMutable(KeyAccess) { return {data_, size_}; }
  SecretBytes Clone() const;

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// Wipes plain memory in a way that the compiler keeps.
void Wipe(MutableByteView bytes);
// Wipes a buffer when the scope ends, whatever way it ends.
class WipeAtEnd {
 public:
  explicit WipeAtEnd(MutableByteView bytes) : bytes_(bytes) {}
  ~WipeAtEnd() { Wipe(bytes_); }
  WipeAtEnd(const WipeAtEnd&) = delete;
  WipeAtEnd& operator=(const WipeAtEnd&) = delete;

 private:
  MutableByteView bytes_;
};

}  // namespace entente
