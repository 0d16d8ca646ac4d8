#pragma once
// The terminal's end of the local door.

#include <absl/status/statusor.h>

#include <chrono>
#include <memory>
#include <string>

#include "node/rpc/admin.h"

namespace entente::rpc {

// Thread-safe.
class AdminClient {
 public:
  // Opens nothing yet. INVALID_ARGUMENT: as for AdminServerOptions::socket.
  static absl::StatusOr<std::unique_ptr<AdminClient>> Create(
      std::string socket);

  AdminClient(const AdminClient&) = delete;
  AdminClient& operator=(const AdminClient&) = delete;
  ~AdminClient();

  // An error of the node comes back whole: code, message, reason id, next step.
  // What our side finds:
  //   INVALID_ARGUMENT    a deadline that is not above zero, or a command over
  //                       kMaxMessageBytes (`message-too-large`)
  //   UNAVAILABLE         `node-unreachable`: the node does not answer there
  //   DEADLINE_EXCEEDED   `node-timeout`
  absl::StatusOr<AdminReply> Execute(const AdminCall& call,
                                     std::chrono::milliseconds deadline);

  // Sends the command, then the pieces of `source` until its end or until the
  // node has enough. An error of `source` gives up the import and is returned.
  absl::StatusOr<AdminReply> Import(const AdminCall& call,
                                    const ChunkSource& source,
                                    std::chrono::milliseconds deadline);

 private:
  class Impl;
  explicit AdminClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace entente::rpc
