#pragma once
// Private to this room: how its functions look into a secret.

#include "crypto/base/secret.h"

namespace entente::oprf {

struct SecretReader {
  static ByteView View(const SecretBytes& s) { return s.Reveal(KeyAccess()); }
  static MutableByteView MutableView(SecretBytes& s) {
    return s.RevealMutable(KeyAccess());
  }
};

}  // namespace entente::oprf
