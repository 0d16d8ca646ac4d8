#include "crypto/primitive/random.h"

#include <sodium.h>

#include "crypto/base/secret.h"

namespace entente::primitive {

void RandomBytes(MutableByteView out) {
  EnsureSodium();
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

}  // namespace entente::primitive
