#pragma once
// `entente audit erase`: the officer signs for it at the terminal, with the
// personal key, before the node hears of it.

#include "node/cli/command_parts.h"

namespace entente::cli {

void AddAuditErase(Command app, const Shared& shared);

}  // namespace entente::cli
