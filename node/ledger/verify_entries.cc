#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"
#include "node/ledger/erasure.h"
#include "node/ledger/folder_check.h"
#include "node/ledger/leaf.h"

namespace entente::ledger {

using merkle::FileRef;

absl::Status FolderCheck::ReadEntries() {
  rules_.emplace(report_.origin, first_bundle_ * merkle::kTileWidth);
  if (previous_ && previous_->size == 0) previous_root_ = merkle::EmptyRoot();
  const std::uint64_t bundles =
      (report_.size + merkle::kTileWidth - 1) / merkle::kTileWidth;
  for (std::uint64_t i = 0; i < bundles && !found_; ++i) {
    TRY_OK(i < first_bundle_ ? ReadPruned(i) : ReadBundle(i));
  }
  if (found_) return absl::OkStatus();
  return CompareTiles(edge_.Partials());
}

absl::Status FolderCheck::ReadBundle(std::uint64_t bundle) {
  const std::uint64_t first = bundle * merkle::kTileWidth;
  const std::string file = EntriesFile(first);
  TRY(const std::optional<Bytes> bytes, Read("V6", file));
  if (!bytes) return absl::OkStatus();
  const auto leaves = merkle::ParseBundle(*bytes, WidthAt(first));
  if (!leaves.ok()) {
    return FrameFault(bundle, *bytes, MessageOf(leaves.status()));
  }
  std::vector<merkle::TileEdge::Tile> full;
  for (std::uint64_t i = 0; i < leaves->size(); ++i) {
    TakeLeaf(first + i, file, (*leaves)[i]);
    const Hash hash = merkle::LeafHash((*leaves)[i]);
    TRY_OK(TakeKept(first + i, hash));
    edge_.Append(hash, full);
    if (previous_ && previous_->size == edge_.size()) {
      previous_root_ = edge_.Root();
    }
  }
  return CompareTiles(full);
}

// Names the first entry of a badly framed bundle that is not the one that its
// tile holds.
absl::Status FolderCheck::FrameFault(std::uint64_t bundle, ByteView bytes,
                                     std::string why) {
  const std::uint64_t first = bundle * merkle::kTileWidth;
  const unsigned width = WidthAt(first);
  TRY(const std::optional<Bytes> tile,
      Read("V5", merkle::PathOf(FileRef::Hashes(0, bundle, width))));
  if (!tile) return absl::OkStatus();
  std::uint64_t at = 0;
  for (; at < width && bytes.size() >= 2; ++at) {
    const std::size_t length = std::size_t{bytes[0]} << 8U | bytes[1];
    if (bytes.size() < 2 + length || tile->size() < (at + 1) * 32) break;
    const Hash hash = merkle::LeafHash(bytes.subspan(2, length));
    if (!std::equal(hash.begin(), hash.end(),
                    tile->begin() + static_cast<std::ptrdiff_t>(at * 32))) {
      break;
    }
    bytes = bytes.subspan(2 + length);
  }
  // Bytes after the last entry belong to no entry.
  const auto index = at < width ? std::optional(first + at) : std::nullopt;
  Find(Verdict::kTampered, {"V6", EntriesFile(first), index, std::move(why)});
  return absl::OkStatus();
}

void FolderCheck::TakeLeaf(std::uint64_t index, const std::string& file,
                           ByteView bytes) {
  ++report_.entries;
  const auto leaf = ParseLeaf(bytes);
  if (!leaf.ok()) return SuspectRule(index, file, leaf.status());
  SuspectRule(index, file, rules_->Next(index, *leaf));
  TakeSpecial(index, file, *leaf);
}

// What some entries say of others.
void FolderCheck::TakeSpecial(std::uint64_t index, const std::string& file,
                              const Leaf& leaf) {
  if (leaf.type->name == "log.prune") NotePrune(index, file, leaf);
  if (leaf.type->name != "erasure") return;
  NoteErasure(index, leaf);
  if (options_.officers.empty()) return;
  const absl::Status erasure =
      CheckErasure(report_.origin, index, leaf, options_.officers);
  if (erasure.ok() || suspects_.rule) return;
  SuspectRule(index, file, erasure);
  suspects_.rule->claim = "V9";
}

// The folder holds no bodies: which of them are gone, and on whose word.
void FolderCheck::NoteErasure(std::uint64_t index, const Leaf& leaf) {
  const auto ranges = ErasedBy(leaf, index);
  if (!ranges.ok()) return;  // the rules of entries say so
  const std::string text = AuthorityText(index, leaf, options_.officers);
  for (const IndexRange& range : *ranges) {
    report_.remarks.push_back({range.first, range.last, text});
  }
}

void FolderCheck::SuspectRule(std::uint64_t index, const std::string& file,
                              const absl::Status& status) {
  if (status.ok() || suspects_.rule) return;
  suspects_.rule = Fault{"V7", file, index, MessageOf(status)};
  if (status.code() == absl::StatusCode::kUnauthenticated) {
    suspects_.rule_verdict = Verdict::kUntrusted;
  }
}

absl::Status FolderCheck::CompareTiles(
    const std::vector<merkle::TileEdge::Tile>& tiles) {
  for (const merkle::TileEdge::Tile& tile : tiles) {
    NoteRoots(tile);
    TRY(const std::optional<Bytes> have, Read("V5", merkle::PathOf(tile.file)));
    if (!have) return absl::OkStatus();
    CompareHashes(tile.file, *have, tile.bytes);
  }
  return absl::OkStatus();
}

void FolderCheck::CompareHashes(const FileRef& file, ByteView have,
                                ByteView want) {
  if (std::equal(have.begin(), have.end(), want.begin(), want.end())) return;
  const std::string path = merkle::PathOf(file);
  if (have.size() != want.size()) {
    if (!suspects_.tile) {
      suspects_.tile =
          Fault{"V5", path, std::nullopt, "the tile has another length"};
    }
    return;
  }
  const auto at = std::mismatch(have.begin(), have.end(), want.begin()).first;
  const std::uint64_t position =
      file.index * merkle::kTileWidth +
      static_cast<std::uint64_t>(at - have.begin()) / 32;
  Fault fault{"V5", path, std::nullopt,
              "the tile is not the one over its entries"};
  if (file.level == 0) {
    fault.index = position;
    if (!suspects_.leaf) suspects_.leaf = std::move(fault);
  } else if (!suspects_.tile) {
    suspects_.tile = std::move(fault);
    if (file.level == 1) suspects_.bundle = position;
  }
}

}  // namespace entente::ledger
