#pragma once
// Private to the room: the files of `audit/<volume>/`. They hold exactly what
// the checkpoint's size implies, and a file once written never gets other
// bytes.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/merkle/tiles.h"

namespace entente::audit {

// Gives the leaves [from, from + limit), or fewer at the end of the log.
using LeafSource = std::function<absl::StatusOr<std::vector<Bytes>>(
    std::uint64_t from, std::size_t limit)>;

// Not thread-safe: one publisher at a time.
class PublishedFolder {
 public:
  explicit PublishedFolder(std::string path) : path_(std::move(path)) {}

  // Writes all tiles and bundles that `edge` (of the published size) lacks up
  // to `size`, durably, and moves `edge` there. The checkpoint is not touched.
  //   DATA_LOSS   a file is there with other bytes
  absl::Status Extend(merkle::TileEdge& edge, std::uint64_t size,
                      const LeafSource& leaves);
  // Compares every tile and bundle with what `leaves` make; below the first
  // bundle, the tiles with one another.
  //   DATA_LOSS   a file has other bytes; NOT_FOUND   a file is missing
  absl::Status Compare(std::uint64_t size, const LeafSource& leaves) const;
  // nullopt: there is none.
  absl::StatusOr<std::optional<std::string>> Checkpoint() const;
  absl::Status PutCheckpoint(std::string_view note);
  // Removes partial files that `new_size` replaced.
  absl::Status RemoveReplaced(std::uint64_t old_size, std::uint64_t new_size);

  // Pruning (9.4). A leaf that stays when its bundle goes, durably.
  absl::Status PutKept(std::uint64_t index, ByteView leaf);
  // Removes the entry bundles below `before`, a multiple of 256; the hash tiles
  // stay.
  absl::Status RemoveBundles(std::uint64_t before);
  // The first entry whose bundle is there.
  std::uint64_t first() const { return first_; }
  // The leaf hashes of a bundle, from its tile.
  absl::StatusOr<std::vector<Hash>> HashesOf(std::uint64_t bundle) const;

  // What of a folder was pruned: bundles below `before`, and the leaves that
  // stayed of them.
  struct Pruned {
    std::uint64_t before = 0;
    std::map<std::uint64_t, Bytes> kept = {};
  };

  // Start-up: removes temporaries and files beyond `size` that a crash left,
  // writes missing files again from `leaves`, checks every hash tile against
  // the one below it.
  //   DATA_LOSS   a tile has other bytes, or a file does not belong here
  absl::StatusOr<merkle::TileEdge> Repair(std::uint64_t size,
                                          const LeafSource& leaves,
                                          const Pruned& pruned);

  merkle::TileReader Reader() const;

 private:
  // What is done with the bytes that belong into a file.
  using Sink = std::function<absl::Status(const merkle::FileRef&, ByteView)>;
  static absl::Status MakeFiles(merkle::TileEdge& edge, std::uint64_t size,
                                const LeafSource& leaves, const Sink& sink);
  absl::StatusOr<Bytes> Read(const merkle::FileRef& file) const;
  absl::Status Put(const merkle::FileRef& file, ByteView bytes);
  absl::Status RemoveSurplus(std::uint64_t size, const Pruned& pruned);
  // From the hash tiles of level 0, as far as `end`, each tile above compared.
  absl::Status ReadTiles(merkle::TileEdge& edge, std::uint64_t end,
                         std::uint64_t size) const;
  absl::Status WriteMissing(const merkle::FileRef& file,
                            const LeafSource& leaves);
  absl::Status Same(const merkle::FileRef& file, ByteView bytes) const;
  std::string PathOf(const merkle::FileRef& file) const;

  std::string path_;
  std::uint64_t first_ = 0;  // entry of the first bundle that is there
};

}  // namespace entente::audit
