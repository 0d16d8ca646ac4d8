#pragma once
// Private to this room: how its functions look into the key of an entry or of
// a segment.

#include "crypto/base/secret.h"

namespace entente::ledger {

struct SecretReader {
  static ByteView View(const SecretBytes& s) { return s.Reveal(KeyAccess()); }
};

}  // namespace entente::ledger
