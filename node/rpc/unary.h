#pragma once
// From gRPC's callbacks to plain functions: a reaction must not block, so every
// call goes to a bounded pool, and a full one answers at once
// (platform.md 3.6).

#include <absl/status/status.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <concepts>
#include <utility>

#include "crypto/base/status.h"
#include "node/base/executor.h"
#include "node/rpc/reason.h"
#include "node/rpc/refusals.h"

namespace entente::rpc {

// Answers at once, from gRPC's thread, and counts the status's reason. The
// reactor is the context's default one, which can be had only once.
inline void Refuse(grpc::ServerUnaryReactor* reactor,
                   grpc::CallbackServerContext* context,
                   const absl::Status& status, Audience audience,
                   Refusals& refusals) {
  refusals.Count(ReasonOf(status));
  reactor->Finish(ToWire(status, audience, *context));
}

inline absl::Status QueueFull() {
  return Because(Exhausted("too many calls wait already"),
                 v1::REASON_QUEUE_FULL);
}

// Runs `handle` on the pool; it fills the response and returns the status.
// `context`, request and response live until it has returned. It is not run
// when the call was given up in the queue.
template <class Handle>
  requires std::same_as<std::invoke_result_t<Handle&>, absl::Status>
grpc::ServerUnaryReactor* Unary(base::Executor& pool,
                                grpc::CallbackServerContext* context,
                                Audience audience, Refusals& refusals,
                                Handle handle) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const bool queued = pool.Post(
      [context, reactor, audience, handle = std::move(handle)]() mutable {
        const absl::Status status =
            context->IsCancelled()
                ? Because(absl::CancelledError(), v1::REASON_DEADLINE_PASSED)
                : handle();
        // After Finish neither the context nor the messages exist.
        reactor->Finish(ToWire(status, audience, *context));
      });
  if (!queued) Refuse(reactor, context, QueueFull(), audience, refusals);
  return reactor;
}

}  // namespace entente::rpc
