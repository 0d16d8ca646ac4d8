#pragma once
// The one place of this room that sees the database's raw key.

#include "crypto/base/secret.h"

namespace entente::store {

struct SecretReader {
  static ByteView View(const SecretBytes& s) { return s.Reveal(KeyAccess()); }
};

}  // namespace entente::store
