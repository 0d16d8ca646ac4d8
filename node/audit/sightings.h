#pragma once
// What this node has seen of other logs (7.4): the latest head of each, whoever
// showed it, and the proof when one of them showed two histories.
//
// A head is news until it is tied to the ones that are held: by being equal, or
// by a consistency proof that the log itself gives. Equal sizes with unequal
// roots, or a proof that leads to another past, make a file that proves itself
// (crypto/merkle/evidence.h). The first one of a log is kept for good, in
// `<dir>/evidence/`; from then on the log is cosigned no more.
// Source: docs/protocol/split-view.md; design: audit.md, 7.4.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/merkle/proof.h"
#include "node/audit/log.h"
#include "node/base/clock.h"
#include "node/store/store.h"

namespace entente::audit {

// A log that a pinned card names.
struct PeerLog {
  std::string party;
  std::string origin;
  std::string vkey;  // verifier key of the log (2.2)
};

// Two heads of one log that only the log itself can tie together.
struct Untied {
  std::string party;
  std::string origin;
  std::string first;  // the smaller head, signed
  std::string second;
  std::uint64_t first_size = 0;
  std::uint64_t second_size = 0;
};

enum class Tie : std::uint8_t {
  kConsistent,  // one tree
  kSplit,       // two histories, proved
  kUnproved,    // the log gave no proof that fits: an alarm, no evidence
};

struct SplitAlarm {
  std::string party;
  std::string origin;
  bool proved = true;  // false: the log shows no proof, which is no evidence
  std::string file;    // name in `evidence/`; empty when not proved
  std::int64_t since = 0;  // POSIX seconds
};

// Thread-safe. Holds no lock while the store or the log works.
class Sightings {
 public:
  struct Options {
    store::Store* store = nullptr;  // borrowed
    // Borrowed. Absent: AttachLog brings it, for a witness answers others
    // before its own log is open.
    AuditLog* log = nullptr;
    const base::Clock* clock = nullptr;  // borrowed
    std::string dir;                     // `<data>/audit`
    // Called after a finding, without a lock: what the parties named in
    // Parties() may do has changed. Never before there is a log.
    std::function<void()> changed;
  };
  static absl::StatusOr<std::unique_ptr<Sightings>> Create(Options options);
  virtual ~Sightings() = default;

  // From here on findings are logged and told; what was found before is told
  // now. Once, and only when Options had no log.
  virtual void AttachLog(AuditLog& log) = 0;

  // The logs of the cards pinned now. INVALID_ARGUMENT: a key is malformed.
  virtual absl::Status SetLogs(std::vector<PeerLog> logs) = 0;

  // The latest head of every known log and of the own one, at most kMostNotes.
  virtual absl::StatusOr<std::vector<std::string>> Notes() = 0;

  // Takes a head as somebody showed it. One of an unknown log, or one that its
  // log did not sign, is passed over: it says nothing. Returns what must be
  // tied, which is remembered until Settle. One of the own log that it does not
  // hold breaks it (AuditLog::CompareWitnessed): DATA_LOSS. UNAVAILABLE: there
  // is no log yet.
  virtual absl::StatusOr<std::vector<Untied>> Take(std::string_view note) = 0;
  // What waits for a proof.
  virtual absl::StatusOr<std::vector<Untied>> Waiting() = 0;
  // Ties two heads with the proof that the log gave, its seed in front
  // (AuditLog::SeededConsistency). An empty proof is one that was refused.
  virtual absl::StatusOr<Tie> Settle(const Untied& untied,
                                     const merkle::Proof& seeded) = 0;
  // Keeps a file that proves a split view, however it was found. OK when one of
  // that log is kept. INVALID_ARGUMENT, FAILED_PRECONDITION: it proves nothing
  // about a known log.
  virtual absl::Status Keep(std::string_view file) = 0;
  // Appends the entries that could not be written when their file was.
  virtual absl::Status LogPending() = 0;

  virtual absl::StatusOr<std::vector<SplitAlarm>> Alarms() = 0;
  // The files of the alarms that are proved, by their names.
  virtual absl::StatusOr<std::map<std::string, std::string>> Evidence() = 0;
  // Whether heads of this log are cosigned: no alarm of any kind is open.
  virtual bool MayCosign(std::string_view origin) const = 0;
  // The parties whose pinned log showed two histories.
  virtual std::set<std::string> Parties() const = 0;
};

inline constexpr std::size_t kMostNotes = 64;

}  // namespace entente::audit
