#pragma once
// `entente agreement test-pack`: makes the files of a rehearsal, and checks
// what was found in them.

#include "node/cli/command_parts.h"

namespace entente::cli {

void AddAgreementTestPack(Command app, const Shared& shared);

}  // namespace entente::cli
