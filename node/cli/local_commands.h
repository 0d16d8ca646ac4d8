#pragma once
// The commands that work without a node: keys of people, agreements on paper,
// verification, benchmarks, and making a node.

#include <functional>

#include "node/cli/command.h"
#include "node/cli/remote.h"

namespace entente::cli {

// Adds them to `app`; when one is chosen it puts its work into `run`.
// Everything referred to outlives the parsing.
void AddLocalCommands(Command app, const RemoteOptions& options,
                      std::function<int()>& run);

}  // namespace entente::cli
