#pragma once
// The commands about the audit log that work without a node.

#include <functional>

#include "node/cli/command.h"
#include "node/cli/remote.h"

namespace entente::cli {

// Adds them to `app`; when one is chosen it puts its work into `run`.
// Everything referred to outlives the parsing.
void AddAuditCommands(Command app, const RemoteOptions& options,
                      std::function<int()>& run);

}  // namespace entente::cli
