#pragma once
// The recipe's check of itself. ICU's data is part of the recipe, so a node
// announces recipe/1 only when it has derived the published vectors bit for
// bit. The vectors are compiled in from tests/vectors/recipe1.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <array>
#include <cstddef>
#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::match {

// How many vectors of each kind held.
struct VectorCounts {
  std::size_t letters = 0;
  std::size_t fields = 0;
  std::size_t skeletons = 0;
  std::size_t keys = 0;
};

// Derives every published vector (letter table, normal form, skeleton, keys of
// both sides) and compares. Takes some 10 ms. Thread-safe.
//   FAILED_PRECONDITION   a vector differs (kind and line are named; the
//                         vectors hold invented people) or ICU is unusable;
//                         reason `recipe-vectors`
absl::StatusOr<VectorCounts> Vectors();

// A file of the vectors and the SHA-256 of its bytes, as the catalogue of
// recipes names them.
struct VectorFileHash {
  std::string_view name;  // such as `keys`, for keys.tsv
  Hash sha256{};
};
std::array<VectorFileHash, 5> VectorHashes();

}  // namespace entente::match
