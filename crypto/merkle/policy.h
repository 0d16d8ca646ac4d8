#pragma once
// Policy files, C2SP tlog-policy: which logs a verifier knows, which witnesses,
// and how many of them must have cosigned a head.
//   log <vkey> [url]        witness <name> <vkey> [url]
//   group <name> <k|any|all> <member>...        quorum <name|none>
// One quorum line; names only of earlier lines; each in at most one group; no
// public key twice. A value that exists is valid. Immutable, thread-safe.

#include <absl/status/statusor.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/note.h"

namespace entente::merkle {

// Logs, witnesses and groups: as many of each.
inline constexpr std::size_t kMaxPolicyItems = 64;

class TrustPolicy {
 public:
  struct Log {
    VerifierKey key;
    std::string url;
  };
  struct Witness {
    std::string name;
    VerifierKey key;
    std::string url;
  };

  // INVALID_ARGUMENT: malformed; the message names the line.
  static absl::StatusOr<TrustPolicy> Parse(std::string_view text);

  const std::vector<Log>& logs() const { return logs_; }
  const std::vector<Witness>& witnesses() const { return witnesses_; }
  bool needs_witnesses() const { return quorum_ != kNone; }
  // `cosigned[i]` says whether witness i cosigned. True when the quorum line
  // is met; always for `quorum none`.
  bool QuorumMet(const std::vector<bool>& cosigned) const;

  struct Cosigned {
    std::size_t witness = 0;  // index into witnesses()
    std::uint64_t time = 0;   // POSIX seconds
  };
  struct Trusted {
    Checkpoint checkpoint;
    Note note;
    std::size_t log = 0;  // index into logs()
    std::vector<Cosigned> cosigned;
    bool quorum_met = false;
  };
  // Opens a checkpoint of one of our logs: three lines, a line of a known log
  // named like the origin. Does not demand the quorum, reports it.
  // INVALID_ARGUMENT: malformed. UNAUTHENTICATED: the origin is not known, or
  // the log's line is missing. DATA_LOSS: a known line does not verify.
  absl::StatusOr<Trusted> Open(std::string_view note) const;
  // As Open, and the quorum must be met. UNAUTHENTICATED: it is not.
  absl::StatusOr<Trusted> Check(std::string_view note) const;

 private:
  struct Group {
    std::string name;
    std::size_t threshold = 0;
    std::vector<std::size_t> members;  // witnesses first, then groups
  };
  class Parser;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  TrustPolicy() = default;

  std::vector<Log> logs_;
  std::vector<Witness> witnesses_;
  std::vector<Group> groups_;
  std::size_t quorum_ = kNone;  // numbered like the members of a group
};

}  // namespace entente::merkle
