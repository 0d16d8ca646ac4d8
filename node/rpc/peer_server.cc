#include "node/rpc/peer_server.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "entente/v1/peer.grpc.pb.h"
#include "node/base/executor.h"
#include "node/rpc/gated_server.h"
#include "node/rpc/handshakes.h"
#include "node/rpc/party_book.h"
#include "node/rpc/peer_methods.h"
#include "node/rpc/tls.h"
#include "node/rpc/unary.h"

namespace entente::rpc {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using v1::Statement;

// The store and the rest of the process need descriptors too.
std::size_t ConnectionCap(std::size_t wanted) {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  return std::clamp<std::size_t>(limit.rlim_cur / 2, 1, wanted);
}

absl::Status CheckOptions(const PeerServerOptions& options) {
  const bool whole = options.roster != nullptr && options.handler &&
                     options.workers > 0 && options.queue > 0 &&
                     options.calls_per_party > 0 && options.connections > 0 &&
                     options.connections_per_address > 0;
  if (!whole) return Invalid("an option of the peer server is empty or zero");
  return CheckTlsFiles(options.tls);
}

// One call after the other, from gRPC's threads to the pool.
class PeerService final : public v1::Peer::CallbackService {
 public:
  explicit PeerService(PeerServerOptions options)
      : options_(std::move(options)),
        book_(options_.calls_per_party),
        pool_(options_.workers, options_.queue) {}

#define ENTENTE_SERVE(name)                                            \
  ServerUnaryReactor* name(CallbackServerContext* context,             \
                           const Statement* request, Statement* reply) \
      override {                                                       \
    return Handle(method::k##name, context, request, reply);           \
  }
  ENTENTE_PEER_METHODS(ENTENTE_SERVE)
#undef ENTENTE_SERVE

  void StopPool() { pool_.Stop(); }
  const PartyBook& book() const { return book_; }
  const Refusals& refusals() const { return refusals_; }

 private:
  ServerUnaryReactor* Handle(std::string_view method,
                             CallbackServerContext* context,
                             const Statement* request, Statement* reply) {
    absl::StatusOr<PeerCall> call = Caller(*context, method);
    if (!call.ok()) return RefusePeer(context, call.status());
    std::shared_ptr<PartyBook::Slot> slot = book_.Open(call->party);
    if (!slot) {
      return RefusePeer(context,
                        Because(Exhausted("the party has too many calls open"),
                                v1::REASON_PARTY_BUSY));
    }
    return Unary(pool_, context, Audience::kPeer, refusals_,
                 [this, call = *std::move(call), slot = std::move(slot),
                  request, reply]() mutable {
                   const absl::Status status =
                       Serve(std::move(call), *request, *reply);
                   slot.reset();  // before the peer can see the answer
                   return status;
                 });
  }

  ServerUnaryReactor* RefusePeer(CallbackServerContext* context,
                                 const absl::Status& status) {
    ServerUnaryReactor* reactor = context->DefaultReactor();
    Refuse(reactor, context, status, Audience::kPeer, refusals_);
    return reactor;
  }

  // Looked up on every call, so that a suspension bites on open connections.
  absl::StatusOr<PeerCall> Caller(const CallbackServerContext& context,
                                  std::string_view method) {
    PeerCall call;
    call.method = method;
    const auto identity = IdentityOf(*context.auth_context());
    if (identity.ok()) {
      auto party = options_.roster->Admits(identity->uri, identity->spki);
      if (party.ok()) {
        call.party = *std::move(party);
        call.spki = identity->spki;
        return call;
      }
    }
    return Because(Unauthenticated("the roster does not admit the caller"),
                   v1::REASON_PARTY_NOT_ADMITTED);
  }

  absl::Status Serve(PeerCall call, const Statement& request,
                     Statement& reply) {
    call.body = ToBytes(request.body());
    call.signature = ToBytes(request.signature());
    See(call, Way::kIn, call.body, call.signature, {});
    const absl::Status status = Answer(call, request, reply);
    book_.Crossed(call.party, request.ByteSizeLong(),
                  status.ok() ? reply.ByteSizeLong() : 0);
    if (!status.ok()) See(call, Way::kOut, {}, {}, ReasonOf(status));
    return status;
  }

  absl::Status Answer(const PeerCall& call, const Statement& request,
                      Statement& reply) {
    // An unknown field would be a second spelling of the same call.
    if (!request.GetReflection()->GetUnknownFields(request).empty()) {
      return Because(Invalid("an unknown field in the envelope"),
                     v1::REASON_ENVELOPE_MALFORMED);
    }
    TRY(const PeerReply answer, options_.handler(call));
    reply.set_body(ToString(answer.body));
    reply.set_signature(ToString(answer.signature));
    if (reply.ByteSizeLong() > kMaxMessageBytes) {
      return Because(Internal("the answer is too large"),
                     v1::REASON_MESSAGE_TOO_LARGE);
    }
    See(call, Way::kOut, answer.body, answer.signature, {});
    return absl::OkStatus();
  }

  void See(const PeerCall& call, Way way, ByteView body, ByteView signature,
           std::string_view reason) const {
    if (!options_.tap) return;
    options_.tap({way, call.party, call.method, body, signature, reason});
  }

  const PeerServerOptions options_;
  Refusals refusals_;
  PartyBook book_;
  base::Executor pool_;  // last: its tasks use all of the above
};

}  // namespace

class PeerServer::Impl {
 public:
  explicit Impl(PeerServerOptions options)
      : handshakes(std::make_shared<Handshakes>(*options.roster, "")),
        service(std::move(options)) {}
  ~Impl() { handshakes->Close(); }
  // Shared with gRPC, whose threads may end after this object.
  const std::shared_ptr<Handshakes> handshakes;
  PeerService service;
  std::unique_ptr<GatedServer> server;
  int port = 0;
};

absl::StatusOr<std::unique_ptr<PeerServer>> PeerServer::Start(
    PeerServerOptions options) {
  TRY_OK(CheckOptions(options));
  const GateLimits caps{ConnectionCap(options.connections),
                        options.connections_per_address};
  TRY(std::unique_ptr<Gate> gate, Gate::ListenTcp(options.listen, caps));
  const ServerLimits limits{options.handshake_timeout, options.connection_idle,
                            options.connection_age,
                            options.connection_age_grace};
  const TlsFiles files = options.tls;
  auto impl = std::make_unique<Impl>(std::move(options));
  impl->port = gate->port();
  const auto admit = [handshakes = impl->handshakes](const Identity& who) {
    return handshakes->Decide(who);
  };
  TRY(impl->server, GatedServer::Start(std::move(gate), impl->service,
                                       ServerTls(files, admit), limits));
  return std::unique_ptr<PeerServer>(new PeerServer(std::move(impl)));
}

PeerServer::PeerServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PeerServer::~PeerServer() { Stop(); }

void PeerServer::Stop() {
  impl_->server->Stop();
  impl_->service.StopPool();
}

int PeerServer::port() const { return impl_->port; }

PeerServerCounts PeerServer::counts() const {
  const GateCounts gate = impl_->server->counts();
  PeerServerCounts out;
  out.accepted = gate.accepted;
  out.open = gate.open;
  out.decided = impl_->handshakes->decided();
  out.refused = impl_->service.refusals().counts();
  for (const auto& [cause, count] : impl_->handshakes->refusals().counts()) {
    out.refused[cause] += count;
  }
  impl_->server->AddRefusals(out.refused);
  out.traffic = impl_->service.book().traffic();
  return out;
}

}  // namespace entente::rpc
