#pragma once
// Private to this room: how it looks into a secret.

#include "crypto/base/secret.h"

namespace entente::keys {

struct SecretReader {
  static ByteView View(const SecretBytes& s) { return s.Reveal(KeyAccess()); }
};

}  // namespace entente::keys
