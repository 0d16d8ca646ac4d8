#pragma once
// A signature that counts for nothing because its key is on no card: said so,
// with what to do about it.

#include <absl/status/status.h>

#include <string_view>

#include "crypto/base/bytes.h"
#include "policy/envelope.h"

namespace entente::exchange {

// `refused` again; when it is an AG-501 and no signature of `envelope` is of a
// key of `trusted`, it says that the key is not on the node card of `party`.
// For what people of this node give: a peer is told `refused` as it is.
absl::Status OfUnknownKey(absl::Status refused, ByteView envelope,
                          const policy::Signers& trusted,
                          std::string_view party);

}  // namespace entente::exchange
