#include "crypto/merkle/tiles.h"

#include <algorithm>
#include <bit>
#include <map>
#include <memory>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/text.h"
#include "crypto/merkle/tree.h"

namespace entente::merkle {
namespace {

constexpr unsigned kTileBits = 8;
constexpr unsigned kMaxTileLevels = 8;  // 63 bits of size

// Tiles of this level, the partial one included.
std::uint64_t Tiles(unsigned level, std::uint64_t size) {
  return FullTiles(level, size) + (PartialWidth(level, size) > 0 ? 1 : 0);
}

unsigned WidthOf(unsigned level, std::uint64_t index, std::uint64_t size) {
  return index < FullTiles(level, size) ? kTileWidth
                                        : PartialWidth(level, size);
}

std::string IndexPath(std::uint64_t index) {
  std::string digits = std::to_string(index);
  digits.insert(0, (3 - digits.size() % 3) % 3, '0');
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += 3) {
    if (i > 0) out += '/';
    if (i + 3 < digits.size()) out += 'x';
    out.append(digits, i, 3);
  }
  return out;
}

// Reads digits and slashes of an index from the front of `rest`; whether it is
// the right spelling is checked by writing it again.
absl::StatusOr<std::uint64_t> TakeIndex(std::string_view& rest) {
  std::string digits;
  bool more = true;
  while (more) {
    more = rest.starts_with('x');
    if (more) rest.remove_prefix(1);
    if (rest.size() < 3) return Invalid("malformed tile path");
    digits.append(rest.substr(0, 3));
    rest.remove_prefix(3);
    if (more && !rest.starts_with('/')) return Invalid("malformed tile path");
    if (more) rest.remove_prefix(1);
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return ParseDecimal(digits);
}

Bytes TileBytes(std::span<const Hash> hashes) {
  Bytes out;
  out.reserve(hashes.size() * 32);
  for (const Hash& h : hashes) out.insert(out.end(), h.begin(), h.end());
  return out;
}

absl::StatusOr<std::vector<Hash>> ParseTile(ByteView bytes, unsigned width) {
  if (bytes.size() != std::size_t{width} * 32) {
    return ProofFailed("a tile has another length");
  }
  std::vector<Hash> out(width);
  for (std::size_t i = 0; i < width; ++i) {
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(i * 32), 32,
                out[i].begin());
  }
  return out;
}

}  // namespace

FileRef FileRef::Hashes(unsigned level, std::uint64_t index, unsigned width) {
  return {Kind::kHashes, level, index, width};
}
FileRef FileRef::Entries(std::uint64_t index, unsigned width) {
  return {Kind::kEntries, 0, index, width};
}

std::string PathOf(const FileRef& file) {
  if (file.kind == FileRef::Kind::kCheckpoint) return "checkpoint";
  std::string out = file.kind == FileRef::Kind::kEntries
                        ? "tile/entries/"
                        : "tile/" + std::to_string(file.level) + "/";
  out += IndexPath(file.index);
  if (file.width < kTileWidth) out += ".p/" + std::to_string(file.width);
  return out;
}

absl::StatusOr<FileRef> ParsePath(std::string_view path) {
  if (path == "checkpoint") return FileRef{};
  FileRef file;
  std::string_view rest = path;
  if (!rest.starts_with("tile/")) return Invalid("not a path of a volume");
  rest.remove_prefix(5);
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return Invalid("malformed tile path");
  const std::string_view kind = rest.substr(0, slash);
  rest.remove_prefix(slash + 1);
  file.kind = FileRef::Kind::kEntries;
  if (kind != "entries") {
    TRY(const std::uint64_t level, ParseDecimal(kind));
    if (level >= kMaxTileLevels) return Invalid("tile level out of range");
    file.kind = FileRef::Kind::kHashes;
    file.level = static_cast<unsigned>(level);
  }
  TRY(file.index, TakeIndex(rest));
  if (rest.starts_with(".p/")) {
    TRY(const std::uint64_t width, ParseDecimal(rest.substr(3)));
    if (width == 0 || width >= kTileWidth) return Invalid("bad tile width");
    file.width = static_cast<unsigned>(width);
  } else if (!rest.empty()) {
    return Invalid("malformed tile path");
  }
  if (PathOf(file) != path) return Invalid("another spelling of a tile path");
  return file;
}

