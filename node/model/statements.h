#pragma once
// What nodes say to each other. Every statement is canonical bytes
// (crypto/base/codec.h) that begin with its label, and is signed over those raw
// bytes by the sender's statement key. docs/protocol/statements.md is the
// byte-exact page: the order of the fields below is the format.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"

namespace entente::model {

// Bytes as they cross, kept and hashed as received.
struct SignedStatement {
  Bytes body;
  Bytes signature;  // 64 bytes, Ed25519 over "entente/statement/1" LF || body
  template <class A>
  void Fields(A& f) {
    f(body, signature);
  }
};

// First in every statement: who says it, to whom, when, and 16 random bytes so
// that its hash tells nothing.
struct Preamble {
  std::string from;
  std::string to;
  std::int64_t time = 0;  // POSIX seconds
  Id16 nonce{};
  template <class A>
  void Fields(A& f) {
    f(from, to, time, nonce);
  }
};

// Statements that say kMayBeLate are kept and sent again until they arrive, so
// their time may lie up to kLatestDelivery in the past; a second arrival
// changes nothing. All others must be from within five minutes.
inline constexpr std::int64_t kLatestDelivery = 30 * 86'400;

// Opens a session: both sides compare the hashes of the agreements they hold,
// first of all.
struct Hello {
  static constexpr std::string_view kLabel = "entente/hello/1";
  Preamble preamble;
  std::vector<Hash> agreements;
  template <class A>
  void Fields(A& f) {
    f(preamble, agreements);
  }
};

// Asks for a holder's epoch announcement. Epoch 0 means the one of now.
struct EpochAsk {
  static constexpr std::string_view kLabel = "entente/epoch-ask/1";
  Preamble preamble;
  Hash agreement{};
  std::uint64_t epoch = 0;
  template <class A>
  void Fields(A& f) {
    f(preamble, agreement, epoch);
  }
};

struct EpochAnnouncement {
  static constexpr std::string_view kLabel = "entente/epoch/1";
  Preamble preamble;
  Hash agreement{};
  std::uint64_t epoch = 0;
  std::int64_t valid_from = 0;
  std::int64_t valid_until = 0;
  ByteArray<32> public_key{};  // pkS of the epoch
  Hash leaf{};                 // the holder's log entry
  template <class A>
  void Fields(A& f) {
    f(preamble, agreement, epoch, valid_from, valid_until, public_key, leaf);
  }
};

// Carries policy's own signed bytes: status statements and event chains
// (agreements.md 3.4).
struct StatusExchange {
  static constexpr std::string_view kLabel = "entente/status-exchange/1";
  Preamble preamble;
  Hash agreement{};
  Bytes status;  // status/1 envelope of the sender; empty: none yet
  std::vector<Bytes> events;  // the sender's event/1 envelopes, in order
  template <class A>
  void Fields(A& f) {
    f(preamble, agreement, status, events);
  }
};

// A document that not all have signed yet, with the signatures that the sender
// has and what the parties did about it. Asked and answered: both sides then
// know what either knew.
struct AgreementProposal {
  static constexpr std::string_view kLabel = "entente/agreement-proposal/1";
  Preamble preamble;
  Bytes envelope;             // DSSE; any number of signatures
  std::vector<Bytes> events;  // event/1 envelopes: propose, opinion, sign,
                              // reject
  template <class A>
  void Fields(A& f) {
    f(preamble, envelope, events);
  }
};

struct TagSetAsk {
  static constexpr std::string_view kLabel = "entente/tagset-ask/1";
  Preamble preamble;
  Hash agreement{};
  std::string clause;
  std::uint64_t epoch = 0;
  std::uint64_t have = 0;  // sequence that the asker holds; 0: none
  template <class A>
  void Fields(A& f) {
    f(preamble, agreement, clause, epoch, have);
  }
};

struct TagSetManifest {
  static constexpr std::string_view kLabel = "entente/tagset/1";
  Preamble preamble;
  Hash agreement{};
  std::string clause;
  std::string recipe;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::uint64_t count = 0;       // entries, padding included
  std::uint64_t size = 0;        // bytes of the full file
  Hash root{};                   // of the full file
  std::uint64_t delta_from = 0;  // 0: no delta on offer
  std::uint64_t delta_size = 0;
  Hash delta_root{};
  Hash leaf{};
  template <class A>
  void Fields(A& f) {
    f(preamble, agreement, clause, recipe, epoch, sequence, count, size, root,
      delta_from, delta_size, delta_root, leaf);
  }
};

struct TagSetChunkAsk {
  static constexpr std::string_view kLabel = "entente/tagset-chunk-ask/1";
  Preamble preamble;
  Hash root{};  // of the full file or of the delta
  std::uint64_t offset = 0;
  std::uint32_t length = 0;  // at most 1 MiB
  template <class A>
  void Fields(A& f) {
    f(preamble, root, offset, length);
  }
};

struct TagSetChunk {
  static constexpr std::string_view kLabel = "entente/tagset-chunk/1";
  Preamble preamble;
  Hash root{};
  std::uint64_t offset = 0;
  Bytes data;
  template <class A>
  void Fields(A& f) {
    f(preamble, root, offset, data);
  }
};

struct ScreenRequest {
  static constexpr std::string_view kLabel = "entente/screen-request/1";
  Preamble preamble;
  Hash agreement{};
  std::string clause;
  std::string purpose;  // one leaf
  std::string basis;
  std::string reference;  // case reference, or the reason of the batch
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;  // of the tag set that the asker holds
  Id16 batch{};
  std::uint32_t chunk = 0;  // 0-based
  std::uint32_t chunks = 0;
  std::uint32_t persons = 0;  // in this chunk, padding included
  Bytes facts;                // facts/1 of the asker, 128 bytes
  Bytes decision;  // what Evaluate gives for them with empty local restrictions
  Bytes elements;  // 32 bytes each
  Hash leaf{};
  template <class A>
  void Fields(A& f) {
    f(preamble, agreement, clause, purpose, basis, reference, epoch, sequence,
      batch, chunk, chunks, persons, facts, decision, elements, leaf);
  }
};

struct ScreenAnswer {
  static constexpr std::string_view kLabel = "entente/screen-answer/1";
  Preamble preamble;
  Id16 batch{};
  std::uint32_t chunk = 0;
  Bytes evaluated;  // 32 bytes each
  ByteArray<64> proof{};
  Hash leaf{};
  template <class A>
  void Fields(A& f) {
    f(preamble, batch, chunk, evaluated, proof, leaf);
  }
};

struct FieldValue {
  std::string code;  // of the field catalogue
  std::string value;
  template <class A>
  void Fields(A& f) {
    f(code, value);
  }
};

struct DisclosureRequest {
  static constexpr std::string_view kLabel = "entente/disclosure-request/1";
  static constexpr bool kMayBeLate = true;
  Preamble preamble;
  Hash agreement{};
  std::string clause;         // the disclose clause
  std::string screen_clause;  // the clause of the screening that found the hit
  std::string purpose;
  std::string basis;
  std::string reference;  // case
  std::string necessity;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  ByteArray<6> handle{};
  std::vector<std::uint8_t> rules;
  std::vector<std::string> fields;
  std::vector<FieldValue> offered;
  std::vector<std::string>
      assurances;  // flag names for which the asker gives an assurance
  Id16 hit{};
  Bytes facts;
  Bytes decision;
  Hash leaf{};
  template <class A>
  void Fields(A& f) {
    f(preamble, agreement, clause, screen_clause, purpose, basis, reference,
      necessity, epoch, sequence, handle, rules, fields, offered, assurances,
      hit, facts, decision, leaf);
  }
};

// The plain "it arrived": for a disclosure request, a disclosure, an outcome, a
// recall, a receipt.
struct Acknowledgement {
  static constexpr std::string_view kLabel = "entente/acknowledgement/1";
  Preamble preamble;
  Id16 hit{};
  Hash of{};  // SHA-256 of the body that arrived
  std::int64_t answer_by = 0;
  Hash leaf{};
  template <class A>
  void Fields(A& f) {
    f(preamble, hit, of, answer_by, leaf);
  }
};

// What is sealed to the asker's disclosure key, with info =
// "entente/disclosure/1" LF || SHA-256 of the request's body.
struct DisclosedRecord {
  static constexpr std::string_view kLabel = "entente/disclosed-record/1";
  Id16 hit{};
  std::vector<FieldValue> fields;
  std::string source_grade;
  std::string info_grade;
  std::string handling;
  std::vector<std::string> caveats;
  std::int64_t retain_until = 0;
  template <class A>
  void Fields(A& f) {
    f(hit, fields, source_grade, info_grade, handling, caveats, retain_until);
  }
};

struct Disclosure {
  static constexpr std::string_view kLabel = "entente/disclosure/1";
  static constexpr bool kMayBeLate = true;
  Preamble preamble;
  Hash agreement{};
  std::string clause;
  Id16 hit{};
  Hash request{};      // SHA-256 of the request's body
  std::string reason;  // empty: released; `R00`: refused
  ByteArray<32> enc{};
  Bytes sealed;
  std::string handling;
  std::int64_t retain_until = 0;
  Hash leaf{};
  template <class A>
  void Fields(A& f) {
    f(preamble, agreement, clause, hit, request, reason, enc, sealed, handling,
      retain_until, leaf);
  }
};

enum class Outcome : std::uint8_t {
  kConfirmed,
  kNotThePerson,
  kNoLongerNeeded,
  kLast = kNoLongerNeeded
};

inline constexpr std::string_view kOutcomeNames[] = {
    "confirmed", "not-the-person", "no-longer-needed"};

struct HitOutcome {
  static constexpr std::string_view kLabel = "entente/hit-outcome/1";
  static constexpr bool kMayBeLate = true;
  Preamble preamble;
  Id16 hit{};
  Outcome outcome = Outcome::kConfirmed;
  Hash leaf{};
  template <class A>
  void Fields(A& f) {
    f(preamble, hit, outcome, leaf);
  }
};

enum class RecallKind : std::uint8_t { kErase, kCorrect, kLast = kCorrect };

struct Recall {
  static constexpr std::string_view kLabel = "entente/recall/1";
  static constexpr bool kMayBeLate = true;
  Preamble preamble;
  Id16 hit{};
  RecallKind kind = RecallKind::kErase;
  std::string reason;  // a class: `wrong-person`, `entry-deleted`,
                       // `entry-corrected`, `court`, `other`
  std::int64_t due = 0;
  Hash leaf{};
  template <class A>
  void Fields(A& f) {
    f(preamble, hit, kind, reason, due, leaf);
  }
};

struct RecallReceipt {
  static constexpr std::string_view kLabel = "entente/recall-receipt/1";
  static constexpr bool kMayBeLate = true;
  Preamble preamble;
  Id16 hit{};
  Hash recall{};  // SHA-256 of the recall's body
  RecallKind kind = RecallKind::kErase;
  std::uint32_t records = 0;  // erased or corrected
  Hash leaf{};
  template <class A>
  void Fields(A& f) {
    f(preamble, hit, recall, kind, records, leaf);
  }
};

}  // namespace entente::model
