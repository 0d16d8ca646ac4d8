#pragma once
// An element of ristretto255, valid by construction.

#include <absl/status/statusor.h>

#include <cstddef>

#include "crypto/base/bytes.h"

namespace entente::group {

// 32 canonical bytes of a ristretto255 element that is not the identity. Plain
// public data; equality is equality of elements. A default Point is the
// generator, so that arrays can be made before they are filled.
// Source: RFC 9496, 4.3.
class Point {
 public:
  static constexpr std::size_t kSize = 32;

  Point();

  // INVALID_ARGUMENT: not 32 bytes, bit 255 set, not canonical, negative, off
  // the group, or the identity. libsodium 1.0.18 lets bit 255 pass; we do not.
  static absl::StatusOr<Point> Decode(ByteView bytes);

  const ByteArray<kSize>& bytes() const { return bytes_; }

  friend bool operator==(const Point&, const Point&) = default;

 private:
  friend struct PointMaker;  // this room's operations, whose results are valid
  explicit Point(const ByteArray<kSize>& bytes) : bytes_(bytes) {}

  ByteArray<kSize> bytes_;
};

}  // namespace entente::group
