#include "crypto/merkle/tree.h"

#include <bit>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"

namespace entente::merkle {

Hash LeafHash(ByteView leaf) {
  static constexpr ByteArray<1> kPrefix = {0x00};
  return primitive::Sha256({kPrefix, leaf});
}

Hash NodeHash(const Hash& left, const Hash& right) {
  static constexpr ByteArray<1> kPrefix = {0x01};
  return primitive::Sha256({kPrefix, left, right});
}

Hash EmptyRoot() { return primitive::Sha256({}); }

Hash Root(std::span<const Hash> leaf_hashes) {
  if (leaf_hashes.empty()) return EmptyRoot();
  if (leaf_hashes.size() == 1) return leaf_hashes[0];
  // The largest power of two below the size.
  const std::size_t left = std::bit_floor(leaf_hashes.size() - 1);
  return NodeHash(Root(leaf_hashes.first(left)),
                  Root(leaf_hashes.subspan(left)));
}

absl::StatusOr<Tree> Tree::Resume(std::uint64_t size, std::vector<Hash> peaks) {
  if (size >= kSizeLimit) return Invalid("tree size out of range");
  if (peaks.size() != static_cast<std::size_t>(std::popcount(size))) {
    return Invalid("wrong number of subtree roots for this size");
  }
  Tree tree;
  tree.size_ = size;
  tree.peaks_ = std::move(peaks);
  return tree;
}

void Tree::Append(const Hash& leaf_hash) {
  CHECK(size_ + 1 < kSizeLimit);
  Hash hash = leaf_hash;
  // Each trailing 1 of the size is a subtree that the new leaf completes.
  for (std::uint64_t rest = size_; (rest & 1U) != 0; rest >>= 1U) {
    hash = NodeHash(peaks_.back(), hash);
    peaks_.pop_back();
  }
  peaks_.push_back(hash);
  ++size_;
}

Hash Tree::Root() const {
  if (peaks_.empty()) return EmptyRoot();
  Hash hash = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i-- > 0;) {
    hash = NodeHash(peaks_[i], hash);
  }
  return hash;
}

}  // namespace entente::merkle
