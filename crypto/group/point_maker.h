#pragma once
// Private to this room: makes a Point from bytes that an operation of the group
// has just written.

#include "crypto/group/point.h"

namespace entente::group {

struct PointMaker {
  static Point Make(const ByteArray<Point::kSize>& bytes) {
    return Point(bytes);
  }
};

}  // namespace entente::group
