#pragma once
// What the node keeps of its work. Each record lives in one table of the store,
// sealed with it; personal data among it is named. Keys of the rows are made by
// the rooms that own them.

#include <cstdint>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/model/person.h"
#include "node/model/statements.h"

namespace entente::model {

// A journey with its travellers (rows of their own).
struct FlightRecord {
  std::vector<Journey> journeys;
  std::int64_t received = 0;  // POSIX seconds
  std::uint32_t travellers = 0;
  std::uint32_t crew = 0;
  std::string format;
  template <class A>
  void Fields(A& f) {
    f(journeys, received, travellers, crew, format);
  }
};

// The settings and counts of one list. Entries lie under (list, generation).
struct ListRecord {
  std::string name;
  std::uint32_t generation = 0;
  std::uint32_t rows = 0;
  std::int64_t imported = 0;
  std::string by;  // who imported it
  template <class A>
  void Fields(A& f) {
    f(name, generation, rows, imported, by);
  }
};

enum class Way : std::uint8_t { kOut, kIn, kLast = kIn };

struct EpochRecord {
  std::uint64_t epoch = 0;
  std::int64_t valid_from = 0;
  std::int64_t valid_until = 0;
  std::int64_t destroy_after = 0;
  ByteArray<32> public_key{};
  Hash leaf{};       // of our entry
  Hash peer_leaf{};  // taken: of the holder's
  bool destroyed = false;
  template <class A>
  void Fields(A& f) {
    f(epoch, valid_from, valid_until, destroy_after, public_key, leaf,
      peer_leaf, destroyed);
  }
};

struct TagSetRecord {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::uint64_t count = 0;
  std::uint64_t size = 0;
  Hash root{};
  std::uint64_t delta_from = 0;
  std::uint64_t delta_size = 0;
  Hash delta_root{};
  Bytes padding_seed;  // 32 secret bytes, ours only
  std::int64_t made = 0;
  std::uint32_t rows = 0;
  bool stale = false;  // the list changed since
  std::string
      good_until;  // YYYYMMDD; behind that day one of its rows is expired
  template <class A>
  void Fields(A& f) {
    f(epoch, sequence, count, size, root, delta_from, delta_size, delta_root,
      padding_seed, made, rows, stale, good_until);
  }
};

// Where a handle of a tag set leads at the holder.
struct HandleRecord {
  Bytes entry_key;  // the entry's name (exchange::ListEntryName)
  template <class A>
  void Fields(A& f) {
    f(entry_key);
  }
};

// One traveller of a batch: which row, and whether dummies stand in for them.
// Rows of both kinds have one shape.
struct BatchPerson {
  Bytes traveller_key;
  bool withheld = false;
  template <class A>
  void Fields(A& f) {
    f(traveller_key, withheld);
  }
};

// A tag that was found: which place of the batch, which row, which rule.
struct FoundTag {
  std::uint32_t person = 0;
  ByteArray<6> handle{};
  std::uint8_t rule = 0;
  template <class A>
  void Fields(A& f) {
    f(person, handle, rule);
  }
};

enum class BatchState : std::uint8_t {
  kOpen,
  kComplete,
  kPartial,
  kNotAsked,
  kLast = kNotAsked
};
inline constexpr std::string_view kBatchStates[] = {"open", "complete",
                                                    "partial", "not-asked"};

// A screening at the asker. The seed is wiped when the batch ends.
struct BatchRecord {
  Id16 batch{};
  Hash agreement{};
  std::string clause;
  std::string purpose;
  std::string basis;
  std::string reference;
  std::string peer;
  std::string user;
  std::uint8_t role = 0;
  std::uint8_t route = 0;
  std::uint8_t urgency = 0;
  Bytes flight;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  Bytes seed;  // 32 secret bytes: blinds, dummies, order
  std::vector<BatchPerson> persons;
  std::uint32_t padded = 0;
  std::uint32_t chunks = 0;
  std::uint32_t record_age = 0;  // hours, when it was opened
  std::int64_t opened = 0;
  std::int64_t ended = 0;
  BatchState state = BatchState::kOpen;
  std::string reason;  // why it is partial or was not asked
  std::uint32_t hits = 0;
  Hash leaf{};  // of screen.open
  template <class A>
  void Fields(A& f) {
    f(batch, agreement, clause, purpose, basis, reference, peer, user, role,
      route, urgency, flight, epoch, sequence, seed, persons, padded, chunks,
      record_age, opened, ended, state, reason, hits, leaf);
  }
};

// One answered chunk at the asker, until the batch ends.
struct ChunkDone {
  Hash peer_leaf{};
  Hash request{};
  Hash answer{};
  std::vector<FoundTag> found;
  template <class A>
  void Fields(A& f) {
    f(peer_leaf, request, answer, found);
  }
};

// One accepted chunk at the holder: asked again, the same answer and no second
// count.
struct ChunkSeen {
  Hash core{};      // SHA-256 over what the question is, without preamble
  Hash elements{};  // SHA-256 of the elements
  std::uint32_t chunks = 0;
  Hash leaf{};
  template <class A>
  void Fields(A& f) {
    f(core, elements, chunks, leaf);
  }
};

enum class Verdict : std::uint8_t {
  kConfirmed,
  kNotSame,
  kUnclear,
  kApprove,
  kDecline,
  kLast = kDecline
};
inline constexpr std::string_view kVerdictNames[] = {
    "confirmed", "not-same", "unclear", "approve", "decline"};

struct FlagCheck {
  std::uint8_t flag = 0;   // policy::Flag
  std::uint8_t state = 0;  // policy::FlagState: absent or present
  template <class A>
  void Fields(A& f) {
    f(flag, state);
  }
};

// One person's review. The reason is shown to the next reviewer only after they
// gave their own.
struct ReviewRecord {
  std::string user;
  ByteArray<32> key{};  // the personal key that signed it
  Verdict verdict = Verdict::kUnclear;
  std::string reason;
  std::vector<FlagCheck> flags;
  std::int64_t time = 0;
  template <class A>
  void Fields(A& f) {
    f(user, key, verdict, reason, flags, time);
  }
};

enum class HitState : std::uint8_t {
  kOpen,       // waits for reviews
  kConfirmed,  // reviews say: the same person
  kCleared,    // not the same person
  kUnclear,
  kAsked,  // a disclosure request is out
  kDisclosed,
  kRefused,
  kErased,
  kLast = kErased
};
inline constexpr std::string_view kHitStates[] = {
    "open",  "confirmed", "cleared", "unclear",
    "asked", "disclosed", "refused", "erased"};

// A hit at the asker.
struct HitRecord {
  Id16 hit{};
  Hash agreement{};
  std::string clause;
  std::string purpose;
  std::string basis;
  std::string peer;
  std::uint8_t route = 0;
  std::uint8_t urgency = 0;
  Id16 batch{};
  Bytes flight;
  Bytes traveller_key;
  ByteArray<6> handle{};
  std::vector<std::uint8_t> rules;
  std::uint8_t tier = 0;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::int64_t found = 0;
  std::int64_t due = 0;
  HitState state = HitState::kOpen;
  std::vector<ReviewRecord> reviews;
  std::string outcome;
  template <class A>
  void Fields(A& f) {
    f(hit, agreement, clause, purpose, basis, peer, route, urgency, batch,
      flight, traveller_key, handle, rules, tier, epoch, sequence, found, due,
      state, reviews, outcome);
  }
};

enum class RequestState : std::uint8_t {
  kPending,
  kReady,
  kReleased,
  kRefused,
  kDelivered,
  kErased,
  kLast = kErased
};
inline constexpr std::string_view kRequestStates[] = {
    "pending", "ready", "released", "refused", "delivered", "erased"};

// A disclosure request, at the asker (out) and at the holder (in).
struct RequestRecord {
  Id16 hit{};
  Way way = Way::kOut;
  std::string peer;
  SignedStatement request;
  Hash request_hash{};
  Hash leaf{};       // of our entry
  Hash peer_leaf{};  // of theirs
  std::int64_t arrived = 0;
  std::int64_t answer_by = 0;
  RequestState state = RequestState::kPending;
  std::vector<ReviewRecord> reviews;  // the holder's
  SignedStatement
      answer;           // the holder's signed disclosure, kept until delivered
  std::string outcome;  // what the asker said of it later
  Bytes entry;          // the holder's: name of the list entry; empty: none
  template <class A>
  void Fields(A& f) {
    f(hit, way, peer, request, request_hash, leaf, peer_leaf, arrived,
      answer_by, state, reviews, answer, outcome, entry);
  }
};

// What was disclosed to this node, in the record's own words. Personal data.
struct DisclosedItem {
  Id16 hit{};
  std::string peer;
  DisclosedRecord record;
  std::int64_t received = 0;
  // MaskedFields, once their time is over: out of the record, sealed by the
  // node, for whoever brings an order. Empty: not masked.
  Bytes masked;
  template <class A>
  void Fields(A& f) {
    f(hit, peer, record, received, masked);
  }
};

// What DisclosedItem::masked seals.
struct MaskedFields {
  std::vector<FieldValue> fields;
  template <class A>
  void Fields(A& f) {
    f(fields);
  }
};

// An open case that needs what was disclosed for a hit: it stays for the
// clause's `retain_days_case`. One person asks, another opens it.
struct CaseRecord {
  Id16 hit{};
  std::string reference;
  std::string asked_by;
  ByteArray<32> asked_key{};
  std::int64_t asked = 0;
  std::string opened_by;
  std::int64_t opened = 0;  // 0: nobody confirmed it yet
  bool listed = false;  // stands in a signed case list of an ended agreement
  template <class A>
  void Fields(A& f) {
    f(hit, reference, asked_by, asked_key, asked, opened_by, opened, listed);
  }
};

// A recall, at the holder (out) and at the asker (in).
struct RecallRecord {
  Id16 hit{};
  Way way = Way::kOut;
  std::string peer;
  SignedStatement recall;
  Hash recall_hash{};
  std::int64_t due = 0;
  std::int64_t receipt = 0;  // when the receipt came or went; 0: not yet
  bool delivered = false;
  SignedStatement answer;  // the receipt, kept until delivered
  template <class A>
  void Fields(A& f) {
    f(hit, way, peer, recall, recall_hash, due, receipt, delivered, answer);
  }
};

}  // namespace entente::model
