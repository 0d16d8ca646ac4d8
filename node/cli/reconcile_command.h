#pragma once
// `entente audit reconcile`: at the node with a peer, or off line on two files.

#include <functional>

#include "node/cli/command.h"
#include "node/cli/remote.h"

namespace entente::cli {

// Adds it below `audit`. Everything referred to outlives the parsing.
void AddReconcile(Command audit, const RemoteOptions& options,
                  std::function<int()>& run);

}  // namespace entente::cli
