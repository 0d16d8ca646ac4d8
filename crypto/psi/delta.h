#pragma once
// The step from one sequence of a tag set to a later one of the same epoch.
// docs/protocol/tag-set.md is the byte-exact page.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/psi/tag_set.h"

namespace entente::psi {

// What changes, strictly ascending on both sides. Encoded as a statement
// (EncodeStatement); the holder signs it.
struct Delta {
  static constexpr std::string_view kLabel = "entente/tag-set-delta/1";

  std::uint64_t from = 0;  // sequence it starts at
  Hash from_root{};
  TagSetHeader to;  // the header of the file it makes
  Hash to_root{};
  std::vector<Entry> removed;  // whole entries: a tag alone may name several
  std::vector<Entry> added;

  template <class A>
  void Fields(A& f) {
    f(from, from_root, to, to_root, removed, added);
  }
  friend bool operator==(const Delta&, const Delta&) = default;
};

// What a delta may hold at most, removed and added: 4 MiB. Where more changed,
// the whole file goes.
inline constexpr std::size_t kMaxDeltaEntries = std::size_t{1} << 18U;

// The delta between two files of one set. INVALID_ARGUMENT: they differ in more
// than sequence and count, or `to` is not later. RESOURCE_EXHAUSTED: more than
// kMaxDeltaEntries.
absl::StatusOr<Delta> MakeDelta(const TagSetView& from, const TagSetView& to,
                                const Release& release = {});

// The bytes that a delta takes on the wire; the whole file goes instead when it
// is not larger.
std::uint64_t EncodedSize(const Delta& delta);

// The file that `delta` makes of `from`.
//   INVALID_ARGUMENT   not well formed, it starts at another file, removes what
//                      is not there or adds what is
//   DATA_LOSS          the result has another root
absl::StatusOr<TagSetFile> Apply(const TagSetView& from, const Delta& delta);
// The same, piece by piece: what went into `sink` counts only when this
// returns OK.
absl::StatusOr<TagSetSum> Apply(const TagSetView& from, const Delta& delta,
                                const ByteSink& sink);

}  // namespace entente::psi
