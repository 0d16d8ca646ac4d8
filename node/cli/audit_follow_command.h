#pragma once
// `entente audit follow`: the log as it grows, at the terminal.

#include "node/cli/command_parts.h"

namespace entente::cli {

void AddAuditFollow(Command app, const Shared& shared);

}  // namespace entente::cli
