#pragma once
// Refusals on the wire: code, reason id in the trailing metadata, no message
// (proto/entente/v1/error.proto).

#include <absl/status/status.h>
#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <string>
#include <string_view>

#include "entente/v1/error.pb.h"

namespace entente::rpc {

// The id of error.proto as a text: REASON_QUEUE_FULL is `queue-full`.
std::string ReasonText(v1::ReasonId id);
// `status` with that reason.
absl::Status Because(absl::Status status, v1::ReasonId id);

// The form of every reason id, 1 to 64 characters: `kebab-case` in lower case,
// or a code in upper case with a digit (`C01`, `AG-501`). So a name of a person
// in the wrong place is none.
bool IsReasonId(std::string_view text);

// Whom an error is for: a peer gets code and reason; the person at the own
// terminal gets the message and the next step as well.
enum class Audience { kPeer, kOwner };

// What the server finishes a call with; the reason goes into `context`.
grpc::Status ToWire(const absl::Status& status, Audience audience,
                    grpc::ServerContextBase& context);

// What the client makes of it. A peer's texts are dropped, and so is a reason
// that is not in the form; `context` must be the finished call's.
absl::Status FromWire(const grpc::Status& status, Audience audience,
                      const grpc::ClientContext& context);

}  // namespace entente::rpc
