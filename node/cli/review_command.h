#pragma once
// `entente audit review`: a report of the log's half year, signed with a
// personal key; and its check, off line.

#include <CLI/CLI.hpp>
#include <functional>

#include "node/cli/remote.h"

namespace entente::cli {

void AddReview(CLI::App& audit, const RemoteOptions& options,
               std::function<int()>& run);

}  // namespace entente::cli
