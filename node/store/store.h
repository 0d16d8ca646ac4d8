#pragma once
// The store: what can be erased. Records are bytes under a key in a named
// table, ordered by key; the meaning of the bytes belongs to the room that
// writes them. One interface, native drivers below it, one contract test over
// every driver.
//
// One process holds the store (a lock file says so); one writer at a time;
// readers see a consistent snapshot.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/status.h"

namespace entente::store {

enum class Table : std::uint8_t {
  kMeta,           // schema, party, settings
  kUser,           // people: name, roles, public key
  kPeer,           // node cards and pins
  kAgreement,      // signed envelopes, events, status
  kList,           // lists and their settings
  kListEntry,      // subjects of lists
  kFlight,         // journeys
  kTraveller,      // travellers of a journey
  kProtected,      // protected persons
  kTagSet,         // tag sets: built and taken
  kEpoch,          // epochs announced
  kBatch,          // screenings: state of each batch and chunk
  kQuota,          // counters
  kReplay,         // ids and hashes already seen
  kHit,            // hits, reviews
  kDisclosure,     // requests and disclosures, both directions
  kRecall,         // recalls and receipts
  kGuard,          // withheld persons, sealed to the data protection officer
  kTask,           // duties with a due date
  kAuditHead,      // the log's head, tile state, published checkpoints
  kAuditLeaf,      // index -> leaf
  kAuditBody,      // index -> wrap and sealed body
  kAuditSubject,   // subject tag -> index
  kAuditExchange,  // exchange records
  kAuditActor,     // pseudonym -> user
  kWitness,        // what this node cosigned for others, and their notes
  kLast = kWitness
};

struct Row {
  Bytes key;
  Bytes value;
  std::int64_t due = 0;  // POSIX seconds when the record's term ends; 0: none
};

// A consistent view: what was committed when it first read. Thread-compatible;
// finish soon, a long reader keeps the write-ahead log from shrinking.
// Every call: INVALID_ARGUMENT for an empty key, UNAVAILABLE when the disk
// fails, DATA_LOSS when a page does not verify.
class Reader {
 public:
  virtual ~Reader() = default;
  // The value, or nullopt when there is no such key.
  virtual absl::StatusOr<std::optional<Bytes>> Get(Table table,
                                                   ByteView key) = 0;
  // Rows whose key starts with `prefix` and is greater than `after` (empty:
  // from the start), by key, at most `limit`.
  virtual absl::StatusOr<std::vector<Row>> Scan(Table table, ByteView prefix,
                                                ByteView after,
                                                std::size_t limit) = 0;
  virtual absl::StatusOr<std::uint64_t> Count(Table table, ByteView prefix) = 0;
  // Rows with 0 < due <= `until`, earliest first, by key among equals, at most
  // `limit`.
  virtual absl::StatusOr<std::vector<Row>> ScanDue(Table table,
                                                   std::int64_t until,
                                                   std::size_t limit) = 0;
};

// Reads its own changes. A write that the disk refuses fails the whole
// transaction, even when the caller goes on: Store::Write then returns that
// status.
class Writer : public Reader {
 public:
  // Adds or replaces a row. `due`: POSIX seconds, 0 for none; negative is
  // INVALID_ARGUMENT.
  virtual absl::Status Put(Table table, ByteView key, ByteView value,
                           std::int64_t due) = 0;
  absl::Status Put(Table table, ByteView key, ByteView value) {
    return Put(table, key, value, 0);
  }
  // A row that is not there is no error.
  virtual absl::Status Delete(Table table, ByteView key) = 0;
  // Runs `part`; when it fails its changes are undone, those before it stay,
  // and its status is returned.
  virtual absl::Status Savepoint(
      const std::function<absl::Status(Writer&)>& part) = 0;
};

// Readers must be gone before the store.
class Store {
 public:
  virtual ~Store() = default;
  // A reader of its own; any number at a time. Thread-safe.
  virtual absl::StatusOr<std::unique_ptr<Reader>> Read() = 0;
  // Runs `changes` in one transaction and commits it durably (it is on disk
  // when this returns OK); a failing `changes` leaves no trace. One writer at a
  // time: callers queue. RESOURCE_EXHAUSTED: the disk is full. Thread-safe.
  absl::Status Write(const std::function<absl::Status(Writer&)>& changes) {
    TRY_OK(Commit(changes));
    Tidy();
    return absl::OkStatus();
  }
  // Write without what can wait until others were told of the commit; whoever
  // calls it calls Tidy soon after.
  virtual absl::Status Commit(
      const std::function<absl::Status(Writer&)>& changes) = 0;
  // Moves a write-ahead log that has grown into the main file; mostly does
  // nothing. What fails is tried again later. Thread-safe.
  virtual void Tidy() = 0;
  // Moves the write-ahead log into the main file and empties it, so that erased
  // bytes are gone from it too. UNAVAILABLE: a reader stayed in the way.
  // Thread-safe.
  virtual absl::Status Scrub() = 0;
  // Reads everything and checks it. DATA_LOSS: something is damaged. Slow,
  // writers wait. Thread-safe.
  virtual absl::Status Check() = 0;
};

}  // namespace entente::store
