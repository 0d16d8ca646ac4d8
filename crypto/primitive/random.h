#pragma once
// Random bytes from the operating system. Thread-safe.

#include "crypto/base/bytes.h"

namespace entente::primitive {

void RandomBytes(MutableByteView out);
template <std::size_t N>
ByteArray<N> RandomArray() {
  ByteArray<N> out;
  RandomBytes(out);
  return out;
}

}  // namespace entente::primitive
