#include "node/rpc/admin_client.h"

#include <grpc/support/time.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <utility>

#include "crypto/base/status.h"
#include "entente/v1/admin.grpc.pb.h"
#include "node/rpc/address.h"
#include "node/rpc/peer.h"
#include "node/rpc/reason.h"

namespace entente::rpc {
namespace {

gpr_timespec After(std::chrono::milliseconds time) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_millis(time.count(), GPR_TIMESPAN));
}

std::shared_ptr<grpc::Channel> Connect(const std::string& socket) {
  grpc::ChannelArguments args;
  args.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  args.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  args.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  args.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  return grpc::CreateCustomChannel(
      "unix:" + socket, grpc::experimental::LocalCredentials(UDS), args);
}

absl::StatusOr<v1::Command> MakeCommand(const AdminCall& call,
                                        std::chrono::milliseconds deadline) {
  if (deadline.count() <= 0) return Invalid("a call needs a deadline");
  v1::Command command;
  command.set_body(ToString(call.body));
  command.set_signature(ToString(call.signature));
  if (command.ByteSizeLong() > kMaxMessageBytes) {
    return Because(Invalid("the command is too large"),
                   v1::REASON_MESSAGE_TOO_LARGE);
  }
  return command;
}

absl::Status Explain(const grpc::Status& status,
                     const grpc::ClientContext& context) {
  absl::Status out = FromWire(status, Audience::kOwner, context);
  if (!ReasonOf(out).empty()) return out;
  if (out.code() == absl::StatusCode::kUnavailable) {
    return WithNext(Because(Unavailable("the node does not answer on its local "
                                        "socket"),
                            v1::REASON_NODE_UNREACHABLE),
                    "check that the node runs and that this is its user");
  }
  if (out.code() == absl::StatusCode::kDeadlineExceeded) {
    return Because(
        absl::DeadlineExceededError("the node did not finish in time"),
        v1::REASON_NODE_TIMEOUT);
  }
  return out;
}

AdminReply Read(v1::Result& result) {
  return {static_cast<int>(result.exit_code()),
          std::move(*result.mutable_json()), std::move(*result.mutable_text())};
}

// Writes until the source ends or the node wants no more (it has answered).
absl::Status WriteAll(grpc::ClientWriter<v1::ImportChunk>& writer,
                      const ChunkSource& source) {
  std::uint64_t sent = 0;
  v1::ImportChunk chunk;
  do {
    TRY(const std::optional<Bytes> piece, source());
    if (!piece) {
      chunk.set_end(sent);
      (void)writer.Write(chunk);
      return absl::OkStatus();
    }
    if (piece->empty() || piece->size() > kMaxChunkBytes) {
      return Invalid("a piece of an import is empty or over 1 MiB");
    }
    sent += piece->size();
    chunk.set_data(ToString(*piece));
  } while (writer.Write(chunk));
  return absl::OkStatus();
}

}  // namespace

class AdminClient::Impl {
 public:
  explicit Impl(const std::string& socket)
      : stub_(v1::Admin::NewStub(Connect(socket))) {}

  absl::StatusOr<AdminReply> Execute(const AdminCall& call,
                                     std::chrono::milliseconds deadline) {
    TRY(const v1::Command command, MakeCommand(call, deadline));
    grpc::ClientContext context;
    context.set_deadline(After(deadline));
    v1::Result result;
    const grpc::Status status = stub_->Execute(&context, command, &result);
    if (!status.ok()) return Explain(status, context);
    return Read(result);
  }

  absl::StatusOr<AdminReply> Import(const AdminCall& call,
                                    const ChunkSource& source,
                                    std::chrono::milliseconds deadline) {
    TRY(v1::Command command, MakeCommand(call, deadline));
    grpc::ClientContext context;
    context.set_deadline(After(deadline));
    v1::Result result;
    const auto writer = stub_->Import(&context, &result);
    v1::ImportChunk first;
    *first.mutable_command() = std::move(command);
    absl::Status sent;
    if (writer->Write(first)) sent = WriteAll(*writer, source);
    if (!sent.ok()) context.TryCancel();
    (void)writer->WritesDone();
    const grpc::Status status = writer->Finish();
    if (!sent.ok()) return sent;
    if (!status.ok()) return Explain(status, context);
    return Read(result);
  }

 private:
  const std::unique_ptr<v1::Admin::Stub> stub_;
};

absl::StatusOr<std::unique_ptr<AdminClient>> AdminClient::Create(
    std::string socket) {
  TRY_OK(CheckSocketPath(socket));
  return std::unique_ptr<AdminClient>(
      new AdminClient(std::make_unique<Impl>(socket)));
}

AdminClient::AdminClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminClient::~AdminClient() = default;

absl::StatusOr<AdminReply> AdminClient::Execute(
    const AdminCall& call, std::chrono::milliseconds deadline) {
  return impl_->Execute(call, deadline);
}

absl::StatusOr<AdminReply> AdminClient::Import(
    const AdminCall& call, const ChunkSource& source,
    std::chrono::milliseconds deadline) {
  return impl_->Import(call, source, deadline);
}

}  // namespace entente::rpc
