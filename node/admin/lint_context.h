#pragma once
// What this node knows around a document, for lint: the version before, the
// other agreements it holds, how much each clause was used, its own lists.

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <vector>

#include "node/admin/request.h"
#include "node/exchange/desk.h"
#include "policy/lint.h"

namespace entente::admin {

// Every finding about `agreement` with the node's own surroundings; one entry
// `log.read` when acts of the log were counted.
//
// Use is counted in the entries of the last 90 days of clauses of the same id,
// under any version: travellers of screenings, dummies included, else requests.
// An agreement that has not been in force for 90 days says nothing about use,
// so 304 is not tested then.
absl::StatusOr<policy::Findings> LintHere(exchange::Desk& desk,
                                          const policy::Agreement& agreement,
                                          const std::string& by);

// The findings for a program and for a person; `name` stands for the document.
Json FindingsJson(const policy::Findings& findings);
std::string FindingsText(const policy::Findings& findings,
                         std::string_view name);

}  // namespace entente::admin
