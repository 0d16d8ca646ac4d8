#include "node/rpc/admin_server.h"

#include <utility>

#include "crypto/base/status.h"
#include "entente/v1/admin.grpc.pb.h"
#include "node/base/executor.h"
#include "node/rpc/gated_server.h"
#include "node/rpc/import_reactor.h"
#include "node/rpc/unary.h"

namespace entente::rpc {
namespace {

using grpc::CallbackServerContext;

absl::Status CheckOptions(const AdminServerOptions& options) {
  const bool whole = options.execute && options.import && options.workers > 0 &&
                     options.queue > 0 && options.connections > 0 &&
                     options.import_patience.count() > 0;
  return whole ? absl::OkStatus()
               : Invalid("an option of the local door is empty or zero");
}

class AdminService final : public v1::Admin::CallbackService {
 public:
  explicit AdminService(AdminServerOptions options)
      : options_(std::move(options)), pool_(options_.workers, options_.queue) {}

  grpc::ServerUnaryReactor* Execute(CallbackServerContext* context,
                                    const v1::Command* command,
                                    v1::Result* result) override {
    return Unary(pool_, context, Audience::kOwner, refusals_,
                 [this, command, result]() -> absl::Status {
                   TRY(const AdminCall call, ReadCommand(*command));
                   TRY(const AdminReply reply, options_.execute(call));
                   return WriteResult(reply, *result);
                 });
  }

  grpc::ServerReadReactor<v1::ImportChunk>* Import(
      CallbackServerContext* context, v1::Result* result) override {
    return new ImportReactor({.handler = options_.import,
                              .patience = options_.import_patience,
                              .pool = pool_,
                              .refusals = refusals_},
                             *context, *result);
  }

  void StopPool() { pool_.Stop(); }
  const Refusals& refusals() const { return refusals_; }

 private:
  const AdminServerOptions options_;
  Refusals refusals_;
  base::Executor pool_;  // last: its tasks use all of the above
};

}  // namespace

class AdminServer::Impl {
 public:
  explicit Impl(AdminServerOptions options) : service(std::move(options)) {}
  AdminService service;
  std::unique_ptr<GatedServer> server;
};

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(
    AdminServerOptions options) {
  TRY_OK(CheckOptions(options));
  const GateLimits caps{options.connections, options.connections};
  TRY(std::unique_ptr<Gate> gate, Gate::ListenUnix(options.socket, caps));
  auto impl = std::make_unique<Impl>(std::move(options));
  TRY(impl->server,
      GatedServer::Start(std::move(gate), impl->service,
                         grpc::experimental::LocalServerCredentials(UDS), {}));
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminServer::~AdminServer() { Stop(); }

void AdminServer::Stop() {
  impl_->server->Stop();
  impl_->service.StopPool();
}

std::map<std::string, std::uint64_t> AdminServer::refused() const {
  std::map<std::string, std::uint64_t> out = impl_->service.refusals().counts();
  impl_->server->AddRefusals(out);
  return out;
}

}  // namespace entente::rpc
