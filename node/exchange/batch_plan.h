#pragma once
// What a batch asks, element by element: derived from the batch's seed and its
// travellers, so that a node that was killed in the middle asks the very same
// question again.

#include <absl/status/statusor.h>

#include <cstdint>
#include <vector>

#include "crypto/oprf/client.h"
#include "node/match/recipe.h"
#include "node/model/person.h"
#include "node/model/records.h"

namespace entente::exchange {

// One element: whose it is. `person` is the place in the batch; fillers of the
// size class and dummies have no person behind.
struct Place {
  std::uint32_t person = 0;
  std::uint8_t rule = 0;  // 0: a dummy
};

struct BatchPlan {
  std::vector<Bytes>
      inputs;  // match keys in the shuffled order; wiped by the destructor
  std::vector<Place> places;  // the same order
  BatchPlan() = default;
  BatchPlan(BatchPlan&&) = default;
  BatchPlan& operator=(BatchPlan&&) = default;
  ~BatchPlan();
};

// `persons`: the travellers in the order of the record; nullptr where dummies
// stand in. `padded`: the size class. Keys are shuffled across all persons,
// dummies included, in an order that the seed gives.
BatchPlan MakePlan(const std::vector<const model::Person*>& persons,
                   std::uint32_t padded, match::Set set, ByteView seed);

// The blinds of one chunk, from the batch's seed. A batch is asked of one peer
// only, so no blind serves twice.
absl::StatusOr<group::SecretScalars> ChunkBlinds(ByteView seed,
                                                 std::uint32_t chunk,
                                                 std::size_t count);

}  // namespace entente::exchange
