#include "node/audit/published_folder.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"
#include "node/base/file.h"
#include "node/ledger/kept.h"

namespace entente::audit {
namespace {

using merkle::FileRef;
using merkle::kTileWidth;

constexpr std::size_t kMaxCheckpointBytes = 1'000'000;
constexpr std::size_t kMaxTileBytes =
    std::size_t{kTileWidth} * (merkle::kMaxLeafBytes + 2);

std::string FolderOf(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

absl::StatusOr<std::vector<Bytes>> ReadExactly(const LeafSource& leaves,
                                               std::uint64_t from,
                                               std::size_t count) {
  TRY(std::vector<Bytes> out, leaves(from, count));
  if (out.size() != count) {
    return ProofFailed("the store lacks leaves of the audit log");
  }
  return out;
}

Bytes BundleOf(std::span<const Bytes> leaves) {
  Bytes bundle;
  for (const Bytes& leaf : leaves) merkle::AppendEntry(bundle, leaf);
  return bundle;
}

void AddHash(Bytes& tile, const Hash& hash) {
  tile.insert(tile.end(), hash.begin(), hash.end());
}

absl::StatusOr<std::vector<Hash>> SplitTile(ByteView tile, unsigned width) {
  if (tile.size() != std::size_t{width} * 32) {
    return ProofFailed("a tile of the audit log has another length");
  }
  std::vector<Hash> hashes(width);
  for (std::size_t i = 0; i < width; ++i) {
    std::copy_n(tile.begin() + static_cast<std::ptrdiff_t>(i * 32), 32,
                hashes[i].begin());
  }
  return hashes;
}

// The root over the hashes of a full tile.
absl::StatusOr<Hash> RootOfTile(ByteView tile) {
  TRY(const std::vector<Hash> hashes, SplitTile(tile, kTileWidth));
  return merkle::Root(hashes);
}

// INVARIANT: a name stands for one content, for ever.
absl::Status PutOnce(const std::string& path, ByteView bytes) {
  const absl::StatusOr<Bytes> there = base::ReadFile(path, kMaxTileBytes);
  if (there.ok()) {
    if (std::equal(there->begin(), there->end(), bytes.begin(), bytes.end())) {
      return absl::OkStatus();
    }
    return ProofFailed("a file of the audit log is there with other bytes");
  }
  if (!absl::IsNotFound(there.status())) return there.status();
  TRY_OK(base::MakeDirs(FolderOf(path)));
  return base::WriteFileAtomic(path, bytes);
}

// A file of a volume of `size` entries whose bundles begin at `first`.
bool Belongs(const FileRef& file, std::uint64_t size, std::uint64_t first) {
  if (file.kind == FileRef::Kind::kCheckpoint) return true;
  const bool gone =
      file.kind == FileRef::Kind::kEntries && file.index < first / kTileWidth;
  return !gone && merkle::Implied(file, size);
}

}  // namespace

std::string PublishedFolder::PathOf(const FileRef& file) const {
  return path_ + "/" + merkle::PathOf(file);
}

absl::StatusOr<Bytes> PublishedFolder::Read(const FileRef& file) const {
  return base::ReadFile(PathOf(file), kMaxTileBytes);
}

merkle::TileReader PublishedFolder::Reader() const {
  return [copy = *this](const FileRef& file) { return copy.Read(file); };
}

absl::Status PublishedFolder::Put(const FileRef& file, ByteView bytes) {
  return PutOnce(PathOf(file), bytes);
}

absl::Status PublishedFolder::MakeFiles(merkle::TileEdge& edge,
                                        std::uint64_t size,
                                        const LeafSource& leaves,
                                        const Sink& sink) {
  if (size == edge.size()) return absl::OkStatus();
  std::vector<merkle::TileEdge::Tile> full;
  for (std::uint64_t start = edge.size() / kTileWidth * kTileWidth;
       start < size; start += kTileWidth) {
    const auto width = static_cast<unsigned>(
        std::min<std::uint64_t>(kTileWidth, size - start));
    TRY(const std::vector<Bytes> bundle, ReadExactly(leaves, start, width));
    for (std::uint64_t i = edge.size() - start; i < width; ++i) {
      edge.Append(merkle::LeafHash(bundle[i]), full);
    }
    TRY_OK(sink(FileRef::Entries(start / kTileWidth, width), BundleOf(bundle)));
    for (const merkle::TileEdge::Tile& t : full) TRY_OK(sink(t.file, t.bytes));
    full.clear();
  }
  for (const merkle::TileEdge::Tile& t : edge.Partials()) {
    TRY_OK(sink(t.file, t.bytes));
  }
  return absl::OkStatus();
}

absl::Status PublishedFolder::Extend(merkle::TileEdge& edge, std::uint64_t size,
                                     const LeafSource& leaves) {
  merkle::TileEdge next = edge;
  TRY_OK(MakeFiles(next, size, leaves,
                   [this](const FileRef& file, ByteView bytes) {
                     return Put(file, bytes);
                   }));
  edge = std::move(next);
  return absl::OkStatus();
}

absl::Status PublishedFolder::Compare(std::uint64_t size,
                                      const LeafSource& leaves) const {
  merkle::TileEdge edge;
  TRY_OK(ReadTiles(edge, first_, size));
  return MakeFiles(edge, size, leaves,
                   [this](const FileRef& file, ByteView bytes) {
                     return Same(file, bytes);
                   });
}

absl::StatusOr<std::optional<std::string>> PublishedFolder::Checkpoint() const {
  absl::StatusOr<Bytes> file =
      base::ReadFile(PathOf(FileRef{}), kMaxCheckpointBytes);
  if (absl::IsNotFound(file.status())) return std::optional<std::string>();
  if (!file.ok()) return file.status();
  return std::optional<std::string>(ToString(*file));
}

absl::Status PublishedFolder::PutCheckpoint(std::string_view note) {
  TRY_OK(base::MakeDirs(path_));
  return base::WriteFileAtomic(PathOf(FileRef{}), AsBytes(note));
}

absl::Status PublishedFolder::RemoveReplaced(std::uint64_t old_size,
                                             std::uint64_t new_size) {
  for (const FileRef& file : merkle::PartialsReplaced(old_size, new_size)) {
    const std::string path = PathOf(file);
    TRY_OK(base::RemoveFile(path));
    // The folder `NNN.p` goes with its last file; a failure leaves it, empty.
    ::rmdir(FolderOf(path).c_str());
  }
  return absl::OkStatus();
}

absl::Status PublishedFolder::PutKept(std::uint64_t index, ByteView leaf) {
  return PutOnce(path_ + "/" + ledger::KeptPath(index), leaf);
}

absl::Status PublishedFolder::RemoveBundles(std::uint64_t before) {
  // Rising, so that what is left is always one run up to the end.
  for (std::uint64_t i = first_ / kTileWidth; i < before / kTileWidth; ++i) {
    const std::string path = PathOf(FileRef::Entries(i, kTileWidth));
    TRY_OK(base::RemoveFile(path));
    ::rmdir(FolderOf(path).c_str());
  }
  first_ = std::max(first_, before);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Hash>> PublishedFolder::HashesOf(
    std::uint64_t bundle) const {
  TRY(const Bytes tile, Read(FileRef::Hashes(0, bundle, kTileWidth)));
  return SplitTile(tile, kTileWidth);
}

absl::Status PublishedFolder::RemoveSurplus(std::uint64_t size,
                                            const Pruned& pruned) {
  absl::StatusOr<std::vector<std::string>> names = base::ListFiles(path_);
  if (absl::IsNotFound(names.status())) return absl::OkStatus();
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    const std::string path = path_ + "/" + name;
    if (name.ends_with(base::kTemporarySuffix)) {
      TRY_OK(base::RemoveFile(path));
      continue;
    }
    const absl::StatusOr<std::uint64_t> kept = ledger::ParseKeptPath(name);
    if (kept.ok()) {
      // Written for a pruning that a crash cut off.
      if (!pruned.kept.contains(*kept)) TRY_OK(base::RemoveFile(path));
      continue;
    }
    const absl::StatusOr<FileRef> file = merkle::ParsePath(name);
    if (!file.ok()) {
      return WithNext(
          ProofFailed("a file in the audit log's folder does not belong there"),
          "find out where it comes from, then move it away");
    }
    if (Belongs(*file, size, pruned.before)) continue;
    TRY_OK(base::RemoveFile(path));
    ::rmdir(FolderOf(path).c_str());
  }
  return absl::OkStatus();
}

absl::Status PublishedFolder::WriteMissing(const FileRef& file,
                                           const LeafSource& leaves) {
  const std::uint64_t first = file.index * kTileWidth;
  Bytes bytes;
  if (file.kind == FileRef::Kind::kEntries || file.level == 0) {
    TRY(const std::vector<Bytes> bundle,
        ReadExactly(leaves, first, file.width));
    if (file.kind == FileRef::Kind::kEntries) {
      bytes = BundleOf(bundle);
    } else {
      for (const Bytes& leaf : bundle) AddHash(bytes, merkle::LeafHash(leaf));
    }
  } else {
    // Lower levels come first, so the tiles below are there by now.
    for (unsigned i = 0; i < file.width; ++i) {
      TRY(const Bytes below,
          Read(FileRef::Hashes(file.level - 1, first + i, kTileWidth)));
      TRY(const Hash root, RootOfTile(below));
      AddHash(bytes, root);
    }
  }
  return Put(file, bytes);
}

absl::Status PublishedFolder::Same(const FileRef& file, ByteView bytes) const {
  TRY(const Bytes there, Read(file));
  if (std::equal(there.begin(), there.end(), bytes.begin(), bytes.end())) {
    return absl::OkStatus();
  }
  return ProofFailed("a file of the audit log has other bytes: `",
                     merkle::PathOf(file), "`");
}

absl::Status PublishedFolder::ReadTiles(merkle::TileEdge& edge,
                                        std::uint64_t end,
                                        std::uint64_t size) const {
  std::vector<merkle::TileEdge::Tile> full;
  for (std::uint64_t start = 0; start < end; start += kTileWidth) {
    const auto width = static_cast<unsigned>(
        std::min<std::uint64_t>(kTileWidth, size - start));
    TRY(const Bytes tile, Read(FileRef::Hashes(0, start / kTileWidth, width)));
    TRY(const std::vector<Hash> hashes, SplitTile(tile, width));
    for (const Hash& hash : hashes) edge.Append(hash, full);
    for (const merkle::TileEdge::Tile& t : full) TRY_OK(Same(t.file, t.bytes));
    full.clear();
  }
  return absl::OkStatus();
}

absl::StatusOr<merkle::TileEdge> PublishedFolder::Repair(
    std::uint64_t size, const LeafSource& leaves, const Pruned& pruned) {
  TRY_OK(RemoveSurplus(size, pruned));
  first_ = pruned.before;
  for (const auto& [index, leaf] : pruned.kept) TRY_OK(PutKept(index, leaf));
  for (const FileRef& file : merkle::FilesOf(size)) {
    if (file.kind == FileRef::Kind::kCheckpoint) continue;
    if (file.kind == FileRef::Kind::kEntries &&
        file.index < first_ / kTileWidth) {
      continue;
    }
    if (base::FileExists(PathOf(file))) continue;
    TRY_OK(WriteMissing(file, leaves));
  }
  // One pass over level 0 gives every tile above it, to be compared.
  merkle::TileEdge edge;
  TRY_OK(ReadTiles(edge, size, size));
  for (const merkle::TileEdge::Tile& t : edge.Partials()) {
    TRY_OK(Same(t.file, t.bytes));
  }
  return edge;
}

}  // namespace entente::audit
