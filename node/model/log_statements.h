#pragma once
// What nodes say to each other about their logs: heads, proofs, days. The same
// rules as in statements.h; docs/protocol/statements.md, section 4, is the
// byte-exact page.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/model/statements.h"

namespace entente::model {

// The latest head of every log that the sender knows, its own first. Asked and
// answered alike.
struct Checkpoints {
  static constexpr std::string_view kLabel = "entente/checkpoints/1";
  Preamble preamble;
  std::vector<std::string> notes;  // signed notes, verbatim; at most 64
  template <class A>
  void Fields(A& f) {
    f(preamble, notes);
  }
};

// Asks a log for the proof that its tree of `new_size` begins with that of
// `old_size`.
struct ConsistencyAsk {
  static constexpr std::string_view kLabel = "entente/consistency-ask/1";
  Preamble preamble;
  Hash origin{};  // SHA-256 of the log's origin
  std::uint64_t old_size = 0;
  std::uint64_t new_size = 0;
  template <class A>
  void Fields(A& f) {
    f(preamble, origin, old_size, new_size);
  }
};

struct Consistency {
  static constexpr std::string_view kLabel = "entente/consistency/1";
  Preamble preamble;
  Hash origin{};
  std::uint64_t old_size = 0;
  std::uint64_t new_size = 0;
  std::vector<Hash> proof;  // with its seed hash always in front
  template <class A>
  void Fields(A& f) {
    f(preamble, origin, old_size, new_size, proof);
  }
};

// One day of one agreement between the two: the note, signed by the sender's
// log. Answered with the same note and both lines when the days are equal, else
// with the answerer's own.
struct ReconcileDay {
  static constexpr std::string_view kLabel = "entente/reconcile-day/1";
  Preamble preamble;
  Hash agreement{};
  std::string day;   // `2027-01-01`
  std::string note;  // a signed note, audit-log.md, section 8
  template <class A>
  void Fields(A& f) {
    f(preamble, agreement, day, note);
  }
};

// One node of the trie of a day.
struct ReconcileNodeAsk {
  static constexpr std::string_view kLabel = "entente/reconcile-node-ask/1";
  Preamble preamble;
  Hash agreement{};
  std::string day;
  Bytes nibbles;  // one a byte, 0 to 64 of them
  template <class A>
  void Fields(A& f) {
    f(preamble, agreement, day, nibbles);
  }
};

struct DayRecord {
  Hash key{};
  Hash digest{};
  template <class A>
  void Fields(A& f) {
    f(key, digest);
  }
};

struct ReconcileNode {
  static constexpr std::string_view kLabel = "entente/reconcile-node/1";
  Preamble preamble;
  Bytes nibbles;  // as asked
  std::uint64_t count = 0;
  Hash digest{};
  std::vector<Hash> children;      // 16 when count is above 16, else none
  std::vector<DayRecord> records;  // all when count is at most 16; rising
  template <class A>
  void Fields(A& f) {
    f(preamble, nibbles, count, digest, children, records);
  }
};

// Asks for the proof that the receiver's log holds an entry.
struct LeafAsk {
  static constexpr std::string_view kLabel = "entente/leaf-ask/1";
  Preamble preamble;
  Hash leaf{};
  template <class A>
  void Fields(A& f) {
    f(preamble, leaf);
  }
};

struct LeafProof {
  static constexpr std::string_view kLabel = "entente/leaf-proof/1";
  Preamble preamble;
  Hash leaf{};
  std::string proof;  // a .tlog-proof, audit-log.md, section 2
  template <class A>
  void Fields(A& f) {
    f(preamble, leaf, proof);
  }
};

}  // namespace entente::model
