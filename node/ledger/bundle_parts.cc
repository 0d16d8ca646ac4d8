#include "node/ledger/bundle_parts.h"

#include <charconv>
#include <system_error>

#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"

namespace entente::ledger {
namespace {

using merkle::FileRef;
using merkle::kTileWidth;

constexpr std::string_view kNoteHead = "entente/audit-bundle/1";
constexpr unsigned kMaxLevels = 8;  // sizes are below 2^63

// Takes text up to `end` off, `end` included.
bool Take(std::string_view& rest, char end, std::string_view& out) {
  const std::size_t at = rest.find(end);
  if (at == std::string_view::npos) return false;
  out = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return true;
}

bool TakeNumber(std::string_view& rest, char end, std::uint64_t& out) {
  std::string_view digits;
  if (!Take(rest, end, digits)) return false;
  const auto [stop, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return error == std::errc() && stop == digits.data() + digits.size();
}

}  // namespace

std::string BundleNoteText(std::string_view origin, std::uint64_t size,
                           const EntryRange& range, const Hash& sums) {
  return Join({kNoteHead, "\n", origin, "\n", std::to_string(size), "\n",
               std::to_string(range.first), " ", std::to_string(range.end),
               "\n", ToBase64(sums), "\n"});
}

absl::StatusOr<BundleNote> ParseBundleNote(std::string_view text) {
  const absl::Status malformed = Invalid("the text is not that of a bundle");
  std::string_view rest = text;
  std::string_view head;
  std::string_view origin;
  std::string_view sums;
  BundleNote out;
  if (!Take(rest, '\n', head) || !Take(rest, '\n', origin) ||
      !TakeNumber(rest, '\n', out.size) ||
      !TakeNumber(rest, ' ', out.range.first) ||
      !TakeNumber(rest, '\n', out.range.end) || !Take(rest, '\n', sums)) {
    return malformed;
  }
  out.origin = origin;
  const auto digest = FromBase64(sums);
  if (!digest.ok() || digest->size() != out.sums.size()) return malformed;
  TRY(out.sums, ToArray<32>(*digest));
  const bool ordered =
      out.size < merkle::kSizeLimit && out.range.first <= out.range.end &&
      out.range.end <= out.size && (!out.range.empty() || out.range.end == 0);
  if (!ordered ||
      BundleNoteText(out.origin, out.size, out.range, out.sums) != text) {
    return malformed;
  }
  return out;
}

std::string SumsLine(const Hash& digest, std::string_view name) {
  return Join({ToHex(digest), "  ", name, "\n"});
}

unsigned WidthOf(unsigned level, std::uint64_t index, std::uint64_t size) {
  return index < merkle::FullTiles(level, size)
             ? kTileWidth
             : merkle::PartialWidth(level, size);
}

EntryRange TilesOfRange(const EntryRange& range) {
  if (range.empty()) return {};
  return {range.first / kTileWidth, (range.end - 1) / kTileWidth + 1};
}

std::vector<FileRef> FilesOfRange(const EntryRange& range, std::uint64_t size) {
  std::vector<FileRef> files;
  EntryRange tiles = TilesOfRange(range);
  for (std::uint64_t i = tiles.first; i < tiles.end; ++i) {
    files.push_back(FileRef::Entries(i, WidthOf(0, i, size)));
  }
  for (unsigned level = 0; level < kMaxLevels; ++level) {
    const std::uint64_t full = merkle::FullTiles(level, size);
    for (std::uint64_t i = tiles.first; i < tiles.end && i < full; ++i) {
      files.push_back(FileRef::Hashes(level, i, kTileWidth));
    }
    if (const unsigned width = merkle::PartialWidth(level, size); width != 0) {
      files.push_back(FileRef::Hashes(level, full, width));
    }
    if (tiles.empty()) continue;
    tiles = {tiles.first / kTileWidth, (tiles.end - 1) / kTileWidth + 1};
  }
  return files;
}

}  // namespace entente::ledger
