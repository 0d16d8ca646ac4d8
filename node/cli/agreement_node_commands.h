#pragma once
// Steps of an agreement's life that a person takes at the node with their own
// key: opinion, proposal, signature, rejection, stop, resume, notice. The node
// says what comes next in the party's chain of events; the terminal writes and
// signs it, and the node takes it.

#include "node/cli/command_parts.h"

namespace entente::cli {

void AddAgreementNodeCommands(Command app, const Shared& shared);

}  // namespace entente::cli
