#include "node/ledger/bundle_leaves.h"

#include <algorithm>

#include "crypto/base/status.h"
#include "node/ledger/bundle_parts.h"

namespace entente::ledger {

using merkle::FileRef;
using merkle::kTileWidth;

absl::StatusOr<ByteView> LeafReader::At(std::uint64_t index) {
  const std::uint64_t bundle = index / kTileWidth;
  if (bundle_ != bundle) {
    bundle_.reset();
    const unsigned width = WidthOf(0, bundle, size_);
    TRY(bytes_, read_(FileRef::Entries(bundle, width)));
    TRY(leaves_, merkle::ParseBundle(bytes_, width));
    bundle_ = bundle;
  }
  return leaves_[index % kTileWidth];
}

absl::Status ForEachIndex(
    const EntryRange& range, std::span<const std::uint64_t> singles,
    const std::function<absl::Status(std::uint64_t)>& take) {
  const auto inside =
      std::lower_bound(singles.begin(), singles.end(), range.first);
  for (auto at = singles.begin(); at != inside; ++at) TRY_OK(take(*at));
  for (std::uint64_t i = range.first; i < range.end; ++i) TRY_OK(take(i));
  for (auto at = std::lower_bound(inside, singles.end(), range.end);
       at != singles.end(); ++at) {
    TRY_OK(take(*at));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::uint64_t>> SelectEntries(
    const merkle::TileReader& read, std::uint64_t size,
    const Selection& selection) {
  const EntryRange range = selection.range.value_or(EntryRange{0, size});
  if (range.first > range.end || range.end > size) {
    return Invalid("a range that reaches beyond the log");
  }
  for (const std::string& type : selection.types) {
    if (FindEventType(type) == nullptr) {
      return Invalid("no event is called `", type, "`");
    }
  }
  const std::string exchange =
      selection.exchange ? ToHex(*selection.exchange) : std::string();
  std::vector<std::uint64_t> out;
  LeafReader leaves(read, size);
  for (std::uint64_t i = range.first; i < range.end; ++i) {
    TRY(const ByteView bytes, leaves.At(i));
    TRY(const Leaf leaf, ParseLeaf(bytes));
    const auto& types = selection.types;
    if (!types.empty() &&
        std::find(types.begin(), types.end(), leaf.type->name) == types.end()) {
      continue;
    }
    if (!exchange.empty() && leaf.Text("batch") != exchange &&
        leaf.Text("hit") != exchange) {
      continue;
    }
    out.push_back(i);
  }
  return out;
}

}  // namespace entente::ledger
