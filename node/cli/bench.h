#pragma once
// `entente bench NAME`: figures with their reference from the same run.

#include <functional>

#include "node/cli/command.h"
#include "node/cli/remote.h"

namespace entente::cli {

void AddBench(Command app, const RemoteOptions& options,
              std::function<int()>& run);

}  // namespace entente::cli