std::uint64_t FullTiles(unsigned level, std::uint64_t size) {
  const unsigned shift = kTileBits * (level + 1);
  return shift >= 64 ? 0 : size >> shift;
}

unsigned PartialWidth(unsigned level, std::uint64_t size) {
  const unsigned shift = kTileBits * level;
  return shift >= 64 ? 0 : static_cast<unsigned>((size >> shift) % kTileWidth);
}

unsigned TileLevels(std::uint64_t size) {
  unsigned level = 0;
  while (level < kMaxTileLevels && (size >> (kTileBits * level)) > 0) ++level;
  return level;
}

std::vector<FileRef> FilesOf(std::uint64_t size) {
  std::vector<FileRef> out = {FileRef{}};
  for (unsigned level = 0; level < TileLevels(size); ++level) {
    for (std::uint64_t i = 0; i < Tiles(level, size); ++i) {
      out.push_back(FileRef::Hashes(level, i, WidthOf(level, i, size)));
    }
  }
  for (std::uint64_t i = 0; i < Tiles(0, size); ++i) {
    out.push_back(FileRef::Entries(i, WidthOf(0, i, size)));
  }
  return out;
}

bool Implied(const FileRef& file, std::uint64_t size) {
  if (file.kind == FileRef::Kind::kCheckpoint) return true;
  return file.level < TileLevels(size) &&
         file.index < Tiles(file.level, size) &&
         file.width == WidthOf(file.level, file.index, size);
}

std::vector<FileRef> FilesAdded(std::uint64_t old_size,
                                std::uint64_t new_size) {
  std::vector<FileRef> out;
  for (unsigned level = 0; level < TileLevels(new_size); ++level) {
    if ((old_size >> (kTileBits * level)) ==
        (new_size >> (kTileBits * level))) {
      break;  // nothing new at this level, so nothing above
    }
    for (std::uint64_t i = FullTiles(level, old_size);
         i < Tiles(level, new_size); ++i) {
      const unsigned width = WidthOf(level, i, new_size);
      out.push_back(FileRef::Hashes(level, i, width));
      if (level == 0) out.push_back(FileRef::Entries(i, width));
    }
  }
  return out;
}

std::vector<FileRef> PartialsReplaced(std::uint64_t old_size,
                                      std::uint64_t new_size) {
  std::vector<FileRef> out;
  for (unsigned level = 0; level < TileLevels(old_size); ++level) {
    const unsigned width = PartialWidth(level, old_size);
    const FileRef file =
        FileRef::Hashes(level, FullTiles(level, old_size), width);
    if (width == 0 || Implied(file, new_size)) continue;
    out.push_back(file);
    if (level == 0) out.push_back(FileRef::Entries(file.index, width));
  }
  return out;
}

HashSource HashesFromTiles(std::uint64_t size, TileReader read) {
  using Cache = std::map<std::pair<unsigned, std::uint64_t>, std::vector<Hash>>;
  auto cache = std::make_shared<Cache>();
  return [size, read = std::move(read), cache](
             unsigned level, std::uint64_t index) -> absl::StatusOr<Hash> {
    const unsigned tile_level = level / kTileBits;
    const unsigned inner = level % kTileBits;  // below the top of the tile
    const std::uint64_t first = index << inner;
    const std::uint64_t tile = first / kTileWidth;
    auto found = cache->find({tile_level, tile});
    if (found == cache->end()) {
      const unsigned width = WidthOf(tile_level, tile, size);
      if (width == 0) return NotFound("no such hash");
      TRY(const Bytes bytes, read(FileRef::Hashes(tile_level, tile, width)));
      TRY(std::vector<Hash> hashes, ParseTile(bytes, width));
      found =
          cache->emplace(std::pair(tile_level, tile), std::move(hashes)).first;
    }
    const std::size_t begin = first % kTileWidth;
    const std::size_t count = std::size_t{1} << inner;
    if (begin + count > found->second.size()) return NotFound("no such hash");
    return Root(std::span(found->second).subspan(begin, count));
  };
}

