#pragma once
// The tag set: a holder's tokens for one clause and epoch, cut to tags, padded,
// and written so that an asker looks up in the mapped file.
// docs/protocol/tag-set.md is the byte-exact page.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <memory>
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

// The same of a file that was written elsewhere.
struct TagSetSum {
  std::uint64_t size = 0;  // bytes
  Hash root{};
  TagSetHeader header;
};

// Called after every few MiB of a walk over whole files: a caller that mapped
// them lets go of what was read.
using Release = std::function<void()>;

// Takes the pieces of a file, in order.
using ByteSink = std::function<absl::Status(ByteView piece)>;

// Where entries lie while a file is made that may be larger than memory. For
// one builder.
class EntrySpill {
 public:
  virtual ~EntrySpill() = default;
  // Adds `bytes` behind those that lie there.
  virtual absl::Status Append(ByteView bytes) = 0;
  // Fills `out` with what was added from byte `offset` on.
  virtual absl::Status Read(std::uint64_t offset, MutableByteView out) = 0;
};

class Runs;

// Collects the entries of one file. Thread-compatible.
class TagSetBuilder {
 public:
  // The count of `header` is ignored: Finish sets it. With a spill, borrowed,
  // memory stays below 16 MiB whatever the file's size; its errors are returned
  // as they are.
  explicit TagSetBuilder(TagSetHeader header, EntrySpill* spill = nullptr);
  TagSetBuilder(TagSetBuilder&&) noexcept;
  ~TagSetBuilder();

  // One row under one of its match keys. The same row may come twice under one
  // key; it is kept once. Several rows may share a key: each stays.
  // INVALID_ARGUMENT: rule 0 with a handle that is not zero.
  absl::Status Add(const oprf::Token& token, const Label& label);

  // Sorts, pads with entries from `source` and writes the file.
  // INVALID_ARGUMENT: a string of the header is empty or too long, or there are
  // more than kMaxEntries entries. INTERNAL: `source` repeats itself.
  absl::StatusOr<TagSetSum> Finish(Padding padding, const PaddingSource& source,
                                   const ByteSink& sink) &&;
  // The same into memory.
  absl::StatusOr<TagSetFile> Finish(Padding padding,
                                    const PaddingSource& source) &&;

 private:
  TagSetHeader header_;
  std::unique_ptr<Runs> runs_;
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
                                         const TagSetHeader& expected,
                                         const Release& release = {});

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
