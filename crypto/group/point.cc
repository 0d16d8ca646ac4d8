#include "crypto/group/point.h"

#include <sodium.h>

#include "crypto/base/status.h"

namespace entente::group {
namespace {

// RFC 9496, A.1: the multiple 1 of the generator.
constexpr ByteArray<32> kGenerator = {
    0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9,
    0x61, 0xc5, 0x00, 0x51, 0x5f, 0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82,
    0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76};

constexpr std::uint8_t kBit255 = 0x80;

}  // namespace

Point::Point() : bytes_(kGenerator) {}

absl::StatusOr<Point> Point::Decode(ByteView bytes) {
  TRY(const auto encoding, ToArray<kSize>(bytes));
  // libsodium 1.0.18 masks this bit instead of refusing it.
  if ((encoding[31] & kBit255) != 0) {
    return Invalid("group element: bit 255 is set");
  }
  if (encoding == ByteArray<kSize>{}) {
    return Invalid("group element: the identity");
  }
  if (crypto_core_ristretto255_is_valid_point(encoding.data()) != 1) {
    return Invalid("group element: not a canonical ristretto255 encoding");
  }
  return Point(encoding);
}

}  // namespace entente::group
