// Tiles and entries of a bundle, from the signed root downwards.

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"
#include "node/ledger/bundle_check.h"
#include "node/ledger/erasure.h"
#include "node/ledger/leaf.h"

namespace entente::ledger {

using merkle::FileRef;
using merkle::kTileWidth;

namespace {

std::vector<Hash> SplitHashes(ByteView tile) {
  std::vector<Hash> out(tile.size() / sizeof(Hash));
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::copy_n(tile.begin() + static_cast<std::ptrdiff_t>(i * sizeof(Hash)),
                sizeof(Hash), out[i].begin());
  }
  return out;
}

// The first place where they differ, up to the end of the shorter.
std::optional<std::size_t> FirstDifference(const std::vector<Hash>& a,
                                           const std::vector<Hash>& b) {
  const std::size_t size = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return i;
  }
  return a.size() == b.size() ? std::nullopt : std::optional(size);
}

Bytes JoinHashes(const std::vector<Hash>& hashes) {
  Bytes out;
  for (const Hash& hash : hashes) {
    out.insert(out.end(), hash.begin(), hash.end());
  }
  return out;
}

constexpr std::string_view kNotHashed =
    "the entry is not the one that the log hashed";
constexpr std::string_view kNotOverEntries =
    "the tile is not the one over its entries";

}  // namespace

std::string BundleCheck::EntriesFile(std::uint64_t tile) const {
  return merkle::PathOf(FileRef::Entries(tile, WidthOf(0, tile, report_.size)));
}

absl::StatusOr<std::vector<Hash>> BundleCheck::HashesOf(const FileRef& file) {
  TRY(const Bytes bytes, Reader()(file));
  return SplitHashes(bytes);
}

// Leaf hashes of an entry bundle as far as it is framed.
absl::StatusOr<std::vector<Hash>> BundleCheck::EntryHashes(std::uint64_t tile) {
  TRY(const Bytes bytes, file_.Read(EntriesFile(tile)));
  std::vector<Hash> out;
  for (ByteView rest = bytes; rest.size() >= 2 && out.size() < kTileWidth;) {
    const std::size_t length = std::size_t{rest[0]} << 8U | rest[1];
    if (rest.size() < 2 + length) break;
    out.push_back(merkle::LeafHash(rest.subspan(2, length)));
    rest = rest.subspan(2 + length);
  }
  return out;
}

// The partial tiles of the right edge make the root; that vouches for each of
// their hashes.
absl::Status BundleCheck::CheckRightEdge() {
  TRY(const merkle::TileEdge edge,
      merkle::TileEdge::Load(report_.size, Reader()));
  if (edge.Root() == report_.root) return absl::OkStatus();
  TRY_OK(NameEdgeFault());
  if (!found_) TRY_OK(NameUpperFault());
  Find(Verdict::kTampered,
       {"V5", "checkpoint", std::nullopt,
        "the tiles do not lead to the root that the log signed"});
  return absl::OkStatus();
}

// When the last entries are in the bundle: they say which hash is wrong.
absl::Status BundleCheck::NameEdgeFault() {
  const std::uint64_t tile = report_.size / kTileWidth;
  if (report_.size % kTileWidth == 0 || whole_.end != report_.size) {
    return absl::OkStatus();
  }
  const FileRef edge_file =
      FileRef::Hashes(0, tile, WidthOf(0, tile, report_.size));
  TRY(const std::vector<Hash> stored, HashesOf(edge_file));
  TRY(const std::vector<Hash> entries, EntryHashes(tile));
  const auto at = FirstDifference(entries, stored);
  if (!at) return absl::OkStatus();
  const std::uint64_t index = tile * kTileWidth + *at;
  if (entries.size() == stored.size()) {
    const merkle::TileReader read = Reader();
    TRY(const merkle::TileEdge edge,
        merkle::TileEdge::Load(
            report_.size, [&](const FileRef& file) -> absl::StatusOr<Bytes> {
              if (file == edge_file) return JoinHashes(entries);
              return read(file);
            }));
    if (edge.Root() == report_.root) {
      Find(Verdict::kTampered, {"V5", merkle::PathOf(edge_file), index,
                                std::string(kNotOverEntries)});
    }
  }
  Find(Verdict::kTampered,
       {"V6", EntriesFile(tile), index, std::string(kNotHashed)});
  return absl::OkStatus();
}

