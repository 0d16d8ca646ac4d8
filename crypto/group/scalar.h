#pragma once
// Integers modulo the order of the group,
// L = 2^252 + 27742317777372353535851937790883648493; 32 bytes little-endian.

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"

namespace entente::group {

// A public scalar, in [0, L). Plain data.
class Scalar {
 public:
  static constexpr std::size_t kSize = 32;

  Scalar() = default;  // zero

  // INVALID_ARGUMENT: not 32 bytes, or not below L (one spelling per value).
  static absl::StatusOr<Scalar> Decode(ByteView bytes);
  // The 512-bit little-endian integer modulo L.
  static Scalar FromWide(const ByteArray<64>& wide);

  const ByteArray<kSize>& bytes() const { return bytes_; }
  bool IsZero() const;

  friend bool operator==(const Scalar&, const Scalar&) = default;

 private:
  friend class SecretScalar;
  explicit Scalar(const ByteArray<kSize>& bytes) : bytes_(bytes) {}

  ByteArray<kSize> bytes_{};
};

// A secret scalar, in [1, L), in guarded memory. Move-only; a moved-from value
// must not be used. All operations are constant time. Thread-safe once made.
class SecretScalar {
 public:
  static SecretScalar Random();
  // Takes 32 bytes. INVALID_ARGUMENT: another length, zero, or not below L.
  static absl::StatusOr<SecretScalar> FromBytes(SecretBytes bytes);
  // Takes 64 uniform bytes, reduced modulo L. INVALID_ARGUMENT: another length,
  // or the result is zero (once in 2^252).
  static absl::StatusOr<SecretScalar> FromWide(SecretBytes wide);

  // this + other. INVALID_ARGUMENT: the sum is zero.
  absl::StatusOr<SecretScalar> Plus(const Scalar& other) const;
  // 1 / this.
  SecretScalar Inverse() const;
  // nonce - challenge * secret, the response of a Schnorr-like proof. Public:
  // `nonce` must never answer two challenges.
  static Scalar Response(const SecretScalar& nonce, const Scalar& challenge,
                         const SecretScalar& secret);

  // For sealing into a key file.
  const SecretBytes& bytes() const { return bytes_; }

 private:
  explicit SecretScalar(SecretBytes bytes) : bytes_(std::move(bytes)) {}

  SecretBytes bytes_;
};

// A batch of secret scalars in one block of guarded memory (libsodium's guarded
// pages count against LimitMEMLOCK, so never one block per scalar). Each in
// [1, L). Move-only, constant time, thread-safe once made.
class SecretScalars {
 public:
  static SecretScalars Random(std::size_t count);
  // The same scalars for the same 32-byte secret `seed`, `label` and `number`:
  // a batch that was cut off asks the same question again. Scalar i is the
  // 512-bit integer HMAC(seed, label || u32(number) || u32(i) || 00) ||
  // HMAC(... || 01) modulo L (HMAC-SHA256, big-endian numbers).
  // INVALID_ARGUMENT: another length of seed, or a scalar is zero (once in
  // 2^252).
  static absl::StatusOr<SecretScalars> Derive(ByteView seed,
                                              std::string_view label,
                                              std::uint32_t number,
                                              std::size_t count);
  // Takes count * 32 bytes. INVALID_ARGUMENT: another length, or one of them is
  // zero or not below L.
  static absl::StatusOr<SecretScalars> FromBytes(SecretBytes block);

  std::size_t size() const { return block_.size() / Scalar::kSize; }
  const SecretBytes& block() const { return block_; }
  // The inverse of each, by Montgomery's trick: one inversion and three
  // products an element.
  SecretScalars Inverses() const;

 private:
  explicit SecretScalars(SecretBytes block) : block_(std::move(block)) {}

  SecretBytes block_;
};

}  // namespace entente::group
