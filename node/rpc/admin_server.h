#pragma once
// The local door: a Unix socket that only the node's own user can reach. There
// is no TCP form of it.

#include <absl/status/statusor.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "node/rpc/admin.h"

namespace entente::rpc {

struct AdminServerOptions {
  // Absolute path of the socket (mode 0600). Its folder is made with mode 0700
  // when absent, and refused when others may enter it.
  std::string socket;
  AdminHandler execute;
  ImportHandler import;

  std::size_t workers = 2;  // commands served at once
  std::size_t queue = 16;   // commands waiting; the next is refused at once
  std::size_t connections = 32;
  std::chrono::milliseconds import_patience{30'000};  // between two pieces
};

// Thread-safe.
class AdminServer {
 public:
  // Errors, by code:
  //   INVALID_ARGUMENT     an option is empty or zero; the path is not absolute
  //                        or too long for a socket (107 bytes)
  //   FAILED_PRECONDITION  the folder belongs to another user or is open to
  //                        others; something that is no socket has the name
  //   ALREADY_EXISTS       another process serves this socket
  //   UNAVAILABLE          the socket cannot be made
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(
      AdminServerOptions options);

  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;
  ~AdminServer();  // stops

  // As PeerServer::Stop. Removes the socket.
  void Stop();

  // Connections and calls refused, by reason id of error.proto.
  std::map<std::string, std::uint64_t> refused() const;

 private:
  class Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace entente::rpc
