#include "crypto/merkle/tiles.h"

#include <map>
#include <set>

#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/tree.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::merkle {
namespace {

std::vector<std::uint64_t> Sizes(std::initializer_list<std::uint64_t> list) {
  return list;
}

Hash LeafAt(std::uint64_t i) {
  return LeafHash(AsBytes("leaf " + std::to_string(i)));
}

// Tiles kept in memory, as a writer would keep them on disk.
class Disk {
 public:
  void Grow(std::uint64_t to) {
    const std::uint64_t from = edge_.size();
    std::vector<TileEdge::Tile> tiles;
    for (std::uint64_t i = from; i < to; ++i) edge_.Append(LeafAt(i), tiles);
    for (const auto& tile : edge_.Partials()) tiles.push_back(tile);
    for (const auto& tile : tiles) files_[PathOf(tile.file)] = tile.bytes;
    for (const FileRef& old : PartialsReplaced(from, to)) {
      files_.erase(PathOf(old));
    }
  }
  TileReader Reader() const {
    return [this](const FileRef& file) -> absl::StatusOr<Bytes> {
      ++reads;
      const auto found = files_.find(PathOf(file));
      if (found == files_.end()) return NotFound("no such tile");
      return found->second;
    };
  }
  const std::map<std::string, Bytes>& files() const { return files_; }
  std::map<std::string, Bytes>& files() { return files_; }
  const TileEdge& edge() const { return edge_; }
  mutable int reads = 0;

 private:
  TileEdge edge_;
  std::map<std::string, Bytes> files_;
};

TEST(PathTest, WritesIndexesInGroupsOfThree) {
  EXPECT_EQ(PathOf(FileRef::Hashes(0, 1234067, 256)), "tile/0/x001/x234/067");
  EXPECT_EQ(PathOf(FileRef::Hashes(0, 0, 256)), "tile/0/000");
  EXPECT_EQ(PathOf(FileRef::Hashes(1, 273, 112)), "tile/1/273.p/112");
  EXPECT_EQ(PathOf(FileRef::Entries(1000, 1)), "tile/entries/x001/000.p/1");
}

TEST(PathTest, ReadsBackWhatItWrites) {
  for (std::uint64_t index :
       {0ULL, 1ULL, 999ULL, 1000ULL, 1234067ULL, 999999999ULL, (1ULL << 55U)}) {
    for (const FileRef& file :
         {FileRef::Hashes(0, index, 256), FileRef::Hashes(3, index, 1),
          FileRef::Entries(index, 255), FileRef{}}) {
      ASSERT_OK_AND_ASSIGN(const FileRef back, ParsePath(PathOf(file)));
      EXPECT_EQ(back, file);
    }
  }
}

TEST(PathTest, RefusesEveryOtherSpelling) {
  for (const char* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0/0",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/0/x000/000",
                           "tile/0/x1/000",
                           "tile/0/001/000",
                           "tile/0/x001",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000.p/",
                           "tile/0/000.p",
                           "tile/00/000",
                           "tile/8/000",
                           "tile/-1/000",
                           "tile/0/000/",
                           "/tile/0/000",
                           "./tile/0/000",
                           "tile/0/../0/000",
                           "tile/entries/00a",
                           "tile/data/000",
                           "Checkpoint",
                           "checkpoint ",
                           "tile/0/x999/x999/x999/x999/x999/x999/x999/999"}) {
    EXPECT_FALSE(ParsePath(path).ok()) << path;
  }
}

TEST(FilesTest, CountsOfSeventyThousandEntries) {
  EXPECT_EQ(FullTiles(0, 70000), 273U);
  EXPECT_EQ(PartialWidth(0, 70000), 112U);
  EXPECT_EQ(FullTiles(1, 70000), 1U);
  EXPECT_EQ(PartialWidth(1, 70000), 17U);
  EXPECT_EQ(FullTiles(2, 70000), 0U);
  EXPECT_EQ(PartialWidth(2, 70000), 1U);
  EXPECT_EQ(TileLevels(70000), 3U);
  EXPECT_EQ(TileLevels(0), 0U);
  EXPECT_EQ(FilesOf(0).size(), 1U);
  EXPECT_EQ(FilesOf(70000).size(), 1 + 274 + 2 + 1 + 274U);
}

TEST(FilesTest, ImpliedAgreesWithTheList) {
  for (std::uint64_t size :
       Sizes({0, 1, 255, 256, 257, 512, 65535, 65536, 65537})) {
    std::set<std::string> listed;
    for (const FileRef& file : FilesOf(size)) {
      EXPECT_TRUE(Implied(file, size)) << size << " " << PathOf(file);
      EXPECT_TRUE(listed.insert(PathOf(file)).second);
    }
    for (const FileRef& file : FilesOf(size + 1)) {
      EXPECT_EQ(Implied(file, size), listed.contains(PathOf(file)));
    }
  }
}

