#include "crypto/group/batch.h"

#include <sodium.h>

#include "crypto/base/status.h"
#include "crypto/group/declassify.h"
#include "crypto/group/hash_to.h"
#include "crypto/group/point_maker.h"
#include "crypto/group/secret_reader.h"

namespace entente::group {
namespace {

// out = scalar * in. libsodium refuses an identity, which a scalar in [1, L)
// and a Point never give; its verdict says nothing more and is public.
absl::Status MultiplyOne(const std::uint8_t* scalar, const Point& in,
                         Point& out) {
  ByteArray<Point::kSize> bytes;
  int verdict =
      crypto_scalarmult_ristretto255(bytes.data(), scalar, in.bytes().data());
  Declassify(&verdict, sizeof(verdict));
  if (verdict != 0) return Internal("group: a product has no encoding");
  out = PointMaker::Make(bytes);
  return absl::OkStatus();
}

}  // namespace

absl::Status MultiplyAll(const SecretScalar& scalar, std::span<const Point> in,
                         std::span<Point> out) {
  CHECK(in.size() == out.size());
  const ByteView view = SecretReader::View(scalar.bytes());
  for (std::size_t i = 0; i < in.size(); ++i) {
    TRY_OK(MultiplyOne(view.data(), in[i], out[i]));
  }
  return absl::OkStatus();
}

absl::Status MultiplyEach(const SecretScalars& scalars,
                          std::span<const Point> in, std::span<Point> out) {
  CHECK(in.size() == out.size() && in.size() == scalars.size());
  const ByteView view = SecretReader::View(scalars.block());
  for (std::size_t i = 0; i < in.size(); ++i) {
    TRY_OK(MultiplyOne(view.data() + i * Scalar::kSize, in[i], out[i]));
  }
  return absl::OkStatus();
}

absl::Status HashAll(std::span<const ByteView> inputs, ByteView dst,
                     std::span<Point> out) {
  CHECK(inputs.size() == out.size());
  ByteArray<64> uniform;
  ByteArray<Point::kSize> bytes;
  const WipeAtEnd wipe_uniform(uniform);
  const WipeAtEnd wipe_bytes(bytes);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    ExpandMessage({inputs[i]}, dst, uniform);
    crypto_core_ristretto255_from_hash(bytes.data(), uniform.data());
    int identity = sodium_is_zero(bytes.data(), bytes.size());
    Declassify(&identity, sizeof(identity));  // once in 2^252
    if (identity == 1) return Invalid("group: an input hashes to the identity");
    out[i] = PointMaker::Make(bytes);
  }
  return absl::OkStatus();
}

Point MultiplyBase(const SecretScalar& scalar) {
  ByteArray<Point::kSize> bytes;
  int verdict = crypto_scalarmult_ristretto255_base(
      bytes.data(), SecretReader::View(scalar.bytes()).data());
  Declassify(&verdict, sizeof(verdict));  // as in MultiplyOne
  CHECK(verdict == 0);
  return PointMaker::Make(bytes);
}

absl::StatusOr<Point> MultiplyBase(const Scalar& scalar) {
  ByteArray<Point::kSize> bytes;
  if (crypto_scalarmult_ristretto255_base(bytes.data(),
                                          scalar.bytes().data()) != 0) {
    return Invalid("group: the product is the identity");
  }
  return PointMaker::Make(bytes);
}

absl::StatusOr<Point> Add(const Point& a, const Point& b) {
  ByteArray<Point::kSize> bytes;
  CHECK(crypto_core_ristretto255_add(bytes.data(), a.bytes().data(),
                                     b.bytes().data()) == 0);
  if (bytes == ByteArray<Point::kSize>{}) {
    return Invalid("group: the sum is the identity");
  }
  return PointMaker::Make(bytes);
}

}  // namespace entente::group
