#pragma once
// Inclusion and consistency proofs of RFC 6962, sections 2.1.1 and 2.1.2, and
// their verification as in RFC 9162, sections 2.1.3.2 and 2.1.4.2. Stateless,
// thread-safe as far as the hash source is.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"

namespace entente::merkle {

using Proof = std::vector<Hash>;
inline constexpr std::size_t kMaxProofHashes = 63;

// Gives the root of the complete subtree over the leaves
// [index << level, (index + 1) << level). Asked only for subtrees that lie
// wholly inside the tree. `HashesFromTiles` (tiles.h) makes one from tiles.
using HashSource =
    std::function<absl::StatusOr<Hash>(unsigned level, std::uint64_t index)>;
// A source over leaf hashes in memory; borrows them.
HashSource HashesFromLeaves(std::span<const Hash> leaf_hashes);

// The root over the leaves [0, size). Errors are those of the source.
absl::StatusOr<Hash> RootOf(std::uint64_t size, const HashSource& source);

// The path of leaf `index` in the tree of `size` leaves, the leaf's sibling
// first. INVALID_ARGUMENT: index >= size. Others: those of the source.
absl::StatusOr<Proof> ProveInclusion(std::uint64_t index, std::uint64_t size,
                                     const HashSource& source);
// That the tree of `new_size` leaves begins with that of `old_size`; empty when
// old_size is 0 or new_size. INVALID_ARGUMENT: old_size > new_size.
absl::StatusOr<Proof> ProveConsistency(std::uint64_t old_size,
                                       std::uint64_t new_size,
                                       const HashSource& source);

// OK when the leaf is at `index` of the tree `root`. DATA_LOSS: it is not, or
// the path has another length.
absl::Status VerifyInclusion(std::uint64_t index, std::uint64_t size,
                             const Hash& leaf_hash, const Proof& proof,
                             const Hash& root);
// OK when the new tree begins with the old one. An old size of 0 takes an empty
// proof only and no look at the roots; equal sizes an empty proof and equal
// roots. DATA_LOSS: anything else.
absl::Status VerifyConsistency(std::uint64_t old_size, std::uint64_t new_size,
                               const Hash& old_root, const Hash& new_root,
                               const Proof& proof);

// Both roots that a consistency proof with its seed hash in front leads to,
// for 0 < old_size < new_size. DATA_LOSS: the proof has another length.
// evidence.h compares them.
struct TwoRoots {
  Hash old_root{};
  Hash new_root{};
};
absl::StatusOr<TwoRoots> RootsFromSeededProof(std::uint64_t old_size,
                                              std::uint64_t new_size,
                                              const Proof& seeded);

// Proof hashes, one base64 line each. INVALID_ARGUMENT: a line is not 32
// bytes of base64, or there are more than kMaxProofHashes.
std::string ProofLines(const Proof& proof);
absl::StatusOr<Proof> ParseProofLines(std::string_view lines);

}  // namespace entente::merkle