TEST(FilesTest, AddedAndReplacedLeadFromOneSizeToTheNext) {
  const std::uint64_t sizes[] = {0,   1,   2,     200,   255,   256,   257,
                                 320, 512, 65280, 65535, 65536, 65600, 131072};
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    for (std::size_t j = i; j < std::size(sizes); ++j) {
      std::set<std::string> files;
      for (const FileRef& f : FilesOf(sizes[i])) files.insert(PathOf(f));
      for (const FileRef& f : FilesAdded(sizes[i], sizes[j])) {
        EXPECT_TRUE(files.insert(PathOf(f)).second) << PathOf(f);
      }
      for (const FileRef& f : PartialsReplaced(sizes[i], sizes[j])) {
        EXPECT_EQ(files.erase(PathOf(f)), 1U) << PathOf(f);
      }
      std::set<std::string> want;
      for (const FileRef& f : FilesOf(sizes[j])) want.insert(PathOf(f));
      EXPECT_EQ(files, want) << sizes[i] << " to " << sizes[j];
    }
  }
}

TEST(TileEdgeTest, WritesExactlyTheFilesOfItsSize) {
  Disk disk;
  Tree tree;
  for (std::uint64_t size : Sizes({1, 3, 255, 256, 257, 300, 512, 1000})) {
    while (tree.size() < size) tree.Append(LeafAt(tree.size()));
    disk.Grow(size);
    EXPECT_EQ(disk.edge().Root(), tree.Root()) << size;
    std::set<std::string> have;
    for (const auto& [path, bytes] : disk.files()) have.insert(path);
    std::set<std::string> want;
    for (const FileRef& f : FilesOf(size)) {
      if (f.kind == FileRef::Kind::kHashes) want.insert(PathOf(f));
    }
    EXPECT_EQ(have, want) << size;
  }
}

TEST(TileEdgeTest, LoadsWhatItWroteAndGoesOnTheSame) {
  for (std::uint64_t size :
       Sizes({0, 1, 255, 256, 257, 511, 512, 65535, 65536, 65537})) {
    Disk disk;
    disk.Grow(size);
    ASSERT_OK_AND_ASSIGN(TileEdge edge, TileEdge::Load(size, disk.Reader()));
    EXPECT_EQ(edge.Root(), disk.edge().Root()) << size;
    std::vector<TileEdge::Tile> full;
    edge.Append(LeafAt(size), full);
    disk.Grow(size + 1);
    EXPECT_EQ(edge.Root(), disk.edge().Root()) << size;
    for (const auto& tile : full) {
      EXPECT_EQ(disk.files().at(PathOf(tile.file)), tile.bytes);
    }
  }
}

TEST(TileEdgeTest, ItsRootCoversEveryHashThatItLoads) {
  Disk disk;
  disk.Grow(300);
  const Hash root = disk.edge().Root();
  for (const char* path : {"tile/0/001.p/44", "tile/1/000.p/1"}) {
    for (std::size_t i = 0; i < disk.files().at(path).size(); ++i) {
      disk.files().at(path)[i] ^= 1;
      ASSERT_OK_AND_ASSIGN(const TileEdge edge,
                           TileEdge::Load(300, disk.Reader()));
      EXPECT_NE(edge.Root(), root);
      disk.files().at(path)[i] ^= 1;
    }
  }
  disk.files().at("tile/1/000.p/1").push_back(0);
  EXPECT_THAT(TileEdge::Load(300, disk.Reader()),
              testing::HasCode(absl::StatusCode::kDataLoss));
  disk.files().erase("tile/1/000.p/1");
  EXPECT_THAT(TileEdge::Load(300, disk.Reader()),
              testing::HasCode(absl::StatusCode::kNotFound));
}

TEST(TileSourceTest, ProvesOutOfTiles) {
  constexpr std::uint64_t kSize = 66000;
  Disk disk;
  disk.Grow(kSize);
  const Hash root = disk.edge().Root();
  for (std::uint64_t index : Sizes({0, 255, 256, 40000, kSize - 1})) {
    disk.reads = 0;
    const HashSource source = HashesFromTiles(kSize, disk.Reader());
    ASSERT_OK_AND_ASSIGN(const Proof proof,
                         ProveInclusion(index, kSize, source));
    EXPECT_OK(VerifyInclusion(index, kSize, LeafAt(index), proof, root));
    EXPECT_LE(disk.reads, 5);
  }
  Tree tree;
  for (std::uint64_t old : Sizes({1, 256, 300, 65536, 65999})) {
    while (tree.size() < old) tree.Append(LeafAt(tree.size()));
    disk.reads = 0;
    const HashSource source = HashesFromTiles(kSize, disk.Reader());
    ASSERT_OK_AND_ASSIGN(const Proof proof,
                         ProveConsistency(old, kSize, source));
    EXPECT_OK(VerifyConsistency(old, kSize, tree.Root(), root, proof));
    EXPECT_LE(disk.reads, 5) << old;
  }
  ASSERT_OK_AND_ASSIGN(const Hash whole,
                       RootOf(kSize, HashesFromTiles(kSize, disk.Reader())));
  EXPECT_EQ(whole, root);
}