absl::StatusOr<TileEdge> TileEdge::Load(std::uint64_t size,
                                        const TileReader& read) {
  if (size >= kSizeLimit) return Invalid("tree size out of range");
  TileEdge edge;
  edge.size_ = size;
  edge.levels_.resize(TileLevels(size));
  for (unsigned level = 0; level < edge.levels_.size(); ++level) {
    const unsigned width = PartialWidth(level, size);
    if (width == 0) continue;
    const std::uint64_t index = FullTiles(level, size);
    TRY(const Bytes bytes, read(FileRef::Hashes(level, index, width)));
    TRY(edge.levels_[level], ParseTile(bytes, width));
  }
  return edge;
}

void TileEdge::Append(const Hash& leaf_hash, std::vector<Tile>& full) {
  CHECK(size_ + 1 < kSizeLimit);
  ++size_;
  Hash hash = leaf_hash;
  for (unsigned level = 0;; ++level) {
    if (levels_.size() <= level) levels_.emplace_back();
    std::vector<Hash>& tile = levels_[level];
    tile.push_back(hash);
    if (tile.size() < kTileWidth) return;
    hash = merkle::Root(tile);
    full.push_back(
        {FileRef::Hashes(level, FullTiles(level, size_) - 1, kTileWidth),
         TileBytes(tile)});
    tile.clear();
  }
}

std::vector<TileEdge::Tile> TileEdge::Partials() const {
  std::vector<Tile> out;
  for (unsigned level = 0; level < levels_.size(); ++level) {
    const std::vector<Hash>& tile = levels_[level];
    if (tile.empty()) continue;
    out.push_back({FileRef::Hashes(level, FullTiles(level, size_),
                                   static_cast<unsigned>(tile.size())),
                   TileBytes(tile)});
  }
  return out;
}

Hash TileEdge::Root() const {
  // Peaks of a lower level stand to the right of those above.
  std::vector<Hash> peaks;
  for (std::size_t level = levels_.size(); level-- > 0;) {
    Tree tree;
    for (const Hash& h : levels_[level]) tree.Append(h);
    peaks.insert(peaks.end(), tree.peaks().begin(), tree.peaks().end());
  }
  const auto tree = Tree::Resume(size_, std::move(peaks));
  CHECK(tree.ok());
  return tree->Root();
}

void AppendEntry(Bytes& bundle, ByteView leaf) {
  CHECK(leaf.size() <= kMaxLeafBytes);
  bundle.push_back(static_cast<std::uint8_t>(leaf.size() >> 8U));
  bundle.push_back(static_cast<std::uint8_t>(leaf.size() & 0xffU));
  bundle.insert(bundle.end(), leaf.begin(), leaf.end());
}

absl::StatusOr<std::vector<ByteView>> ParseBundle(ByteView bundle,
                                                  unsigned width) {
  std::vector<ByteView> out;
  out.reserve(width);
  while (out.size() < width) {
    if (bundle.size() < 2) return ProofFailed("an entry bundle ends too early");
    const std::size_t length = std::size_t{bundle[0]} << 8U | bundle[1];
    bundle = bundle.subspan(2);
    if (bundle.size() < length) {
      return ProofFailed("an entry bundle ends too early");
    }
    out.push_back(bundle.first(length));
    bundle = bundle.subspan(length);
  }
  if (!bundle.empty()) return ProofFailed("an entry bundle is too long");
  return out;
}

}  // namespace entente::merkle
