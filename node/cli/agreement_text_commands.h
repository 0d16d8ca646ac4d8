#pragma once
// What people read of an agreement and begin it from, without a node: `entente
// agreement show | new | templates | format | fingerprint | matrix | lint`.

#include "node/cli/command_parts.h"

namespace entente::cli {

void AddAgreementTextCommands(Command app, const Shared& shared);

}  // namespace entente::cli
