#pragma once
// Tiles on disk, C2SP tlog-tiles: which files a tree of a given size consists
// of, what is in them, and hashes out of them. Pure; paths are relative to the
// folder of the volume.
//
//   checkpoint                       the signed head
//   tile/<L>/<N>[.p/<W>]             W (1 to 256) hashes of 32 bytes; hash i is
//                                    the root over the leaves
//                                    [(N*256+i)*256^L, (N*256+i+1)*256^L)
//   tile/entries/<N>[.p/<W>]         W times u16be(length) || leaf
// N in groups of three digits, all but the last with `x`: 1234067 is
// `x001/x234/067`. Only full tiles count upward.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/merkle/proof.h"

namespace entente::merkle {

inline constexpr unsigned kTileWidth = 256;
inline constexpr std::size_t kMaxLeafBytes = 65535;

// One file of a volume.
struct FileRef {
  enum class Kind : std::uint8_t { kCheckpoint, kHashes, kEntries };
  Kind kind = Kind::kCheckpoint;
  unsigned level = 0;  // of a hash tile
  std::uint64_t index = 0;
  unsigned width = kTileWidth;  // below 256: a partial file

  static FileRef Hashes(unsigned level, std::uint64_t index, unsigned width);
  static FileRef Entries(std::uint64_t index, unsigned width);
  bool operator==(const FileRef&) const = default;
};

std::string PathOf(const FileRef& file);
// INVALID_ARGUMENT: not a path that PathOf writes.
absl::StatusOr<FileRef> ParsePath(std::string_view path);

std::uint64_t FullTiles(unsigned level, std::uint64_t size);
// 0: the last tile of this level is full, or there is none.
unsigned PartialWidth(unsigned level, std::uint64_t size);
// Levels that have a file; 0 for the empty tree.
unsigned TileLevels(std::uint64_t size);

// Every file that a volume of `size` leaves consists of, the checkpoint first,
// then hash tiles by level and index, then entry bundles.
std::vector<FileRef> FilesOf(std::uint64_t size);
// Whether FilesOf(size) holds `file`.
bool Implied(const FileRef& file, std::uint64_t size);
// The files of `new_size` that `old_size` does not have, without the
// checkpoint: what to write when the tree has grown.
std::vector<FileRef> FilesAdded(std::uint64_t old_size, std::uint64_t new_size);
// The partial files of `old_size` that `new_size` no longer has: what may go
// once the new checkpoint is durable.
std::vector<FileRef> PartialsReplaced(std::uint64_t old_size,
                                      std::uint64_t new_size);

// The bytes of one file. NOT_FOUND: there is none.
using TileReader = std::function<absl::StatusOr<Bytes>(const FileRef&)>;

// Hashes of a tree of `size` leaves, read from its tiles; each tile is read
// once and kept as long as the source lives. DATA_LOSS: a tile has another
// length. Not thread-safe.
HashSource HashesFromTiles(std::uint64_t size, TileReader read);

// The right edge of the tiles of a growing tree: at each level the hashes of
// the tile that is not full yet. Thread-compatible.
class TileEdge {
 public:
  struct Tile {
    FileRef file;
    Bytes bytes;
  };

  TileEdge() = default;
  // Reads the partial tiles of a tree of `size` leaves. Compare Root() with the
  // head: it covers every hash read. DATA_LOSS: a tile has another length.
  // Others: those of the reader.
  static absl::StatusOr<TileEdge> Load(std::uint64_t size,
                                       const TileReader& read);

  // Adds a leaf; tiles that it fills are appended to `full`, lowest level
  // first. Each is given once.
  void Append(const Hash& leaf_hash, std::vector<Tile>& full);
  // The partial tiles as they stand, lowest level first.
  std::vector<Tile> Partials() const;
  std::uint64_t size() const { return size_; }
  Hash Root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<std::vector<Hash>> levels_;
};

// Appends u16be(length) || leaf. The leaf is at most kMaxLeafBytes (checked).
void AppendEntry(Bytes& bundle, ByteView leaf);
// The leaves of a bundle, borrowed. DATA_LOSS: their number is not `width`,
// or the bundle does not end with the last of them.
absl::StatusOr<std::vector<ByteView>> ParseBundle(ByteView bundle,
                                                  unsigned width);

}  // namespace entente::merkle
