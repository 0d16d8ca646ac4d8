#pragma once
// What client and server of the local door have in common: a person's commands
// to their own node.

#include <absl/status/statusor.h>

#include <functional>
#include <optional>
#include <string>

#include "crypto/base/bytes.h"

namespace entente::rpc {

// One command, not yet looked at: canonical bytes and the person's signature.
struct AdminCall {
  Bytes body;
  Bytes signature;
};

struct AdminReply {
  int exit_code = 0;  // 0 done, 1 failed, 2 usage, 3 refused, 4 proof failed
  std::string json;   // for programs
  std::string text;   // for people
};

// The next piece of a file, in order and never empty; nullopt at its end. After
// an error or the end, not called again.
using ChunkSource = std::function<absl::StatusOr<std::optional<Bytes>>()>;

// Serve one command; called from several threads at once, and may block. The
// other end is the person's own terminal: an error's message and next step
// reach it, with code and reason id.
using AdminHandler =
    std::function<absl::StatusOr<AdminReply>(const AdminCall&)>;
// `next` is valid until the handler returns and fails with
//   CANCELLED           the person gave up, or the connection broke
//   DEADLINE_EXCEEDED   `import-stalled`: nothing came for too long
//   INVALID_ARGUMENT    `import-malformed`
// A handler may return before the end of the file.
using ImportHandler = std::function<absl::StatusOr<AdminReply>(
    const AdminCall&, const ChunkSource& next)>;

// A piece that a client sends is at most this long.
inline constexpr std::size_t kMaxChunkBytes = std::size_t{1} << 20U;

}  // namespace entente::rpc
