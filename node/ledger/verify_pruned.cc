// Entries that went at the end of their term (audit.md 9.4): the hash tiles
// stay, so the tree is whole and every proof holds; leaves of the class `law`
// stay, each in a file of its own; a `log.prune` says how many went.

#include <algorithm>
#include <span>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"
#include "node/ledger/folder_check.h"
#include "node/ledger/kept.h"
#include "node/ledger/leaf.h"

namespace entente::ledger {

using merkle::FileRef;
using merkle::kTileWidth;

bool FolderCheck::NoteKept(const std::string& path) {
  const auto index = ParseKeptPath(path);
  if (!index.ok() || *index >= report_.size) return false;
  return kept_.insert(*index).second;
}

std::uint64_t FolderCheck::FirstBundle() const {
  std::optional<std::uint64_t> first;
  for (const std::string& path : folder_.files) {
    const auto file = merkle::ParsePath(path);
    if (!file.ok() || file->kind != FileRef::Kind::kEntries) continue;
    if (!first || file->index < *first) first = file->index;
  }
  return first.value_or(0);
}

absl::Status FolderCheck::ReadPruned(std::uint64_t bundle) {
  const std::string path =
      merkle::PathOf(FileRef::Hashes(0, bundle, kTileWidth));
  TRY(const std::optional<Bytes> tile, Read("V5", path));
  if (!tile) return absl::OkStatus();
  if (tile->size() != std::size_t{kTileWidth} * sizeof(Hash)) {
    Find(Verdict::kTampered,
         {"V5", path, std::nullopt, "the tile has another length"});
    return absl::OkStatus();
  }
  std::vector<merkle::TileEdge::Tile> full;
  for (std::uint64_t i = 0; i < kTileWidth && !found_; ++i) {
    TRY(const Hash hash, ToArray<sizeof(Hash)>(ByteView(*tile).subspan(
                             i * sizeof(Hash), sizeof(Hash))));
    TRY_OK(TakeKept(bundle * kTileWidth + i, hash));
    edge_.Append(hash, full);
    if (previous_ && previous_->size == edge_.size()) {
      previous_root_ = edge_.Root();
    }
  }
  // The one of level 0 was read and is the source of the others.
  std::erase_if(full, [](const merkle::TileEdge::Tile& made) {
    return made.file.level == 0;
  });
  return CompareTiles(full);
}

absl::Status FolderCheck::TakeKept(std::uint64_t index, const Hash& hash) {
  if (!kept_.contains(index)) return absl::OkStatus();
  const std::string path = KeptPath(index);
  TRY(const std::optional<Bytes> bytes, Read("V6", path));
  if (!bytes) return absl::OkStatus();
  if (merkle::LeafHash(*bytes) != hash) {
    Find(Verdict::kTampered,
         {"V6", path, index, "the entry is not the one that the log hashed"});
    return absl::OkStatus();
  }
  if (index >= first_bundle_ * kTileWidth) return absl::OkStatus();
  ++report_.entries;
  const auto leaf = ParseLeaf(*bytes);
  if (!leaf.ok()) {
    SuspectRule(index, path, leaf.status());
    return absl::OkStatus();
  }
  SuspectRule(index, path, rules_->Kept(index, *leaf));
  TakeSpecial(index, path, *leaf);
  return absl::OkStatus();
}

void FolderCheck::NotePrune(std::uint64_t index, const std::string& file,
                            const Leaf& leaf) {
  Prune prune{index,
              file,
              static_cast<std::uint64_t>(leaf.Number("before")),
              static_cast<std::uint64_t>(leaf.Number("n")),
              std::string(leaf.Text("kept_root")),
              leaf.Number("oldest")};
  const std::uint64_t last = prunes_.empty() ? 0 : prunes_.back().before;
  if (leaf.Number("before") <= 0 || leaf.Number("n") < 0 ||
      prune.before % kTileWidth != 0 || prune.before > index ||
      prune.before <= last || prune.n > prune.before - last) {
    return SuspectRule(index, file,
                       Invalid("a log.prune of entries that do not lie before "
                               "it"));
  }
  prunes_.push_back(std::move(prune));
}

void FolderCheck::NoteRoots(const merkle::TileEdge::Tile& tile) {
  if (tile.file.level != 1) return;
  for (std::size_t at = 0; at + sizeof(Hash) <= tile.bytes.size();
       at += sizeof(Hash)) {
    Hash root{};
    std::copy_n(tile.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                sizeof(Hash), root.begin());
    bundle_roots_.push_back(root);
  }
}

// Everything else is known to be the log's by now.
void FolderCheck::JudgePrunes() {
  for (const Prune& prune : prunes_) {
    const std::span roots(bundle_roots_);
    const Hash root = merkle::Root(roots.first(
        std::min<std::size_t>(prune.before / kTileWidth, roots.size())));
    if (ToHex(root) == prune.kept_root) continue;
    return Find(Verdict::kTampered,
                {"V7", prune.file, prune.index,
                 "a log.prune with another root over what it removed"});
  }
  const std::uint64_t begin = first_bundle_ * kTileWidth;
  if (begin == 0) return;
  const std::uint64_t before = prunes_.empty() ? 0 : prunes_.back().before;
  const auto missing = [&](std::string why) {
    Find(Verdict::kIncomplete,
         {"V6", EntriesFile(0), std::nullopt, std::move(why)});
  };
  if (begin > before) {
    return missing("entries are missing that no log.prune names");
  }
  std::uint64_t named = 0;
  for (const Prune& prune : prunes_) named += prune.n;
  const auto kept = static_cast<std::uint64_t>(
      std::distance(kept_.begin(), kept_.lower_bound(before)));
  if (kept + named != before) {
    return missing("more entries are missing than log.prune names");
  }
  if (!kept_.contains(0)) return missing("log.genesis is missing");
  if (begin == before && rules_->first_time() != prunes_.back().oldest) {
    return Find(Verdict::kTampered,
                {"V7", prunes_.back().file, prunes_.back().index,
                 "a log.prune that names another oldest entry"});
  }
  report_.pruned = named;
  report_.remarks.push_back(
      {0, before - 1,
       std::to_string(named) + " of them pruned at the end of their term, as " +
           "entry " + std::to_string(prunes_.back().index) +
           " says; their hashes and " + std::to_string(kept) +
           " entries stayed"});
}

}  // namespace entente::ledger
