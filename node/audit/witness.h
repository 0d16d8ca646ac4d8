#pragma once
// This node as a witness of other logs (7.2): cosigns a checkpoint only when it
// adds to the last one that it recorded.

#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/primitive/signature.h"
#include "node/base/clock.h"
#include "node/store/store.h"

namespace entente::audit {

// What goes back to the asker: the status and body of C2SP tlog-witness.
struct WitnessReply {
  int status = 0;            // 200, 400, 403, 404, 409, 422, 429
  std::string body;          // 200: cosignature lines; 409: `<size>` LF
  std::string content_type;  // 409: `text/x.tlog.size`; else empty
};

// Thread-safe; one origin at a time. Answers in every state of the own log.
class Witness {
 public:
  struct Log {
    std::string origin;
    std::string vkey;  // verifier key of the log (2.2)
  };
  struct Options {
    std::string name;  // `witness.<DNS name>/w1`
    primitive::PublicKey key{};
    std::function<absl::StatusOr<primitive::Signature>(ByteView)> sign;
    store::Store* store = nullptr;       // borrowed
    const base::Clock* clock = nullptr;  // borrowed
    std::vector<Log> logs;               // the logs that it knows
    int per_minute = 4;                  // more from one origin: 429
    // Whether a known log whose head adds to the last one is cosigned; false:
    // 403. Absent: always.
    std::function<bool(std::string_view origin)> may_cosign;
    // Told of a file that proves a split view, once it is stored here and
    // before the answer leaves.
    std::function<void(std::string_view file)> evidence;
  };
  // INVALID_ARGUMENT: a name or key is malformed.
  static absl::StatusOr<std::unique_ptr<Witness>> Create(Options options);
  virtual ~Witness() = default;

  // Replaces the known logs (a node card was added, renewed or removed).
  virtual absl::Status SetLogs(std::vector<Log> logs) = 0;

  // Decides on one add-checkpoint body (2.7); the record is committed before
  // the signature is made. UNAVAILABLE, RESOURCE_EXHAUSTED: the store failed,
  // nothing was signed.
  virtual absl::StatusOr<WitnessReply> AddCheckpoint(ByteView body) = 0;
  // The note that was last recorded for an origin. NOT_FOUND: none.
  virtual absl::StatusOr<std::string> LatestNote(const Hash& origin_hash) = 0;
  // Notes that were well signed but did not fit: evidence for 7.4.
  virtual absl::StatusOr<std::vector<std::string>> Evidence(
      const std::string& origin) = 0;
};

}  // namespace entente::audit
