#pragma once
// Erasing: which entries, on what ground, signed by the data protection
// officer. The leaf stays, the key and the body go. Thread-safe.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/merkle/note.h"
#include "node/ledger/leaf.h"

namespace entente::ledger {

struct IndexRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // included
  bool operator==(const IndexRange&) const = default;
};

// `12,99-105`: ascending, no overlap, a single index without a dash.
std::string RangesText(const std::vector<IndexRange>& ranges);
// INVALID_ARGUMENT: empty, malformed, not ascending, overlapping.
absl::StatusOr<std::vector<IndexRange>> ParseRanges(std::string_view text);
std::uint64_t CountOf(const std::vector<IndexRange>& ranges);

// The text that the officer signs.
std::string ErasureText(std::string_view origin, std::string_view ranges,
                        std::string_view ground, std::string_view case_id);
// The entries that the `erasure` leaf at `index` names. INVALID_ARGUMENT: they
// do not lie below it, or `n` does not count them.
absl::StatusOr<std::vector<IndexRange>> ErasedBy(const Leaf& leaf,
                                                 std::uint64_t index);
// As ErasedBy, and the signature: the `erasure` leaf at `index` of `origin`;
// `kid` and `sig` belong to one of `officers` (type 0x01). DATA_LOSS: the
// signature does not verify. INVALID_ARGUMENT: malformed. UNAUTHENTICATED: the
// key is none of the officers'.
absl::Status CheckErasure(std::string_view origin, std::uint64_t index,
                          const Leaf& leaf,
                          const std::vector<merkle::VerifierKey>& officers);

// What a report says of entries that the `erasure` leaf at `index` names:
// "erased, authorised by `r-amsel` in entry 128 (ground ..., case ...)". The
// officer by name when it is one of `officers`, else by the first digits of the
// key's id.
std::string AuthorityText(std::uint64_t index, const Leaf& leaf,
                          const std::vector<merkle::VerifierKey>& officers);

}  // namespace entente::ledger
