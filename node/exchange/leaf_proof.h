#pragma once
// A side shows that its log holds an entry whose leaf hash it gave in a signed
// statement (audit.md 8, ProveLeaf). Nothing of the entry is shown.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string_view>

#include "node/exchange/desk.h"

namespace entente::exchange {

struct LeafShown {
  std::uint64_t index = 0;
  std::uint64_t size = 0;  // of the head under which it was proved
};

// Asks `peer` for the proof of `leaf` in its log and checks it: the path, the
// head's signature by the log of its card, and the head against those that are
// held of it (sightings).
//   NOT_FOUND `leaf-unknown`      its log does not hold the entry
//   NOT_FOUND `leaf-unpublished`  not yet under a published head
//   DATA_LOSS `answer-misplaced`  what it showed proves nothing
absl::StatusOr<LeafShown> AskLeafProof(Desk& desk, std::string_view peer,
                                       const Hash& leaf);
// Only entries whose hash crossed to another node are found.
absl::StatusOr<model::SignedStatement> AnswerLeafProof(
    Desk& desk, std::string_view from, const model::SignedStatement& in);

}  // namespace entente::exchange
