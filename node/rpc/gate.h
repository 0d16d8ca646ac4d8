#pragma once
// The accept loop in front of gRPC. A stock gRPC server never accepts again
// after a flood that exhausts its descriptors (platform.md 3.1); here a
// connection over the caps is reset before gRPC or TLS hears of it.

#include <absl/status/statusor.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "node/rpc/connection_table.h"

namespace entente::rpc {

struct GateLimits {
  std::size_t connections = 0;
  std::size_t per_address = 0;
};

struct GateCounts {
  std::uint64_t accepted = 0;
  std::uint64_t open = 0;
  std::uint64_t connection_cap = 0;         // refused: too many
  std::uint64_t address_cap = 0;            // refused: too many of one address
  std::uint64_t foreign_user = 0;           // refused: Unix socket, other user
  std::uint64_t descriptors_exhausted = 0;  // waited for a descriptor
};

// Owns the listening socket and one thread. Thread-safe, but Open and Close are
// for the owner.
class Gate {
 public:
  // `listen`: numeric address and port. An address is an IPv4 address or an
  // IPv6 /64.
  //   INVALID_ARGUMENT  not numeric
  //   UNAVAILABLE       cannot be bound
  static absl::StatusOr<std::unique_ptr<Gate>> ListenTcp(
      std::string_view listen, GateLimits limits);
  // `path`: as AdminServerOptions::socket, with its errors. Lets in only the
  // user of this process.
  static absl::StatusOr<std::unique_ptr<Gate>> ListenUnix(
      const std::string& path, GateLimits limits);

  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate();

  // Starts to accept; `take` owns each descriptor from the call on.
  using Take = std::function<void(int listener, int fd)>;
  void Open(Take take);
  // Accepts no more. After it `take` is not called.
  void Close();

  int port() const { return port_; }
  GateCounts counts() const;

 private:
  enum class Kind { kTcp, kUnix };
  Gate(Kind kind, int listener, GateLimits limits);
  void Run();
  void AcceptAll(ConnectionTable& table);
  void Receive(ConnectionTable& table, int fd, const std::string& address);
  bool ForeignUser(int fd) const;

  const Kind kind_;
  int listener_;
  const GateLimits limits_;
  int wake_ = -1;  // eventfd: Close writes, the thread ends
  int port_ = 0;
  std::string path_;  // Unix: removed at the end
  Take take_;
  std::jthread thread_;

  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> open_{0};
  std::atomic<std::uint64_t> connection_cap_{0};
  std::atomic<std::uint64_t> address_cap_{0};
  std::atomic<std::uint64_t> foreign_user_{0};
  std::atomic<std::uint64_t> descriptors_exhausted_{0};
};

}  // namespace entente::rpc