TEST(BundleTest, FramesAndRefusesEveryCut) {
  Bytes bundle;
  AppendEntry(bundle, AsBytes("one"));
  AppendEntry(bundle, {});
  AppendEntry(bundle, Bytes(300, 7));
  ASSERT_OK_AND_ASSIGN(const auto leaves, ParseBundle(bundle, 3));
  EXPECT_EQ(AsText(leaves[0]), "one");
  EXPECT_EQ(leaves[2].size(), 300U);
  for (std::size_t n = 0; n < bundle.size(); ++n) {
    EXPECT_FALSE(ParseBundle(ByteView(bundle).first(n), 3).ok()) << n;
  }
  EXPECT_FALSE(ParseBundle(bundle, 2).ok());
  EXPECT_FALSE(ParseBundle(bundle, 4).ok());
}

// A log of another implementation: 15 entries, a checkpoint at each size.
TEST(VectorTest, ReadsTheTesseraLog) {
  SKIP_WITHOUT_SHARED("vectors/tlog/tessera-log");
  const auto dir =
      testing::SharedDir() / "vectors/tlog/tessera-log/testdata/log";
  ASSERT_OK_AND_ASSIGN(
      const VerifierKey key,
      VerifierKey::Parse("example.com/log/testdata+33d7b496+"
                         "AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"));
  const auto read = [&](const FileRef& file) -> absl::StatusOr<Bytes> {
    return ToBytes(testing::ReadFile(dir / PathOf(file)));
  };
  for (unsigned size = 1; size <= 15; ++size) {
    const std::string note =
        testing::ReadFile(dir / ("checkpoint." + std::to_string(size)));
    ASSERT_OK_AND_ASSIGN(const OpenedNote opened, OpenNote(note, {&key, 1}));
    ASSERT_OK_AND_ASSIGN(const Checkpoint head,
                         ParseForeignCheckpoint(opened.note.text));
    ASSERT_EQ(head.size, size);
    const std::string bundle =
        testing::ReadFile(dir / PathOf(FileRef::Entries(0, size)));
    ASSERT_OK_AND_ASSIGN(const auto leaves, ParseBundle(AsBytes(bundle), size));
    Tree tree;
    for (ByteView leaf : leaves) tree.Append(LeafHash(leaf));
    EXPECT_EQ(tree.Root(), head.root);
    ASSERT_OK_AND_ASSIGN(const Hash root,
                         RootOf(size, HashesFromTiles(size, read)));
    EXPECT_EQ(root, head.root);
  }
}

// Hash tiles and a witnessed head of 300 entries, from sunlight.
TEST(VectorTest, ReadsTheSunlightTiles) {
  SKIP_WITHOUT_SHARED("vectors/tlog/sunlight-witness");
  const auto dir = testing::SharedDir() /
                   "vectors/tlog/sunlight-witness/cmd/skylight/testdata/"
                   "witness/mirror/000de184301123b9278c086a7d9f68c9577e83872224"
                   "c197058fd90784ea9706";
  const auto read = [&](const FileRef& file) -> absl::StatusOr<Bytes> {
    return ToBytes(testing::ReadFile(dir / PathOf(file)));
  };
  ASSERT_OK_AND_ASSIGN(
      const VerifierKey key,
      VerifierKey::Parse("mirror.example.org+3fb148ef+"
                         "BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O"));
  const std::string note = testing::ReadFile(dir / "checkpoint");
  ASSERT_OK_AND_ASSIGN(const OpenedNote opened, OpenNote(note, {&key, 1}));
  ASSERT_OK_AND_ASSIGN(const Checkpoint head,
                       ParseForeignCheckpoint(opened.note.text));
  ASSERT_EQ(head.size, 300U);
  ASSERT_OK_AND_ASSIGN(const Hash root,
                       RootOf(300, HashesFromTiles(300, read)));
  EXPECT_EQ(root, head.root);
  EXPECT_OK(TileEdge::Load(300, read));
}

}  // namespace
}  // namespace entente::merkle
