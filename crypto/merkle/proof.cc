#include "crypto/merkle/proof.h"

#include <algorithm>
#include <bit>

#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"

namespace entente::merkle {
namespace {

// The largest power of two below `n`, for n >= 2.
std::uint64_t SplitOf(std::uint64_t n) { return std::bit_floor(n - 1); }

// The root over the leaves [begin, end). `begin` is a multiple of the smallest
// power of two that holds the range, as it is in every proof.
absl::StatusOr<Hash> RangeRoot(std::uint64_t begin, std::uint64_t end,
                               const HashSource& source) {
  const std::uint64_t count = end - begin;
  if (std::has_single_bit(count)) {
    const auto level = static_cast<unsigned>(std::countr_zero(count));
    return source(level, begin >> level);
  }
  const std::uint64_t split = begin + SplitOf(count);
  TRY(const Hash left, RangeRoot(begin, split, source));
  TRY(const Hash right, RangeRoot(split, end, source));
  return NodeHash(left, right);
}

// One step of both verifications: how the next hash joins, and the state after.
struct Walk {
  std::uint64_t fn = 0;
  std::uint64_t sn = 0;
  bool Left() const { return (fn & 1U) != 0 || fn == sn; }
  void Halve() {
    fn >>= 1U;
    sn >>= 1U;
  }
  void Climb(bool left) {
    if (left) {
      while (fn != 0 && (fn & 1U) == 0) Halve();
    }
    Halve();
  }
};

absl::Status BadProof() { return ProofFailed("the proof does not hold"); }

absl::Status CheckSizes(std::uint64_t small, std::uint64_t large) {
  if (large >= kSizeLimit) return Invalid("tree size out of range");
  if (small > large) return Invalid("the old tree is larger than the new one");
  return absl::OkStatus();
}

}  // namespace

HashSource HashesFromLeaves(std::span<const Hash> leaf_hashes) {
  return [leaf_hashes](unsigned level,
                       std::uint64_t index) -> absl::StatusOr<Hash> {
    const std::uint64_t count = std::uint64_t{1} << level;
    const std::uint64_t begin = index << level;
    if (begin + count > leaf_hashes.size()) return NotFound("no such subtree");
    return Root(leaf_hashes.subspan(begin, count));
  };
}

absl::StatusOr<Hash> RootOf(std::uint64_t size, const HashSource& source) {
  TRY_OK(CheckSizes(0, size));
  if (size == 0) return EmptyRoot();
  return RangeRoot(0, size, source);
}

absl::StatusOr<Proof> ProveInclusion(std::uint64_t index, std::uint64_t size,
                                     const HashSource& source) {
  TRY_OK(CheckSizes(0, size));
  if (index >= size) return Invalid("no such leaf in a tree of this size");
  Proof proof;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t split = begin + SplitOf(end - begin);
    const bool right = index >= split;
    TRY(const Hash sibling, right ? RangeRoot(begin, split, source)
                                  : RangeRoot(split, end, source));
    proof.push_back(sibling);
    (right ? begin : end) = split;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

absl::StatusOr<Proof> ProveConsistency(std::uint64_t old_size,
                                       std::uint64_t new_size,
                                       const HashSource& source) {
  TRY_OK(CheckSizes(old_size, new_size));
  Proof proof;
  if (old_size == 0 || old_size == new_size) return proof;
  std::uint64_t begin = 0;
  std::uint64_t end = new_size;
  // `old_size` lies in (begin, end]; the walk ends where it is a whole subtree.
  while (old_size != end) {
    const std::uint64_t split = begin + SplitOf(end - begin);
    const bool right = old_size > split;
    TRY(const Hash sibling, right ? RangeRoot(begin, split, source)
                                  : RangeRoot(split, end, source));
    proof.push_back(sibling);
    (right ? begin : end) = split;
  }
  if (begin != 0) {  // otherwise the verifier has this hash: the old root
    TRY(const Hash seed, RangeRoot(begin, end, source));
    proof.push_back(seed);
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

absl::Status VerifyInclusion(std::uint64_t index, std::uint64_t size,
                             const Hash& leaf_hash, const Proof& proof,
                             const Hash& root) {
  if (index >= size || size >= kSizeLimit) return BadProof();
  Walk walk{index, size - 1};
  Hash hash = leaf_hash;
  for (const Hash& p : proof) {
    if (walk.sn == 0) return BadProof();
    const bool left = walk.Left();
    hash = left ? NodeHash(p, hash) : NodeHash(hash, p);
    walk.Climb(left);
  }
  if (walk.sn != 0 || hash != root) return BadProof();
  return absl::OkStatus();
}

absl::StatusOr<TwoRoots> RootsFromSeededProof(std::uint64_t old_size,
                                              std::uint64_t new_size,
                                              const Proof& seeded) {
  if (old_size == 0 || old_size >= new_size || new_size >= kSizeLimit ||
      seeded.empty()) {
    return BadProof();
  }
  Walk walk{old_size - 1, new_size - 1};
  while ((walk.fn & 1U) != 0) walk.Halve();
  TwoRoots roots{seeded.front(), seeded.front()};
  for (const Hash& c : std::span(seeded).subspan(1)) {
    if (walk.sn == 0) return BadProof();
    const bool left = walk.Left();
    if (left) roots.old_root = NodeHash(c, roots.old_root);
    roots.new_root =
        left ? NodeHash(c, roots.new_root) : NodeHash(roots.new_root, c);
    walk.Climb(left);
  }
  if (walk.sn != 0) return BadProof();
  return roots;
}

absl::Status VerifyConsistency(std::uint64_t old_size, std::uint64_t new_size,
                               const Hash& old_root, const Hash& new_root,
                               const Proof& proof) {
  if (old_size > new_size || new_size >= kSizeLimit ||
      proof.size() > kMaxProofHashes) {
    return BadProof();
  }
  if (old_size == 0) {
    return proof.empty() ? absl::OkStatus() : BadProof();
  }
  if (old_size == new_size) {
    if (!proof.empty() || old_root != new_root) return BadProof();
    return absl::OkStatus();
  }
  if (proof.empty()) return BadProof();
  Proof seeded;
  if (std::has_single_bit(old_size)) seeded.push_back(old_root);
  seeded.insert(seeded.end(), proof.begin(), proof.end());
  TRY(const TwoRoots roots, RootsFromSeededProof(old_size, new_size, seeded));
  if (roots.old_root != old_root || roots.new_root != new_root) {
    return BadProof();
  }
  return absl::OkStatus();
}

std::string ProofLines(const Proof& proof) {
  std::string out;
  for (const Hash& hash : proof) out += ToBase64(hash) + "\n";
  return out;
}

absl::StatusOr<Proof> ParseProofLines(std::string_view lines) {
  Proof proof;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos || proof.size() == kMaxProofHashes) {
      return Invalid("malformed or too many proof lines");
    }
    TRY(const Bytes raw, FromBase64(lines.substr(0, end)));
    TRY(const Hash hash, ToArray<32>(raw));
    proof.push_back(hash);
    lines.remove_prefix(end + 1);
  }
  return proof;
}

}  // namespace entente::merkle
