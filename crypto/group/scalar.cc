#include "crypto/group/scalar.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/group/declassify.h"
#include "crypto/group/secret_reader.h"
#include "crypto/primitive/hash.h"

namespace entente::group {
namespace {

constexpr std::size_t kWideSize = 64;

// Reduces 32 bytes modulo L into `out`. All buffers are the caller's to wipe.
void Reduce(ByteView in, ByteArray<kWideSize>& wide, ByteArray<32>& out) {
  wide.fill(0);
  std::copy(in.begin(), in.end(), wide.begin());
  crypto_core_ristretto255_scalar_reduce(out.data(), wide.data());
}

// Below L and not zero. The verdict is public: a key or blind that fails is
// refused and never used.
bool IsSound(ByteView scalar) {
  ByteArray<kWideSize> wide;
  ByteArray<32> reduced;
  const WipeAtEnd wipe_wide(wide);
  const WipeAtEnd wipe_reduced(reduced);
  Reduce(scalar, wide, reduced);
  const bool below = ConstantTimeEqual(scalar, reduced);
  const bool zero = sodium_is_zero(reduced.data(), reduced.size()) == 1;
  int sound = static_cast<int>(below) & static_cast<int>(!zero);
  Declassify(&sound, sizeof(sound));
  return sound == 1;
}

// The verdict is public, as in IsSound.
bool IsZero(const SecretBytes& scalar) {
  const ByteView view = SecretReader::View(scalar);
  int zero = sodium_is_zero(view.data(), view.size());
  Declassify(&zero, sizeof(zero));
  return zero == 1;
}

}  // namespace

absl::StatusOr<Scalar> Scalar::Decode(ByteView bytes) {
  TRY(const auto value, ToArray<kSize>(bytes));
  ByteArray<kWideSize> wide;
  ByteArray<kSize> reduced;
  Reduce(value, wide, reduced);
  if (reduced != value) return Invalid("scalar: not below the group's order");
  return Scalar(value);
}

Scalar Scalar::FromWide(const ByteArray<64>& wide) {
  Scalar out;
  crypto_core_ristretto255_scalar_reduce(out.bytes_.data(), wide.data());
  return out;
}

bool Scalar::IsZero() const { return bytes_ == ByteArray<kSize>{}; }

SecretScalar SecretScalar::Random() {
  for (;;) {
    auto scalar = FromWide(SecretBytes::Random(kWideSize));
    if (scalar.ok()) return *std::move(scalar);
  }
}

absl::StatusOr<SecretScalar> SecretScalar::FromBytes(SecretBytes bytes) {
  if (bytes.size() != Scalar::kSize || !IsSound(SecretReader::View(bytes))) {
    return Invalid("secret scalar: not 32 bytes in range");
  }
  return SecretScalar(std::move(bytes));
}

absl::StatusOr<SecretScalar> SecretScalar::FromWide(SecretBytes wide) {
  if (wide.size() != kWideSize) return Invalid("secret scalar: not 64 bytes");
  SecretBytes out(Scalar::kSize);
  crypto_core_ristretto255_scalar_reduce(SecretReader::MutableView(out).data(),
                                         SecretReader::View(wide).data());
  if (group::IsZero(out)) return Invalid("secret scalar: zero");
  return SecretScalar(std::move(out));
}

absl::StatusOr<SecretScalar> SecretScalar::Plus(const Scalar& other) const {
  SecretBytes out(Scalar::kSize);
  crypto_core_ristretto255_scalar_add(SecretReader::MutableView(out).data(),
                                      SecretReader::View(bytes_).data(),
                                      other.bytes().data());
  if (group::IsZero(out)) return Invalid("secret scalar: the sum is zero");
  return SecretScalar(std::move(out));
}

SecretScalar SecretScalar::Inverse() const {
  SecretBytes out(Scalar::kSize);
  // Fails for zero only, which no SecretScalar is.
  static_cast<void>(crypto_core_ristretto255_scalar_invert(
      SecretReader::MutableView(out).data(),
      SecretReader::View(bytes_).data()));
  return SecretScalar(std::move(out));
}

Scalar SecretScalar::Response(const SecretScalar& nonce,
                              const Scalar& challenge,
                              const SecretScalar& secret) {
  SecretBytes product(Scalar::kSize);
  const MutableByteView view = SecretReader::MutableView(product);
  crypto_core_ristretto255_scalar_mul(view.data(), challenge.bytes().data(),
                                      SecretReader::View(secret.bytes_).data());
  Scalar out;
  crypto_core_ristretto255_scalar_sub(
      out.bytes_.data(), SecretReader::View(nonce.bytes_).data(), view.data());
  Declassify(&out, sizeof(out));  // it is sent: half of a proof
  return out;
}

SecretScalars SecretScalars::Random(std::size_t count) {
  SecretBytes block(count * Scalar::kSize);
  SecretBytes wide(kWideSize);
  const MutableByteView out = SecretReader::MutableView(block);
  const MutableByteView source = SecretReader::MutableView(wide);
  for (std::size_t i = 0; i < count; ++i) {
    const MutableByteView scalar =
        out.subspan(i * Scalar::kSize, Scalar::kSize);
    int zero = 1;
    while (zero == 1) {
      randombytes_buf(source.data(), source.size());
      crypto_core_ristretto255_scalar_reduce(scalar.data(), source.data());
      zero = sodium_is_zero(scalar.data(), scalar.size());
      Declassify(&zero, sizeof(zero));  // says only that it was drawn again
    }
  }
  return SecretScalars(std::move(block));
}

absl::StatusOr<SecretScalars> SecretScalars::Derive(ByteView seed,
                                                    std::string_view label,
                                                    std::uint32_t number,
                                                    std::size_t count) {
  if (seed.size() != 32) return Invalid("a seed of scalars has 32 bytes");
  SecretBytes block(count * Scalar::kSize);
  SecretBytes wide(kWideSize);
  const MutableByteView out = SecretReader::MutableView(block);
  const MutableByteView source = SecretReader::MutableView(wide);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::uint8_t half = 0; half < 2; ++half) {
      ByteArray<9> at;
      for (unsigned b = 0; b < 4; ++b) {
        at[b] = static_cast<std::uint8_t>(number >> (24 - 8 * b));
        at[4 + b] = static_cast<std::uint8_t>(i >> (24 - 8 * b));
      }
      at[8] = half;
      Hash part = primitive::HmacSha256(seed, {AsBytes(label), at});
      std::copy(part.begin(), part.end(),
                source.begin() + half * static_cast<std::ptrdiff_t>(32));
      Wipe(part);
    }
    const MutableByteView scalar =
        out.subspan(i * Scalar::kSize, Scalar::kSize);
    crypto_core_ristretto255_scalar_reduce(scalar.data(), source.data());
    int zero = sodium_is_zero(scalar.data(), scalar.size());
    Declassify(&zero, sizeof(zero));
    if (zero == 1) return Invalid("a derived scalar is zero");
  }
  return SecretScalars(std::move(block));
}