// A partial tile above that differs from a full tile under it.
absl::Status BundleCheck::NameUpperFault() {
  for (const FileRef& file : FilesOfRange(range_, report_.size)) {
    if (file.kind != FileRef::Kind::kHashes || file.width != kTileWidth ||
        file.index / kTileWidth <
            merkle::FullTiles(file.level + 1, report_.size)) {
      continue;
    }
    TRY(const std::vector<Hash> below, HashesOf(file));
    TRY(const Hash parent, ParentOf(file.level, file.index));
    if (merkle::Root(below) == parent) continue;
    const std::uint64_t above = file.index / kTileWidth;
    Find(Verdict::kTampered,
         {"V5",
          merkle::PathOf(
              FileRef::Hashes(file.level + 1, above,
                              WidthOf(file.level + 1, above, report_.size))),
          std::nullopt, "the tile is not the one over those below"});
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

// The hash that the tile above holds for tile `tile` of `level`.
absl::StatusOr<Hash> BundleCheck::ParentOf(unsigned level, std::uint64_t tile) {
  const std::uint64_t above = tile / kTileWidth;
  const auto key = std::pair(level + 1, above);
  if (!parents_.contains(key)) {
    std::erase_if(parents_, [&](const auto& kept) {
      return kept.first.first == level + 1;
    });
    TRY(parents_[key],
        HashesOf(FileRef::Hashes(level + 1, above,
                                 WidthOf(level + 1, above, report_.size))));
  }
  return parents_[key][tile % kTileWidth];
}

// Full tiles above the entries, from the top: each is vouched for by the one
// above it.
absl::Status BundleCheck::CheckUpperTiles() {
  std::vector<FileRef> files = FilesOfRange(range_, report_.size);
  std::erase_if(files, [](const FileRef& file) {
    return file.kind != FileRef::Kind::kHashes || file.level == 0 ||
           file.width != kTileWidth;
  });
  std::sort(files.begin(), files.end(), [](const FileRef& a, const FileRef& b) {
    return a.level != b.level ? a.level > b.level : a.index < b.index;
  });
  for (const FileRef& file : files) {
    TRY(const std::vector<Hash> hashes, HashesOf(file));
    TRY(const Hash parent, ParentOf(file.level, file.index));
    if (merkle::Root(hashes) == parent) continue;
    Find(Verdict::kTampered,
         {"V5", merkle::PathOf(file), std::nullopt,
          "the tile does not lead to the root that the log signed"});
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status BundleCheck::ReadEntries() {
  TRY_OK(TakeSingleBodies(0, whole_.first));
  rules_.emplace(report_.origin, whole_.first);
  const EntryRange tiles = TilesOfRange(range_);
  for (std::uint64_t i = tiles.first; i < tiles.end && !found_; ++i) {
    TRY_OK(ReadTile(i));
  }
  if (found_) return absl::OkStatus();
  Hold("V5");
  Hold("V6", std::to_string(report_.entries) + " entries");
  CheckRules();
  if (found_) return absl::OkStatus();
  return TakeSingleBodies(whole_.end, report_.size);
}

absl::Status BundleCheck::ReadTile(std::uint64_t tile) {
  const unsigned width = WidthOf(0, tile, report_.size);
  TRY(const std::vector<Hash> stored,
      HashesOf(FileRef::Hashes(0, tile, width)));
  TRY(const std::vector<Hash> hashes, EntryHashes(tile));
  TRY_OK(JudgeTile(tile, hashes, stored));
  if (found_) return absl::OkStatus();
  const std::string file = EntriesFile(tile);
  TRY(const Bytes bytes, file_.Read(file));
  const auto leaves = merkle::ParseBundle(bytes, width);
  if (!leaves.ok()) {
    Find(Verdict::kTampered,
         {"V6", file, std::nullopt, MessageOf(leaves.status())});
    return absl::OkStatus();
  }
  for (std::uint64_t i = 0; i < width && !found_; ++i) {
    TRY_OK(TakeLeaf(tile * kTileWidth + i, file, (*leaves)[i]));
  }
  return absl::OkStatus();
}

// Entries against their tile, and both against what the tile above vouches
// for; a partial tile was vouched for by the root.
absl::Status BundleCheck::JudgeTile(std::uint64_t tile,
                                    const std::vector<Hash>& entries,
                                    const std::vector<Hash>& stored) {
  const auto at = FirstDifference(entries, stored);
  const bool full = stored.size() == kTileWidth;
  std::optional<Hash> parent;
  if (full) {
    TRY(parent, ParentOf(0, tile));
  }
  if (!at && (!full || merkle::Root(stored) == *parent)) {
    return absl::OkStatus();
  }
  const std::uint64_t first = tile * kTileWidth;
  if (!at) {
    Find(Verdict::kTampered, {"V6", EntriesFile(tile), std::nullopt,
                              "entries " + std::to_string(first) + " to " +
                                  std::to_string(first + kTileWidth - 1) +
                                  " are not those that the log hashed"});
  } else if (full && entries.size() == stored.size() &&
             merkle::Root(entries) == *parent) {
    Find(Verdict::kTampered,
         {"V5",
          merkle::PathOf(
              FileRef::Hashes(0, tile, static_cast<unsigned>(stored.size()))),
          first + *at, std::string(kNotOverEntries)});
  } else {
    Find(Verdict::kTampered,
         {"V6", EntriesFile(tile), first + *at, std::string(kNotHashed)});
  }
  return absl::OkStatus();
}

absl::Status BundleCheck::TakeLeaf(std::uint64_t index, const std::string& file,
                                   ByteView bytes) {
  ++report_.entries;
  const auto leaf = ParseLeaf(bytes);
  if (!leaf.ok()) {
    SuspectRule("V7", index, file, leaf.status());
    return absl::OkStatus();
  }
  SuspectRule("V7", index, file, rules_->Next(index, *leaf));
  if (rule_) return absl::OkStatus();
  SuspectRule("V7", index, file, coverage_.Add(index, *leaf));
  if (leaf->type->name == "erasure" && !options_.officers.empty()) {
    SuspectRule("V9", index, file,
                CheckErasure(report_.origin, index, *leaf, options_.officers));
  }
  if (leaf->type->name == "key.segment") {
    announced_.insert(static_cast<std::uint32_t>(leaf->Number("segment")));
  }
  const bool shown =
      range_.Has(index) ||
      std::binary_search(singles_.begin(), singles_.end(), index);
  return shown ? TakeBody(index, *leaf) : absl::OkStatus();
}

void BundleCheck::SuspectRule(std::string_view claim, std::uint64_t index,
                              const std::string& file,
                              const absl::Status& status) {
  if (status.ok() || rule_) return;
  const bool unknown = absl::IsUnauthenticated(status);
  rule_ = Finding{unknown ? Verdict::kUntrusted : Verdict::kTampered,
                  {claim, file, index, MessageOf(status)}};
}

// What the entries say, once they are known to be the log's.
void BundleCheck::CheckRules() {
  if (!rule_ && whole_.end == report_.size && !range_.empty()) {
    SuspectRule("V7", whole_.end - 1,
                EntriesFile((whole_.end - 1) / kTileWidth), rules_->Finish());
  }
  if (const auto repeated = rules_->RepeatedId(); !rule_ && repeated) {
    SuspectRule("V7", *repeated, EntriesFile(*repeated / kTileWidth),
                Invalid("an id that an earlier entry has"));
  }
  if (rule_) return Find(rule_->verdict, rule_->fault);
  if (!range_.empty()) Hold("V7");
}

}  // namespace entente::ledger
