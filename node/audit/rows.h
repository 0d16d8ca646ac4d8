#pragma once
// Private to the room: where the log's rows stand in the store, and what is in
// them. All keys start with the volume, so several volumes share the tables.

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::audit {

// The committed head: moves in the transaction of the leaves.
struct HeadRow {
  std::uint64_t size = 0;
  Hash root{};
  std::int64_t last_time = 0;  // of the last leaf, microseconds
  std::uint32_t next_segment = 0;
  Hash policy{};  // SHA-256 of the witness policy file
  bool closed = false;
  template <class A>
  void Fields(A& f) {
    f(size, root, last_time, next_segment, policy, closed);
  }
};

// The published head, with its cosignatures.
struct PublishedRow {
  std::uint64_t size = 0;
  Hash root{};
  std::string note;
  template <class A>
  void Fields(A& f) {
    f(size, root, note);
  }
};

// What a witness last cosigned of this log.
struct CosignedRow {
  std::uint64_t size = 0;
  std::int64_t time = 0;
  template <class A>
  void Fields(A& f) {
    f(size, time);
  }
};

// Entries below `size` are in the search index.
struct IndexedRow {
  std::uint64_t size = 0;
  template <class A>
  void Fields(A& f) {
    f(size);
  }
};

// Entries that went at the end of their term: all below `before` but those of
// the class `law`.
struct PrunedRow {
  std::uint64_t before = 0;  // a multiple of 256
  std::uint64_t by = 0;      // index of the `log.prune`
  // The one before it; its bundles have left the folder. Those of this one
  // leave when the `log.prune` is published.
  std::uint64_t was = 0;
  std::uint64_t swept = 0;  // below it the store's rows have gone too
  template <class A>
  void Fields(A& f) {
    f(before, by, was, swept);
  }
};

class Rows {
 public:
  explicit Rows(std::string_view volume);

  // Table::kAuditHead.
  Bytes Head() const { return Named("head"); }
  Bytes Published() const { return Named("published"); }
  Bytes Pruned() const { return Named("pruned"); }
  Bytes Indexed() const { return Named("indexed"); }
  Bytes CleanStop() const { return Named("clean"); }
  Bytes SpoolDone() const { return Named("spool"); }
  Bytes Segment(std::uint32_t number) const;
  Bytes Cosigned(std::string_view witness) const;
  // An `erasure` whose remnants may still lie in the store's files.
  Bytes UnscrubbedPrefix() const { return Named("unscrubbed/"); }
  Bytes Unscrubbed(std::uint64_t index) const;

  // Table::kAuditLeaf and Table::kAuditBody.
  Bytes Entry(std::uint64_t index) const;
  // Of a key that Entry made.
  static std::uint64_t IndexOf(ByteView key);
  const Bytes& Prefix() const { return prefix_; }
  // Whether the row is of this volume.
  bool Owns(ByteView key) const;

  // Table::kAuditActor.
  Bytes Actor(const Id16& pseudonym) const;

  // Table::kAuditSubject, the search index: kind, value, entry.
  static constexpr char kType = 'T';
  static constexpr char kBatch = 'B';
  static constexpr char kHit = 'H';
  static constexpr char kActorIndex = 'A';
  static constexpr char kSubject = 'S';
  static constexpr char kLeafHash = 'L';
  Bytes IndexPrefix(char kind, ByteView value) const;
  Bytes Index(char kind, ByteView value, std::uint64_t index) const;
  // All subject tags of one entry, so that erasing finds them.
  Bytes TagsOf(std::uint64_t index) const;

 private:
  Bytes Named(std::string_view name) const;
  Bytes prefix_;
};

}  // namespace entente::audit
