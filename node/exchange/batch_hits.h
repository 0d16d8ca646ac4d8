#pragma once
// What a batch found, as hits and their entries.

#include <cstdint>
#include <vector>

#include "node/exchange/desk.h"
#include "node/ledger/event.h"
#include "node/model/records.h"

namespace entente::exchange {

// By (person, row handle), where the rules together say hit or possible;
// nothing else is visible.
std::vector<model::HitRecord> HitsOf(const policy::Compiled& agreement,
                                     const model::BatchRecord& record,
                                     const std::vector<model::FoundTag>& found,
                                     std::int64_t now);

ledger::Event HitEvent(const Desk& desk, const policy::Compiled& agreement,
                       const model::BatchRecord& record,
                       const model::HitRecord& hit);

// Adds one entry a hit to the job, found again by the tags of its traveller.
absl::Status AddHits(Desk& desk, const policy::Compiled& agreement,
                     const model::BatchRecord& record,
                     const std::vector<model::HitRecord>& hits,
                     audit::Job& job);

}  // namespace entente::exchange
