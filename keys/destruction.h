#pragma once
// The signed word of a node that it destroyed a key.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/primitive/signature.h"

namespace entente::keys {

struct Destruction {
  static constexpr std::string_view kLabel = "entente/key-destruction/1";
  std::string purpose;  // `epoch`, `partition`, or PurposeName
  std::string name;     // epoch: agreement hash in hex `/` number; partition:
                        // dataset `/` part; else empty
  Id16 kid{};
  std::string method;     // `overwrite-unlink`
  std::int64_t time = 0;  // POSIX seconds
  Id16 nonce{};           // so that its hash tells nothing
  template <class A>
  void Fields(A& f) {
    f(purpose, name, kid, method, time, nonce);
  }
};

// Signed by the statement key over "entente/statement/1" LF || body, as every
// statement of a node. The audit log's `cert` is SHA-256 of `body`.
struct DestructionCertificate {
  Id16 kid{};  // of the destroyed key, as in the body
  Bytes body;
  primitive::Signature signature{};
  template <class A>
  void Fields(A& f) {
    f(kid, body, signature);
  }
};

// Verifies, then parses. DATA_LOSS: the signature does not hold under
// `statement_key`. INVALID_ARGUMENT: the body is malformed, or of another kid.
absl::StatusOr<Destruction> OpenCertificate(
    const DestructionCertificate& certificate,
    const primitive::PublicKey& statement_key);

}  // namespace entente::keys
