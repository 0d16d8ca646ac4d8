#pragma once
// `entente audit review`: a report of the log's half year, signed with a
// personal key; and its check, off line.

#include <functional>

#include "node/cli/command.h"
#include "node/cli/remote.h"

namespace entente::cli {

void AddReview(Command audit, const RemoteOptions& options,
               std::function<int()>& run);

}  // namespace entente::cli
