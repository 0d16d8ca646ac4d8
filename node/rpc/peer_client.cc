#include "node/rpc/peer_client.h"

#include <grpc/support/time.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <atomic>
#include <optional>
#include <utility>

#include "crypto/base/status.h"
#include "entente/v1/peer.grpc.pb.h"
#include "node/base/mutex.h"
#include "node/rpc/address.h"
#include "node/rpc/handshakes.h"
#include "node/rpc/peer_methods.h"
#include "node/rpc/reason.h"
#include "node/rpc/tls.h"

namespace entente::rpc {
namespace {

using v1::Statement;
using Stub = v1::Peer::Stub;
using Send = grpc::Status (Stub::*)(grpc::ClientContext*, const Statement&,
                                    Statement*);

// Null: no such call.
Send SendOf(std::string_view method) {
#define ENTENTE_SEND(name) \
  if (method == method::k##name) return &Stub::name;
  ENTENTE_PEER_METHODS(ENTENTE_SEND)
#undef ENTENTE_SEND
  return nullptr;
}

grpc::ChannelArguments ChannelArgs() {
  grpc::ChannelArguments args;
  args.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // no shared identity
  args.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // else it obeys https_proxy
  args.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  args.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // callers retry, idempotently
  args.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  args.SetMaxSendMessageSize(static_cast<int>(kMaxMessageBytes));
  args.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 8192);
  args.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1);  // none
  // A peer that comes back is found within two seconds, not within two minutes.
  args.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  args.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  args.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);  // of one attempt
  // A connection whose other end is gone without a word is noticed while a call
  // waits on it.
  args.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  args.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  return args;
}

gpr_timespec After(std::chrono::milliseconds time) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_millis(time.count(), GPR_TIMESPAN));
}

absl::Status CheckOptions(const PeerClientOptions& options) {
  if (options.roster == nullptr || options.party.empty()) {
    return Invalid("an option of the peer client is empty");
  }
  TRY_OK(SplitHostPort(options.target).status());
  return CheckTlsFiles(options.tls);
}

}  // namespace

class PeerClient::Impl {
 public:
  explicit Impl(PeerClientOptions options)
      : options_(std::move(options)),
        handshakes_(
            std::make_shared<Handshakes>(*options_.roster, options_.party)),
        stub_(Connect()) {}
  ~Impl() { handshakes_->Close(); }

  absl::StatusOr<PeerReply> Call(std::string_view method, const Bytes& body,
                                 const Bytes& signature,
                                 std::chrono::milliseconds deadline);
  const std::string& party() const { return options_.party; }
  Traffic traffic() const;

 private:
  std::shared_ptr<Stub> Connect() const;
  std::shared_ptr<Stub> Current() EXCLUDES(mutex_);
  absl::StatusOr<PeerReply> Receive(const grpc::ClientContext& context,
                                    const Statement& reply);
  absl::Status Explain(const grpc::Status& status,
                       const grpc::ClientContext& context) const;
  absl::Status ExplainUnreachable() const;
  void See(Way way, std::string_view method, ByteView body, ByteView signature,
           std::string_view reason) const;

  const PeerClientOptions options_;
  // Shared with gRPC, whose threads may end after this object.
  const std::shared_ptr<Handshakes> handshakes_;
  base::Mutex mutex_;
  std::shared_ptr<Stub> stub_ GUARDED_BY(mutex_);

  std::atomic<std::uint64_t> calls_{0};
  std::atomic<std::uint64_t> bytes_in_{0};
  std::atomic<std::uint64_t> bytes_out_{0};
};

std::shared_ptr<Stub> PeerClient::Impl::Connect() const {
  // The scheme is ours, or a card could name `unix:` or `xds:`.
  const auto channel = grpc::CreateCustomChannel(
      "dns:///" + options_.target,
      ClientTls(options_.tls,
                [handshakes = handshakes_](const Identity& who) {
                  return handshakes->Decide(who);
                }),
      ChannelArgs());
  return v1::Peer::NewStub(channel);
}

// A connection outlives what the roster said at its handshake. When the roster
// no longer admits who answered then, the next call needs a new handshake: it
// fails if the party was suspended and works if it only has a new key.
std::shared_ptr<Stub> PeerClient::Impl::Current() {
  base::MutexLock lock(mutex_);
  const std::optional<Identity> met = handshakes_->met();
  if (met && !handshakes_->Admits(*met).ok()) {
    handshakes_->Forget();
    stub_ = Connect();
  }
  return stub_;
}

