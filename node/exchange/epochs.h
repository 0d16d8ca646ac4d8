#pragma once
// Epochs: the life of one OPRF key per agreement. Numbered from 1 at the
// agreement's start, so both sides know which one is now without asking. The
// holder makes, announces and destroys its keys; the asker keeps the first
// announced key of an epoch and refuses another.

#include <absl/status/statusor.h>

#include "node/exchange/desk.h"
#include "node/model/records.h"

namespace entente::exchange {

struct EpochSpan {
  std::uint64_t epoch = 0;
  std::int64_t from = 0;
  std::int64_t until = 0;
  std::int64_t destroy_after = 0;  // until + grace
};

// The epoch of `now`. NOT_FOUND: the agreement has not begun.
absl::StatusOr<EpochSpan> EpochAt(const policy::Compiled& agreement,
                                  std::int64_t now);
EpochSpan EpochNumber(const policy::Compiled& agreement, std::uint64_t epoch);
// True while batches of `epoch` may begin or finish.
bool EpochUsable(const policy::Compiled& agreement, std::uint64_t epoch,
                 std::int64_t now);

// The holder's key of the current epoch, made, logged and stored if there is
// none yet.
absl::StatusOr<model::EpochRecord> EnsureOwnEpoch(
    Desk& desk, const policy::Compiled& agreement, std::string_view peer);

// The holder's answer to EpochAsk.
absl::StatusOr<model::SignedStatement> AnswerEpochAsk(
    Desk& desk, std::string_view from, const model::SignedStatement& in);

// The asker's side: the holder's announced key, from the store or asked for.
// DATA_LOSS `epoch-key-changed`: the holder announced another key for an epoch
// before.
absl::StatusOr<model::EpochRecord> PeerEpoch(Desk& desk,
                                             const policy::Compiled& agreement,
                                             std::string_view holder);

// What the holder announced for `epoch`, without asking anybody. NOT_FOUND.
absl::StatusOr<model::EpochRecord> KnownPeerEpoch(
    Desk& desk, const policy::Compiled& agreement, std::string_view holder,
    std::uint64_t epoch);

// Destroys own keys whose epoch and grace are over; returns how many. Logged
// one by one with the certificate's hash.
absl::StatusOr<std::size_t> DestroyEndedEpochs(Desk& desk);

}  // namespace entente::exchange
