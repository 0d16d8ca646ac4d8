#pragma once
// From an event to its entry. Prepare does the costly part (encryption, wraps,
// commitment) in the caller's thread; the writer then only adds the time and
// hashes. Thread-safe.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "crypto/base/bytes.h"
#include "crypto/primitive/hpke.h"
#include "node/ledger/body.h"
#include "node/ledger/event.h"
#include "node/ledger/leaf.h"
#include "node/ledger/wrap.h"

namespace entente::ledger {

// Where bodies go. `segment` is borrowed; guard entries do not use it but go
// straight to `officers`.
struct SealTo {
  std::string origin;
  const SegmentKey* segment = nullptr;
  std::span<const primitive::HpkePublicKey> officers;
};

// An entry that lacks only its time. Has no secret: the body is sealed, so it
// may lie in the spool. Canonical encoding through Encode/Decode.
struct PreparedEntry {
  std::string type;
  Id16 id{};
  std::string before_time;  // of the leaf
  std::string after_time;
  Bytes record;  // wrap and sealed body; empty when the type has none
  template <class A>
  void Fields(A& f) {
    f(type, id, before_time, after_time, record);
  }
};

// INVALID_ARGUMENT: as Event::Check, a body that does not fit, or `actor`
// given for the node itself and the other way round. FAILED_PRECONDITION: a
// body to seal and no key or recipient for it.
absl::StatusOr<PreparedEntry> Prepare(const Event& event, const SealTo& to,
                                      const std::optional<Id16>& actor);

// For vectors: what Prepare draws at random.
struct EntrySecrets {
  Id16 id{};
  EntryKey key;
  primitive::Nonce12 body_nonce{};
  primitive::Nonce12 wrap_nonce{};
  Ephemerals ephemerals;
};
absl::StatusOr<PreparedEntry> PrepareWith(const Event& event, const SealTo& to,
                                          const std::optional<Id16>& actor,
                                          const EntrySecrets& secrets);

struct FinishedLeaf {
  Bytes bytes;
  Hash hash{};
};
// `time`: microseconds since 1970 UTC, at least that of the leaf before it
// (the writer sees to it). `entry`: from Prepare or MakePad, or CheckPrepared
// took it. INVALID_ARGUMENT: the time is out of range.
absl::StatusOr<FinishedLeaf> FinishLeaf(const PreparedEntry& entry,
                                        std::int64_t time);

// For an entry from a file: the leaf that it makes, with the latest time there
// is. INVALID_ARGUMENT: ParseLeaf refuses it, or its parts do not fit together.
absl::StatusOr<Leaf> CheckPrepared(const PreparedEntry& entry);

// A padding entry with a fresh id.
PreparedEntry MakePad();

}  // namespace entente::ledger
