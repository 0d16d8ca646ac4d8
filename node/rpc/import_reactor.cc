#include "node/rpc/import_reactor.h"

#include <utility>

#include "crypto/base/status.h"
#include "node/rpc/peer.h"
#include "node/rpc/unary.h"

namespace entente::rpc {
namespace {

absl::Status Malformed(std::string_view what) {
  return Because(Invalid("the import ", what), v1::REASON_IMPORT_MALFORMED);
}

template <class Message>
bool HasUnknownFields(const Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

}  // namespace

absl::StatusOr<AdminCall> ReadCommand(const v1::Command& command) {
  if (HasUnknownFields(command)) {
    return Because(Invalid("an unknown field in the envelope of the command"),
                   v1::REASON_ENVELOPE_MALFORMED);
  }
  return AdminCall{ToBytes(command.body()), ToBytes(command.signature())};
}

absl::Status WriteResult(const AdminReply& reply, v1::Result& result) {
  CHECK(reply.exit_code >= 0);
  result.set_exit_code(static_cast<std::uint32_t>(reply.exit_code));
  result.set_json(reply.json);
  result.set_text(reply.text);
  if (result.ByteSizeLong() > kMaxMessageBytes) {
    return WithNext(Because(Internal("the answer is too large"),
                            v1::REASON_MESSAGE_TOO_LARGE),
                    "ask for less at once");
  }
  return absl::OkStatus();
}

ImportReactor::ImportReactor(Surroundings around,
                             grpc::CallbackServerContext& context,
                             v1::Result& result)
    : around_(around), context_(context), result_(result) {
  StartRead(&chunk_);
}

void ImportReactor::OnReadDone(bool ok) {
  if (!begun_) {
    begun_ = true;
    if (!ok || !chunk_.has_command() || HasUnknownFields(chunk_)) {
      return End(Malformed("does not begin with its command"));
    }
    return Begin();
  }
  base::MutexLock lock(mutex_);
  waiting_ = ok;
  ended_ = !ok;
  changed_.NotifyAll();
}

void ImportReactor::Begin() {
  absl::StatusOr<AdminCall> call = ReadCommand(chunk_.command());
  if (!call.ok()) return End(call.status());
  call_ = *std::move(call);
  if (!around_.pool.Post([this] { Run(); })) {
    around_.refusals.Count(ReasonText(v1::REASON_QUEUE_FULL));
    End(QueueFull());
  }
}

void ImportReactor::OnCancel() {
  base::MutexLock lock(mutex_);
  cancelled_ = true;
  changed_.NotifyAll();
}

void ImportReactor::Run() { End(Handle()); }

absl::Status ImportReactor::Handle() {
  if (context_.IsCancelled()) return absl::CancelledError();
  StartRead(&chunk_);
  TRY(const AdminReply reply,
      around_.handler(call_, [this] { return Next(); }));
  return WriteResult(reply, result_);
}

absl::StatusOr<std::optional<Bytes>> ImportReactor::Next() {
  {
    base::MutexLock lock(mutex_);
    const auto until = std::chrono::steady_clock::now() + around_.patience;
    while (!waiting_ && !ended_ && !cancelled_) {
      const auto left = until - std::chrono::steady_clock::now();
      if (left.count() <= 0) {
        return Because(absl::DeadlineExceededError("the import has stalled"),
                       v1::REASON_IMPORT_STALLED);
      }
      changed_.WaitFor(mutex_,
                       std::chrono::ceil<std::chrono::microseconds>(left));
    }
    if (cancelled_ || ended_) {
      return absl::CancelledError("the import broke off before its end");
    }
    waiting_ = false;
  }
  if (HasUnknownFields(chunk_)) return Malformed("has an unknown part");
  if (chunk_.has_end() && chunk_.end() == received_) return std::nullopt;
  if (chunk_.has_end()) return Malformed("has another length than it says");
  if (chunk_.data().empty()) return Malformed("has a part that is no data");
  Bytes piece = ToBytes(chunk_.data());
  received_ += piece.size();
  StartRead(&chunk_);
  return piece;
}

void ImportReactor::End(const absl::Status& status) {
  Finish(ToWire(status, Audience::kOwner, context_));
}

}  // namespace entente::rpc
