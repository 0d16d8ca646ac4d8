#pragma once
// `entente bench NAME`: figures with their reference from the same run.

#include <CLI/CLI.hpp>
#include <functional>

#include "node/cli/remote.h"

namespace entente::cli {

void AddBench(CLI::App& app, const RemoteOptions& options,
              std::function<int()>& run);

}  // namespace entente::cli
