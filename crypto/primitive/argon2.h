#pragma once
// Argon2id (RFC 9106) for keys made from a passphrase.

#include <absl/status/statusor.h>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"

namespace entente::primitive {

struct Argon2Cost {
  std::uint64_t passes = 3;
  std::size_t memory_bytes = std::size_t{64} << 20U;
};

// `length` secret bytes, at least 16. Version 0x13, one lane, memory cut down
// to whole KiB. Thread-safe.
//   INVALID_ARGUMENT     no pass, less than 8 KiB or more than 4 TiB of memory,
//                        `length` below 16
//   RESOURCE_EXHAUSTED   the memory cannot be had
absl::StatusOr<SecretBytes> Argon2id(const SecretBytes& passphrase,
                                     const ByteArray<16>& salt,
                                     const Argon2Cost& cost,
                                     std::size_t length);

}  // namespace entente::primitive
