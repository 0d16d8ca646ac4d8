#pragma once
// The way to one other node: one channel over mutual TLS 1.3, used by one party
// towards one party.

#include <absl/status/statusor.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "node/rpc/peer.h"
#include "node/rpc/roster.h"

namespace entente::rpc {

struct PeerClientOptions {
  std::string target;  // of the node card: `host:port`
  TlsFiles tls;
  const Roster* roster = nullptr;  // outlives the client
  std::string party;               // who must answer there
  Tap tap;                         // empty: none
};

// Thread-safe; calls may run side by side.
class PeerClient {
 public:
  // Opens nothing yet. Errors, by code:
  //   INVALID_ARGUMENT     `target` is not `host:port`, or an option is empty
  //   FAILED_PRECONDITION  a TLS file is missing, unreadable or not PEM
  static absl::StatusOr<std::unique_ptr<PeerClient>> Create(
      PeerClientOptions options);

  PeerClient(const PeerClient&) = delete;
  PeerClient& operator=(const PeerClient&) = delete;
  ~PeerClient();

  // Sends one statement and waits for the answer, which is as unverified as any
  // bytes from outside. Never retried here: the caller knows what is safe to
  // repeat.
  //
  // `method`: of rpc::method. `deadline`: from now, above zero.
  // A refusal comes back with the peer's code and, as ReasonOf, its reason id.
  // What our side finds, by code and reason (error.proto):
  //   INVALID_ARGUMENT    no such method, or a deadline that is not above zero
  //   INVALID_ARGUMENT    `message-too-large`: nothing was sent
  //   UNAVAILABLE         `peer-unreachable`: no connection, or it was ended; a
  //                       refused certificate of ours looks like this
  //   UNAUTHENTICATED     `peer-not-pinned`: what answers is not the party, or
  //                       the roster no longer admits it; nothing was sent
  //   DEADLINE_EXCEEDED   `peer-timeout`: it may or may not have been served
  //   UNIMPLEMENTED       `peer-version`
  //   RESOURCE_EXHAUSTED  `peer-limit`
  absl::StatusOr<PeerReply> Call(std::string_view method, const Bytes& body,
                                 const Bytes& signature,
                                 std::chrono::milliseconds deadline);

  const std::string& party() const;
  Traffic traffic() const;

 private:
  class Impl;
  explicit PeerClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace entente::rpc
