#pragma once
// `audit check --full`, private to the room.

#include <absl/status/status.h>

#include "node/admin/context.h"
#include "node/admin/request.h"

namespace entente::admin {

// Runs the log's self-check, verifies every erasure's signature against the
// people registered here, notes `log.verify`, and adds to `reply` what was
// erased and on whose word.
//   PERMISSION_DENIED   `role`: neither data protection officer nor auditor
//   DATA_LOSS           `log-broken`: what is stored is not what was signed
absl::Status FullCheck(Context& context, const Request& request, Reply& reply);

}  // namespace entente::admin
