#pragma once
// A gRPC server whose connections come through a Gate, with every limit that
// gRPC leaves open by default (platform.md 3.1, 3.5).

#include <absl/status/statusor.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "node/rpc/gate.h"

namespace entente::rpc {

struct ServerLimits {
  std::chrono::milliseconds handshake{3'000};
  std::chrono::milliseconds idle{600'000};
  std::chrono::milliseconds age{3'600'000};
  std::chrono::milliseconds age_grace{30'000};
};

// Start and Stop are for the owner; counts is thread-safe.
class GatedServer {
 public:
  // `service` outlives the server. INTERNAL: gRPC refuses to start.
  static absl::StatusOr<std::unique_ptr<GatedServer>> Start(
      std::unique_ptr<Gate> gate, grpc::Service& service,
      std::shared_ptr<grpc::ServerCredentials> credentials,
      const ServerLimits& limits);
  ~GatedServer();
  GatedServer(const GatedServer&) = delete;
  GatedServer& operator=(const GatedServer&) = delete;

  // Accepts no more, gives open calls five seconds, cancels them and waits for
  // every reactor: whatever runs them must still be there.
  void Stop();

  GateCounts counts() const { return gate_->counts(); }
  // Adds what the gate refused, by reason id; nothing for a zero.
  void AddRefusals(std::map<std::string, std::uint64_t>& refused) const;

 private:
  GatedServer() = default;
  std::unique_ptr<Gate> gate_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace entente::rpc