absl::StatusOr<PeerReply> PeerClient::Impl::Call(
    std::string_view method, const Bytes& body, const Bytes& signature,
    std::chrono::milliseconds deadline) {
  const Send send = SendOf(method);
  if (send == nullptr) return Invalid("no such call: `", method, "`");
  if (deadline.count() <= 0) return Invalid("a call needs a deadline");
  Statement request;
  request.set_body(ToString(body));
  request.set_signature(ToString(signature));
  if (request.ByteSizeLong() > kMaxMessageBytes) {
    return Because(Invalid("the statement is too large"),
                   v1::REASON_MESSAGE_TOO_LARGE);
  }
  const std::shared_ptr<Stub> stub = Current();
  grpc::ClientContext context;
  context.set_deadline(After(deadline));
  See(Way::kOut, method, body, signature, {});
  ++calls_;
  bytes_out_ += request.ByteSizeLong();
  Statement reply;
  const grpc::Status status = (stub.get()->*send)(&context, request, &reply);
  if (!status.ok()) {
    const absl::Status why = Explain(status, context);
    See(Way::kIn, method, {}, {}, ReasonOf(why));
    return why;
  }
  TRY(PeerReply out, Receive(context, reply));
  See(Way::kIn, method, out.body, out.signature, {});
  return out;
}

absl::StatusOr<PeerReply> PeerClient::Impl::Receive(
    const grpc::ClientContext& context, const Statement& reply) {
  bytes_in_ += reply.ByteSizeLong();
  // The party may have been suspended while the call ran.
  const auto identity = IdentityOf(*context.auth_context());
  if (!identity.ok() || !handshakes_->Admits(*identity).ok()) {
    return Because(
        Unauthenticated(options_.party, " is no longer admitted by the roster"),
        v1::REASON_PEER_NOT_PINNED);
  }
  if (!reply.GetReflection()->GetUnknownFields(reply).empty()) {
    return Because(
        Invalid("an unknown field in the envelope of ", options_.party),
        v1::REASON_ENVELOPE_MALFORMED);
  }
  return PeerReply{ToBytes(reply.body()), ToBytes(reply.signature())};
}

absl::Status PeerClient::Impl::Explain(
    const grpc::Status& status, const grpc::ClientContext& context) const {
  const std::string& party = options_.party;
  absl::Status refused = FromWire(status, Audience::kPeer, context);
  if (const std::string reason = ReasonOf(refused); !reason.empty()) {
    return WithReason(MakeStatus(refused.code(), {party, " refused: ", reason}),
                      reason);
  }
  // No reason id came along: gRPC itself, here or there, ended the call.
  switch (refused.code()) {
    case absl::StatusCode::kUnavailable:
      return ExplainUnreachable();
    case absl::StatusCode::kDeadlineExceeded:
      return Because(
          MakeStatus(refused.code(), {party, " did not answer in time"}),
          v1::REASON_PEER_TIMEOUT);
    case absl::StatusCode::kUnimplemented:
      return Because(
          MakeStatus(refused.code(), {party, " does not know this call"}),
          v1::REASON_PEER_VERSION);
    case absl::StatusCode::kResourceExhausted:
      return Because(
          MakeStatus(refused.code(), {"the call to ", party,
                                      " is over a limit of the transport"}),
          v1::REASON_PEER_LIMIT);
    default:
      return MakeStatus(refused.code(),
                        {"the call to ", party, " failed without a reason"});
  }
}

absl::Status PeerClient::Impl::ExplainUnreachable() const {
  const absl::Status refusal = handshakes_->RecentRefusal();
  if (!refusal.ok()) {
    return WithNext(
        Because(Unauthenticated("what answers at ", options_.target, " is not ",
                                options_.party, ": ", MessageOf(refusal)),
                v1::REASON_PEER_NOT_PINNED),
        "compare the fingerprint of its node card with the one that is pinned");
  }
  return WithNext(
      Because(Unavailable(options_.party, " cannot be reached at ",
                          options_.target),
              v1::REASON_PEER_UNREACHABLE),
      "check the address in its node card, that its node runs, and that it has "
      "pinned the card of this node");
}

void PeerClient::Impl::See(Way way, std::string_view method, ByteView body,
                           ByteView signature, std::string_view reason) const {
  if (!options_.tap) return;
  options_.tap({way, options_.party, method, body, signature, reason});
}

Traffic PeerClient::Impl::traffic() const {
  return {calls_.load(), bytes_in_.load(), bytes_out_.load()};
}

absl::StatusOr<std::unique_ptr<PeerClient>> PeerClient::Create(
    PeerClientOptions options) {
  TRY_OK(CheckOptions(options));
  return std::unique_ptr<PeerClient>(
      new PeerClient(std::make_unique<Impl>(std::move(options))));
}

PeerClient::PeerClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PeerClient::~PeerClient() = default;

absl::StatusOr<PeerReply> PeerClient::Call(std::string_view method,
                                           const Bytes& body,
                                           const Bytes& signature,
                                           std::chrono::milliseconds deadline) {
  return impl_->Call(method, body, signature, deadline);
}

const std::string& PeerClient::party() const { return impl_->party(); }
Traffic PeerClient::traffic() const { return impl_->traffic(); }

}  // namespace entente::rpc
