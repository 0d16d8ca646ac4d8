#pragma once
// The door for other nodes: gRPC over mutual TLS 1.3 behind our own accept
// loop, which survives a flood of connections (platform.md 3.1). A caller is a
// party of the roster, by certificate name and key pin, looked up on every
// call.

#include <absl/status/statusor.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "node/rpc/peer.h"
#include "node/rpc/roster.h"

namespace entente::rpc {

struct PeerServerOptions {
  std::string listen;  // numeric: `127.0.0.1:7101`, `[::1]:7101`; port 0: any
  TlsFiles tls;
  const Roster* roster = nullptr;  // outlives the server
  PeerHandler handler;
  Tap tap;  // empty: none

  std::size_t workers = 4;  // calls served at once
  std::size_t queue = 64;   // calls waiting; the next is refused at once
  std::size_t calls_per_party = 32;  // waiting or served
  // Descriptors are shared with the store: the server takes at most half of the
  // process's limit, whatever this says.
  std::size_t connections = 512;
  std::size_t connections_per_address = 64;

  std::chrono::milliseconds handshake_timeout{3'000};
  std::chrono::milliseconds connection_idle{600'000};
  std::chrono::milliseconds connection_age{3'600'000};
  std::chrono::milliseconds connection_age_grace{30'000};
};

struct PeerServerCounts {
  std::uint64_t accepted = 0;  // connections handed to TLS
  std::uint64_t open = 0;      // of them, not yet closed
  // Handshakes that got as far as a verified certificate. What was accepted,
  // is closed and never got there had none: no TLS 1.3, a foreign or expired
  // certificate, or nothing at all.
  std::uint64_t decided = 0;
  // Connections and calls refused, by cause: a reason id of error.proto, or the
  // roster's own for a handshake that it refused. Certificates that fail before
  // the roster is asked (unknown, expired, absent) are not here.
  std::map<std::string, std::uint64_t> refused;
  std::map<std::string, Traffic> traffic;  // by party
};

// Thread-safe.
class PeerServer {
 public:
  // Listens and serves. Errors, by code:
  //   INVALID_ARGUMENT     `listen` is not a numeric address and port, or an
  //                        option is empty or zero
  //   FAILED_PRECONDITION  a TLS file is missing, unreadable or not PEM
  //   UNAVAILABLE          the address cannot be bound
  static absl::StatusOr<std::unique_ptr<PeerServer>> Start(
      PeerServerOptions options);

  PeerServer(const PeerServer&) = delete;
  PeerServer& operator=(const PeerServer&) = delete;
  ~PeerServer();  // stops

  // Accepts no more, gives open calls five seconds, then cancels them and waits
  // for the handlers. May be called twice, by one thread at a time.
  void Stop();

  int port() const;
  PeerServerCounts counts() const;

 private:
  class Impl;
  explicit PeerServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace entente::rpc
