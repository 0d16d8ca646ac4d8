#pragma once
// `entente agreement lint`: everything that is wrong with a document, or worth
// a second look, with line, column, sentence and next step.

#include "node/cli/command_parts.h"

namespace entente::cli {

void AddAgreementLint(Command app, const Shared& shared);

}  // namespace entente::cli
