#pragma once
// What a peer may call, and which room answers. The doors stand above: they
// bring the party that the certificate proved.

#include <absl/status/statusor.h>

#include <string_view>

#include "node/audit/witness.h"
#include "node/exchange/desk.h"
#include "node/exchange/holder.h"
#include "node/exchange/protected.h"
#include "node/model/statements.h"

namespace entente::wire {

// Thread-safe; borrows what it is given.
class PeerRoutes {
 public:
  PeerRoutes(exchange::Desk& desk, exchange::ProtectedSet& hidden,
             audit::Witness& witness)
      : desk_(desk), hidden_(hidden), witness_(witness), holder_(desk) {}

  // UNIMPLEMENTED: no such method. Other errors carry the reason id that the
  // peer is told.
  absl::StatusOr<model::SignedStatement> Serve(
      std::string_view party, std::string_view method,
      const model::SignedStatement& in);

 private:
  absl::StatusOr<model::SignedStatement> ServeWitness(
      const model::SignedStatement& in);
  exchange::Desk& desk_;
  exchange::ProtectedSet& hidden_;
  audit::Witness& witness_;
  exchange::Holder holder_;
};

}  // namespace entente::wire
