#pragma once
// The chunks of an open batch: asked several at once, verified, looked up, kept
// one by one.

#include <absl/status/status.h>

#include <cstdint>
#include <vector>

#include "crypto/oprf/element.h"
#include "node/exchange/acts.h"
#include "node/exchange/batch_plan.h"
#include "node/exchange/desk.h"
#include "node/exchange/tag_sets.h"
#include "node/model/records.h"

namespace entente::exchange {

// Persons of one chunk: 16 x 48 elements are 24 KiB, which is what the
// transport likes.
inline constexpr std::uint32_t kPersonsPerChunk = 16;
// Chunks in flight at once.
inline constexpr std::size_t kChunksInFlight = 4;

// The act of a batch, or of `units` of its persons.
Act BatchAct(const Desk& desk, const policy::Compiled& agreement,
             const model::BatchRecord& record, std::uint32_t units);

// Where the answer to a chunk lies until the batch ends.
Bytes ChunkRow(const Id16& batch, std::uint32_t chunk);
std::uint32_t ChunksOf(std::uint32_t padded);
// When an open batch can no longer be gone on with: its rows go then, whatever
// kept it from its end.
std::int64_t LastUse(const policy::Compiled& agreement,
                     const model::BatchRecord& record);

// What the chunks of one batch share; all of it outlives AskChunks.
struct BatchRun {
  Desk& desk;
  const policy::Compiled& agreement;
  const model::BatchRecord& record;
  const Replica& replica;
  BatchPlan plan;
  Bytes info;
  oprf::PublicKey key;
  std::size_t per_person = 0;
};

// Asks `pending`. A line that breaks is tried twice more; the first failure
// stops the rest and is returned. Answers that came before it are kept.
//   DATA_LOSS            a proof or an answer does not hold
//   PERMISSION_DENIED    refused, by the own side or by the holder
//   UNAVAILABLE and others   the holder could not be reached
absl::Status AskChunks(const BatchRun& run,
                       const std::vector<std::uint32_t>& pending);

}  // namespace entente::exchange
