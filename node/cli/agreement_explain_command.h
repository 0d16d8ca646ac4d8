#pragma once
// `entente agreement explain`: why an act is or would be decided as it is.

#include "node/cli/command_parts.h"

namespace entente::cli {

void AddAgreementExplain(Command app, const Shared& shared);

}  // namespace entente::cli
