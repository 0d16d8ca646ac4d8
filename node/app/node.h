#pragma once
// A running node: the parts wired together, the doors for peers, for people
// and, where it is configured, for the witness over HTTP, and one thread of
// upkeep.

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "node/app/config.h"
#include "node/base/clock.h"
#include "node/rpc/peer.h"

namespace entente::app {

struct NodeOptions {
  std::string data_dir;
  base::Clock* clock = nullptr;  // null: the system's
  rpc::Tap tap;                  // for tests that search what crosses
  bool own_upkeep = true;        // false: the caller calls Tick
  // Not empty: start although too few witnesses answer, for this reason, which
  // becomes an entry. An old copy of the log is then not found out.
  std::string without_witnesses = {};
};

// Start and Stop from one thread.
class Node {
 public:
  // Opens key store and store, answers as a witness, asks its own witnesses
  // whether this copy of the log is the latest, opens the log, loads what is
  // pinned and signed, then opens the doors. Errors say in a plain sentence
  // what is wrong and what to do; a start that fails appends nothing.
  static absl::StatusOr<std::unique_ptr<Node>> Start(NodeOptions options);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // An orderly end: doors first, then the upkeep, then the log.
  void Stop();
  int port() const;
  // One round of the upkeep, where the caller runs it.
  absl::Status Tick();

 private:
  struct Parts;
  explicit Node(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace entente::app
