#pragma once
// Private to this room: what writer and verifier of a bundle agree on.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/merkle/tiles.h"
#include "node/ledger/bundle.h"

namespace entente::ledger {

inline constexpr std::string_view kVerifyText =
    "entente audit verify --policy YOUR-COPY-OF-THE-POLICY THIS-FILE\n"
    "Any verifier of C2SP logs can check checkpoint, tile/ and tile/entries/ "
    "without Entente.\n";
inline constexpr std::size_t kBodyHeadBytes = 8 + 4;
inline constexpr std::size_t kMaxBundleMembers = 200'000;

// The text of bundle.note over the bytes of SHA256SUMS.
std::string BundleNoteText(std::string_view origin, std::uint64_t size,
                           const EntryRange& range, const Hash& sums);
// INVALID_ARGUMENT: another spelling than BundleNoteText's.
struct BundleNote {
  std::string origin;
  std::uint64_t size = 0;
  EntryRange range;
  Hash sums{};
};
absl::StatusOr<BundleNote> ParseBundleNote(std::string_view text);
// One line of SHA256SUMS.
std::string SumsLine(const Hash& digest, std::string_view name);

// The members of a bundle that are files of the volume, in no order, without
// the checkpoint: for a range, its entry bundles and level-0 tiles and the full
// tiles above them; always the partial tiles of the right edge.
std::vector<merkle::FileRef> FilesOfRange(const EntryRange& range,
                                          std::uint64_t size);
// The tiles of level 0 that hold a range, [first, end).
EntryRange TilesOfRange(const EntryRange& range);
// Width of tile or entry bundle `index` of a level.
unsigned WidthOf(unsigned level, std::uint64_t index, std::uint64_t size);

}  // namespace entente::ledger
