#pragma once
// The tag set: a holder's tokens for one clause and epoch, cut to tags, padded,
// and written so that an asker looks up in the mapped file.
// docs/protocol/tag-set.md is the byte-exact page.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/psi/entry.h"
#include "crypto/psi/padding.h"

namespace entente::psi {

// Which set a file holds. The strings come from a verified agreement, 1 to 255
// bytes each.
struct TagSetHeader {
  Hash agreement{};
  std::string clause;
  std::string holder;
  std::string asker;
  std::uint64_t epoch = 0;
  std::string recipe;
  std::uint64_t sequence = 0;  // 1 for the first file of an epoch
  std::uint64_t count = 0;     // entries in the file, padding included

  template <class A>
  void Fields(A& f) {
    f(agreement, clause, holder, asker, epoch, recipe, sequence, count);
  }
  friend bool operator==(const TagSetHeader&, const TagSetHeader&) = default;
};

// A whole file and what its signed statement says of it.
struct TagSetFile {
  Bytes bytes;
  Hash root{};  // SHA-256 over all of `bytes`
  TagSetHeader header;
};

// Collects the entries of one file. Thread-compatible.
class TagSetBuilder {
 public:
  // The count of `header` is ignored: Finish sets it.
  explicit TagSetBuilder(TagSetHeader header);

  // One row under one of its match keys. The same row may come twice under one
  // key; it is kept once. Several rows may share a key: each stays.
  // INVALID_ARGUMENT: rule 0 with a handle that is not zero.
  absl::Status Add(const oprf::Token& token, const Label& label);

  // Sorts, pads with entries from `source` and writes the file.
  // INVALID_ARGUMENT: a string of the header is empty or too long, or there are
  // more than kMaxEntries entries. INTERNAL: `source` repeats itself.
  absl::StatusOr<TagSetFile> Finish(Padding padding,
                                    const PaddingSource& source) &&;

 private:
  TagSetHeader header_;
  std::vector<Entry> entries_;
};

// A verified file, borrowed: `file` must outlive the view and not change.
// Thread-safe.
class TagSetView {
 public:
  // Checks everything: the root over all bytes, the layout, the header, the
  // length, the order. `root` and `expected` come from the holder's signed
  // statement.
  //   DATA_LOSS          the root differs
  //   INVALID_ARGUMENT   the file is not well formed, or holds another set
  static absl::StatusOr<TagSetView> Open(ByteView file, const Hash& root,
                                         const TagSetHeader& expected);

  // The labels of all rows that share `token`, in the order of the file; empty
  // when it is not there.
  std::vector<Label> Lookup(const oprf::Token& token) const;

  const TagSetHeader& header() const { return header_; }
  const Hash& root() const { return root_; }
  std::uint64_t size() const { return header_.count; }
  // The entry at `index`, which is below size().
  ByteView entry(std::uint64_t index) const;

 private:
  TagSetView(ByteView entries, const Hash& root, TagSetHeader header)
      : entries_(entries), root_(root), header_(std::move(header)) {}

  ByteView entries_;  // INVARIANT: 16 bytes each, strictly ascending
  Hash root_;
  TagSetHeader header_;
};

}  // namespace entente::psi
