#pragma once
// Private to this room: what people and peers add to a draft. Everything that
// one call brings is taken, or nothing.

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "node/exchange/draft_table.h"
#include "node/ledger/event.h"

namespace entente::exchange {

inline constexpr std::size_t kMostDraftEvents = 256;

struct Taking {
  Desk& desk;
  std::string by;    // the person; empty: from a peer
  bool own = false;  // given here by a person of this state
  OpenedDraft draft;
  std::vector<ledger::Event> log;
  bool changed = false;
};

absl::Status TakeEvents(Taking& taking, const std::vector<Bytes>& events);
absl::Status TakeSignatures(Taking& taking, ByteView envelope);
// Keeps what was taken. True: nothing is missing any more, and the agreement is
// held from now on.
absl::StatusOr<bool> Settle(Taking& taking);

}  // namespace entente::exchange