absl::StatusOr<SecretScalars> SecretScalars::FromBytes(SecretBytes block) {
  if (block.size() % Scalar::kSize != 0) {
    return Invalid("secret scalars: not a multiple of 32 bytes");
  }
  const ByteView view = SecretReader::View(block);
  for (std::size_t i = 0; i < view.size(); i += Scalar::kSize) {
    if (!IsSound(view.subspan(i, Scalar::kSize))) {
      return Invalid("secret scalars: one of them is out of range");
    }
  }
  return SecretScalars(std::move(block));
}

SecretScalars SecretScalars::Inverses() const {
  if (size() == 0) return SecretScalars(SecretBytes());
  const auto at = [](auto view, std::size_t i) {
    return view.data() + i * Scalar::kSize;
  };
  // out[i] = s[0] * ... * s[i]; then from the last to the first,
  // 1/s[i] = out[i-1] * running and running = 1/(s[0] * ... * s[i]).
  SecretBytes result(block_.size());
  SecretBytes running_block(Scalar::kSize);
  const ByteView in = SecretReader::View(block_);
  const MutableByteView out = SecretReader::MutableView(result);
  const MutableByteView running = SecretReader::MutableView(running_block);
  std::copy_n(in.begin(), Scalar::kSize, out.begin());
  for (std::size_t i = 1; i < size(); ++i) {
    crypto_core_ristretto255_scalar_mul(at(out, i), at(out, i - 1), at(in, i));
  }
  static_cast<void>(crypto_core_ristretto255_scalar_invert(
      running.data(), at(out, size() - 1)));
  for (std::size_t i = size() - 1; i > 0; --i) {
    crypto_core_ristretto255_scalar_mul(at(out, i), at(out, i - 1),
                                        running.data());
    crypto_core_ristretto255_scalar_mul(running.data(), running.data(),
                                        at(in, i));
  }
  std::copy(running.begin(), running.end(), out.begin());
  return SecretScalars(std::move(result));
}

}  // namespace entente::group
