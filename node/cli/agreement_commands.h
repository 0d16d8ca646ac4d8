#pragma once
// Commands that compare agreements on paper: `agreement diff` says what a new
// version allows and forbids, `agreement overlaps` where two agreements answer
// the same request. They read documents and envelopes, and no node.

#include <absl/status/statusor.h>

#include <functional>
#include <string>

#include "node/cli/command.h"
#include "node/cli/remote.h"
#include "policy/agreement.h"

namespace entente::cli {

// The agreement in a file: the document, or an envelope around it (signatures
// are not looked at).
// PERMISSION_DENIED, with the first code as the reason: it cannot be loaded;
// every load error was printed to stderr.
absl::StatusOr<policy::Agreement> ReadAgreement(const std::string& path);

// As AddLocalCommands.
void AddAgreementComparisons(Command app, const RemoteOptions& options,
                             std::function<int()>& run);

}  // namespace entente::cli
