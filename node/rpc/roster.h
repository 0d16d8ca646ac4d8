#pragma once
// Who may connect: the seam to the trust store.

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::rpc {

// Answers for every handshake and again for every call, so that a suspension
// bites at once on open connections. Implementations are thread-safe and quick:
// gRPC's own threads wait for them.
class Roster {
 public:
  virtual ~Roster() = default;

  // The party that is known by this name and this key, both.
  //
  // `uri`: the one URI of the certificate, such as `entente://party/QVA`.
  // `spki`: SHA-256 over its DER SubjectPublicKeyInfo (keys::SpkiPinOfPem).
  // Returns the party's code. Any error refuses; its reason id, when there is
  // one, is only the name under which the refusal is counted. The peer is told
  // `party-not-admitted` whatever the cause.
  virtual absl::StatusOr<std::string> Admits(std::string_view uri,
                                             const Hash& spki) const = 0;
};

}  // namespace entente::rpc
