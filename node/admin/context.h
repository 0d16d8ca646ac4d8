#pragma once
// What the handlers of this room work with, borrowed for the node's life.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "node/audit/witness.h"
#include "node/base/mutex.h"
#include "node/exchange/asker.h"
#include "node/exchange/desk.h"
#include "node/exchange/protected.h"
#include "node/upkeep/upkeep.h"

namespace entente::admin {

// Bytes that crossed with one peer, before TLS.
struct PeerTraffic {
  std::uint64_t calls = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

// What the configuration says of this node.
struct NodeFacts {
  std::string name;
  std::string endpoint;
  std::string log_origin;
  std::string witness_name;
  std::string version;
  std::int64_t card_days = 365;
  std::int64_t passenger_hours = 48;       // how long travellers are kept
  std::uint64_t disk_floor = 1ULL << 30U;  // free bytes below it stop the log
};

// People who follow the log, by token: how many more rows the last `log.read`
// covers.
struct Follow {
  std::string person;
  std::uint64_t rows_left = 0;
  std::int64_t used = 0;  // POSIX seconds
};
struct Follows {
  base::Mutex mutex;
  std::map<std::string, Follow> by_token GUARDED_BY(mutex);
};

struct Context {
  exchange::Desk& desk;
  exchange::ProtectedSet& hidden;
  exchange::Asker& asker;
  upkeep::Upkeep& upkeep;
  audit::Witness& witness;
  NodeFacts facts;
  // After a card was added or the own one renewed: roots file, witness, peers.
  std::function<absl::Status()> peers_changed;
  std::function<std::map<std::string, PeerTraffic>()> traffic;
  std::function<std::map<std::string, std::uint64_t>()> refused_connections;
  // True while a file comes in (ImportSlot).
  std::unique_ptr<std::atomic<bool>> importing =
      std::make_unique<std::atomic<bool>>(false);
  // Held while a bundle is written: what is erased must not get into one.
  std::unique_ptr<base::Mutex> exports = std::make_unique<base::Mutex>();
  std::unique_ptr<Follows> follows = std::make_unique<Follows>();
  // Held while a list or the protected set is replaced.
  std::unique_ptr<base::Mutex> lists = std::make_unique<base::Mutex>();
};

}  // namespace entente::admin
