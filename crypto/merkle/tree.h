#pragma once
// The tree of RFC 6962, section 2.1, over SHA-256:
// leaf(d) = H(0x00 || d), node(l, r) = H(0x01 || l || r), the root of no leaf
// is H(""). Pure; free functions are thread-safe, Tree is thread-compatible.

#include <absl/status/statusor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "crypto/base/bytes.h"

namespace entente::merkle {

// Sizes and indexes stay below this.
inline constexpr std::uint64_t kSizeLimit = std::uint64_t{1} << 63U;

Hash LeafHash(ByteView leaf);
Hash NodeHash(const Hash& left, const Hash& right);
Hash EmptyRoot();

// The root over leaf hashes; of none: EmptyRoot().
Hash Root(std::span<const Hash> leaf_hashes);

// A growing tree that remembers one hash per set bit of its size: appending
// costs two hashes on average, and nothing older is needed.
class Tree {
 public:
  Tree() = default;
  // A tree of `size` leaves whose complete subtrees have the roots `peaks`,
  // largest first. INVALID_ARGUMENT: their number is not the number of set
  // bits, or the size is 2^63 or more.
  static absl::StatusOr<Tree> Resume(std::uint64_t size,
                                     std::vector<Hash> peaks);

  void Append(const Hash& leaf_hash);
  std::uint64_t size() const { return size_; }
  // Roots of the complete subtrees, largest first.
  const std::vector<Hash>& peaks() const { return peaks_; }
  Hash Root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> peaks_;
};

}  // namespace entente::merkle
