#pragma once
// How what was disclosed to this node stands now. Policy decides (`retain`,
// agreements.md 5, step 6), under the version of receipt and the one in force;
// this file brings it the facts.

#include <absl/status/statusor.h>

#include <optional>

#include "node/hits/hits.h"
#include "node/store/store.h"

namespace entente::hits {

struct Standing {
  model::DisclosedItem item;
  model::HitRecord hit;
  std::optional<model::CaseRecord> open_case;  // one that two people opened
  exchange::AgreementRef received;  // nullptr: no longer held; then it rests
  exchange::AgreementRef present;   // the version in force, or `received`
  std::string clause;
  policy::State state = policy::State::kActive;
  policy::Decision decision;

  bool Over() const;  // to be deleted now
};

// nullopt: nothing is kept for this hit.
absl::StatusOr<std::optional<Standing>> StandingOf(Desk& desk,
                                                   store::Reader& reader,
                                                   const Id16& hit);

// Until when the row may stay at most: the told date, or with an open case the
// clause's `retain_days_case`.
std::int64_t LatestDue(const Standing& standing, bool with_case);

// Ids of the hits for which something was disclosed here under any version of
// the agreement: sorted. `kept`: only those of which something is still here.
absl::StatusOr<std::vector<Id16>> DisclosedUnder(Desk& desk,
                                                 store::Reader& reader,
                                                 std::string_view agreement_id,
                                                 bool kept);

}  // namespace entente::hits
