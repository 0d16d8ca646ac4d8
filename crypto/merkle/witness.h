#pragma once
// The decision of a witness, pure: given what it recorded of a log and what the
// log sends now, the answer and what to record. C2SP tlog-witness.
//
// The caller handles one origin at a time, writes `record` in one transaction,
// commits, and only then signs (Cosign). It also limits the rate (429).

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crypto/merkle/add_checkpoint.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/note.h"

namespace entente::merkle {

inline constexpr std::string_view kSizeContentType = "text/x.tlog.size";
inline constexpr std::string_view kTextContentType =
    "text/plain; charset=utf-8";

// A log that the witness serves. Most have one key; two while a key changes.
struct KnownLog {
  std::string origin;
  std::vector<VerifierKey> keys;  // type 0x01
};

// What the witness keeps of a log: the last head that it cosigned.
struct WitnessRecord {
  std::uint64_t size = 0;
  Hash root{};
  std::string note;        // the whole signed note
  std::uint64_t time = 0;  // of the cosignature, POSIX seconds
  template <class A>
  void Fields(A& f) {
    f(size, root, note, time);
  }
};

struct WitnessDecision {
  // 200 cosign; 400 malformed, or old > size; 403 no valid signature of the
  // log; 404 origin unknown; 409 `old` is not the recorded size; 422 the proof
  // fails, roots differ at equal size, or size 0 has another root.
  int status = 400;
  std::string body;  // of the answer, unless it is 200
  std::string_view content_type = kTextContentType;
  std::string origin;  // once it is known
  // Status 200: store this, then cosign `text` at `record->time`.
  std::optional<WitnessRecord> record;
  std::string text;
  // A file that proves a split view (evidence.h); to be stored before the
  // answer leaves. Only with 422.
  std::optional<std::string> evidence;
};

using RecordLookup = std::function<absl::StatusOr<std::optional<WitnessRecord>>(
    const std::string& origin)>;

// `now`: POSIX seconds. `lookup` is asked only after the signature verified, so
// a stranger cannot make the witness read its disk. The time of a record never
// goes back. Errors: those of `lookup` only; bad input is a status.
absl::StatusOr<WitnessDecision> DecideWitness(std::string_view body,
                                              std::span<const KnownLog> known,
                                              const RecordLookup& lookup,
                                              std::uint64_t now);

// The answer of 200: the cosignature line. Errors of Cosign; call only after
// the record is durable.
absl::StatusOr<std::string> WitnessAnswer(const WitnessDecision& decision,
                                          const VerifierKey& key,
                                          const Signer& sign);

}  // namespace entente::merkle
