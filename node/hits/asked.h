#pragma once
// Private to this room: a request at the holder, with what it asks for and what
// stands behind it.

#include <absl/status/statusor.h>

#include <string_view>
#include <vector>

#include "node/exchange/acts.h"
#include "node/hits/hits.h"
#include "node/model/statements.h"

namespace entente::hits {

// A request as it stands in the store, with its agreement and the act that it
// asks for.
struct Asked {
  exchange::AgreementRef agreement;
  const policy::Clause* clause = nullptr;
  model::DisclosureRequest request;
  exchange::Act act;
  policy::Facts claimed;
};
// PERMISSION_DENIED with the reason: the words of the request are not those of
// a disclose clause of this pair.
absl::StatusOr<Asked> ReadAsked(Desk& desk, std::string_view from,
                                const model::DisclosureRequest& request);
// The same of a stored one.
absl::StatusOr<Asked> AskedOf(Desk& desk, const model::RequestRecord& record);

// This side's facts: the claims of the asker, this side's state, its reviews
// and its flags. `charged`: the request was counted when it came.
absl::StatusOr<policy::Facts> OwnFacts(
    Desk& desk, store::Reader& reader, const Asked& asked,
    const std::vector<model::ReviewRecord>& reviews, bool charged);

// The entry behind a hit, when it may be disclosed today. NOT_FOUND H02: it is
// gone, it has expired, or its person is protected.
absl::StatusOr<model::ListEntry> EntryOf(Desk& desk, store::Reader& reader,
                                         const Bytes& entry_name);

}  // namespace entente::hits
