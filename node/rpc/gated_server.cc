#include "node/rpc/gated_server.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>

#include <utility>

#include "crypto/base/status.h"
#include "node/rpc/peer.h"
#include "node/rpc/reason.h"

namespace entente::rpc {
namespace {

using External = grpc::ServerBuilder::experimental_type;
using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

constexpr std::size_t kMemoryBytes = std::size_t{512} << 20U;
constexpr int kThreads = 16;
constexpr std::chrono::seconds kStopPatience{5};

int Milliseconds(std::chrono::milliseconds time) {
  return static_cast<int>(time.count());
}

void SetLimits(grpc::ServerBuilder& builder, const ServerLimits& limits) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  builder.SetMaxSendMessageSize(static_cast<int>(kMaxMessageBytes));
  // A compressed message could grow past the limit before it is measured.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  const auto set = [&builder](const char* name, int value) {
    builder.AddChannelArgument(name, value);
  };
  set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(limits.handshake));
  set(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(limits.idle));
  set(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(limits.age));
  set(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(limits.age_grace));
  set(GRPC_ARG_MAX_METADATA_SIZE, 8192);
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, 32);
  set(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  // The client's keepalive (peer_client.cc) is slower than this.
  set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  set(GRPC_ARG_HTTP2_HPACK_TABLE_SIZE_DECODER, 4096);
  grpc::ResourceQuota quota;
  quota.Resize(kMemoryBytes);
  quota.SetMaxThreads(kThreads);
  builder.SetResourceQuota(quota);
}

void HandOver(Acceptor& acceptor, int listener, int fd) {
  Acceptor::NewConnectionParameters connection;
  connection.listener_fd = listener;
  connection.fd = fd;
  acceptor.HandleNewConnection(&connection);
}

}  // namespace

absl::StatusOr<std::unique_ptr<GatedServer>> GatedServer::Start(
    std::unique_ptr<Gate> gate, grpc::Service& service,
    std::shared_ptr<grpc::ServerCredentials> credentials,
    const ServerLimits& limits) {
  grpc::ServerBuilder builder;
  SetLimits(builder, limits);
  builder.RegisterService(&service);
  std::unique_ptr<Acceptor> acceptor =
      builder.experimental().AddExternalConnectionAcceptor(
          External::ExternalConnectionType::FROM_FD, std::move(credentials));
  std::unique_ptr<GatedServer> out(new GatedServer);
  out->server_ = builder.BuildAndStart();
  if (!out->server_) return Internal("the gRPC server does not start");
  out->gate_ = std::move(gate);
  // Shared, because the function must be copyable.
  out->gate_->Open(
      [acceptor = std::shared_ptr<Acceptor>(std::move(acceptor))](
          int listener, int fd) { HandOver(*acceptor, listener, fd); });
  return out;
}

void GatedServer::AddRefusals(
    std::map<std::string, std::uint64_t>& refused) const {
  const GateCounts counts = gate_->counts();
  const auto add = [&refused](v1::ReasonId id, std::uint64_t count) {
    if (count > 0) refused[ReasonText(id)] += count;
  };
  add(v1::REASON_CONNECTION_CAP, counts.connection_cap);
  add(v1::REASON_ADDRESS_CAP, counts.address_cap);
  add(v1::REASON_FOREIGN_USER, counts.foreign_user);
  add(v1::REASON_DESCRIPTORS_EXHAUSTED, counts.descriptors_exhausted);
}

GatedServer::~GatedServer() { Stop(); }

void GatedServer::Stop() {
  if (!server_) return;
  // In this order: a descriptor that reaches a server which has shut down is
  // never closed.
  gate_->Close();
  server_->Shutdown(std::chrono::system_clock::now() + kStopPatience);
  server_->Wait();
  server_.reset();
}

}  // namespace entente::rpc
