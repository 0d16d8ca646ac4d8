#pragma once
// `entente audit reconcile`, and the days that differ still.

#include "node/admin/handlers.h"

namespace entente::admin {

absl::StatusOr<Reply> AuditReconcile(Context& context, Request& request);
// Into the array `alarms` of a status.
absl::Status AddDayAlarms(Context& context, Reply& reply);

}  // namespace entente::admin
