#pragma once
// Short forms for this room's tests.

#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/status.h"
#include "crypto/group/point.h"
#include "crypto/group/scalar.h"
#include "crypto/primitive/random.h"

namespace entente::group {

inline Bytes Hex(std::string_view text) {
  auto bytes = FromHex(text);
  CHECK(bytes.ok());
  return *std::move(bytes);
}

inline Point PointOf(std::string_view hex) {
  const auto point = Point::Decode(Hex(hex));
  CHECK(point.ok());
  return *point;
}

inline Scalar SmallScalar(std::uint8_t value) {
  ByteArray<32> bytes{};
  bytes[0] = value;
  const auto scalar = Scalar::Decode(bytes);
  CHECK(scalar.ok());
  return *scalar;
}

inline Scalar RandomScalar() {
  return Scalar::FromWide(primitive::RandomArray<64>());
}

// The order minus one.
inline Scalar MinusOne() {
  const auto scalar = Scalar::Decode(
      Hex("ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"));
  CHECK(scalar.ok());
  return *scalar;
}

}  // namespace entente::group
