#pragma once
// Log entries of the steps before an agreement is in force.

#include <string_view>

#include "node/ledger/event.h"
#include "policy/compiled.h"
#include "policy/event.h"

namespace entente::exchange {

ledger::Event SignEntry(const Hash& hash, const policy::Signer& signer,
                        std::string_view by);
// Of a preparatory event; `own`: this node's party. A signer's entry holds the
// hash of the text that they saw.
ledger::Event DraftEntry(const Hash& hash, const policy::Agreement& agreement,
                         const policy::Event& event, std::string_view own,
                         std::string_view by);
// Nothing is missing any more.
ledger::Event ActiveEntry(const policy::Compiled& agreement, bool wider,
                          std::string_view by);

}  // namespace entente::exchange
