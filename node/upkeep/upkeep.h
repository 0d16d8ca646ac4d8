#pragma once
// What the node does by itself, round after round: status statements, ended
// epoch keys, deliveries, retention, checkpoints and their witnesses. Each job
// fails alone and is tried again the next round.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "node/exchange/desk.h"

namespace entente::upkeep {

// Not thread-safe: one thread runs it.
class Upkeep {
 public:
  explicit Upkeep(exchange::Desk& desk) : desk_(desk) {}

  // Runs what is due at `now` (POSIX seconds). Returns the first failure, after
  // all jobs had their turn.
  absl::Status Tick(std::int64_t now);

  // Pads, publishes and asks every witness for its cosignature.
  absl::Status PublishAndWitness();

 private:
  absl::Status Statuses();
  // The heads of all known logs, compared with every pinned peer.
  absl::Status Heads();
  absl::Status AskWitness(const std::string& witness);

  exchange::Desk& desk_;
  std::int64_t next_tick_ = 0;
  std::int64_t next_hourly_ = 0;
  std::int64_t next_daily_ = 0;
};

// Retention of the log (audit.md, 9.4): bodies past their class go, with one
// `log.expire` for each class and part, and the store's files are scrubbed;
// returns how many bodies went.
absl::StatusOr<std::uint64_t> ExpireLog(exchange::Desk& desk);

// Erases every row whose term has ended, with one entry per kind of data;
// returns how many rows went.
absl::StatusOr<std::size_t> Expire(exchange::Desk& desk);

}  // namespace entente::upkeep
