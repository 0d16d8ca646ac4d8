#include "node/ledger/entry_rules.h"

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "node/ledger/erasure.h"

namespace entente::ledger {
namespace {

// Types that a guard entry must follow, and what it is then about.
std::string_view GuardAfter(std::string_view type) {
  if (type == "screen.open") return "screen";
  if (type == "tagset.build") return "tagset";
  return {};
}

}  // namespace

absl::Status EntryRules::Next(std::uint64_t index, const Leaf& leaf) {
  const std::string_view type = leaf.type->name;
  if (index == first_) first_time_ = leaf.time;
  if (leaf.time < last_time_) return Invalid("a time before the last one");
  last_time_ = leaf.time;
  ids_.emplace_back(leaf.id, index);
  is_sealed_.push_back(leaf.commit.has_value());
  is_erased_.push_back(false);
  if (leaf.commit) ++sealed_;
  if (type == "pad") ++pads_;
  if (closed_ && type != "pad") return Invalid("an entry after log.close");
  TRY_OK(CheckGenesis(index, leaf));
  TRY_OK(CheckGuard(leaf));
  if (type == "log.close") closed_ = true;
  if (type == "erasure") return NoteErasure(index, leaf);
  return absl::OkStatus();
}

absl::Status EntryRules::Kept(std::uint64_t index, const Leaf& leaf) {
  if (leaf.time < last_time_) return Invalid("a time before the last one");
  last_time_ = leaf.time;
  ids_.emplace_back(leaf.id, index);
  if (leaf.type->keep != Keep::kLaw) {
    return Invalid("an entry that stayed although its class does not stay");
  }
  TRY_OK(CheckGenesis(index, leaf));
  if (leaf.type->name == "log.close") closed_ = true;
  if (leaf.type->name == "erasure") return ErasedBy(leaf, index).status();
  return absl::OkStatus();
}

absl::Status EntryRules::CheckGenesis(std::uint64_t index, const Leaf& leaf) {
  const bool genesis = leaf.type->name == "log.genesis";
  if (genesis != (index == 0)) {
    return Invalid("log.genesis is the first entry and no other");
  }
  if (!genesis) return absl::OkStatus();
  if (leaf.Text("volume") != merkle::VolumeOf(origin_)) {
    return Invalid("log.genesis names another volume");
  }
  const bool first = leaf.Text("prev_origin") == "-";
  if (first != (leaf.Text("prev_root") == "-") ||
      (first && leaf.Number("prev_size") != 0)) {
    return Invalid("log.genesis names half of a volume before it");
  }
  if (leaf.Text("catalogue") != ToHex(CatalogueHash())) {
    return Unauthenticated("a volume under another catalogue of events");
  }
  return absl::OkStatus();
}

absl::Status EntryRules::CheckGuard(const Leaf& leaf) {
  const bool guard = leaf.type->name == "guard";
  if (!guard) guard_known_ = true;
  const std::string_view due = guard_due_;
  guard_due_ = GuardAfter(leaf.type->name);
  if (!due.empty() && !guard) return Invalid("a guard entry is missing here");
  if (!guard) return absl::OkStatus();
  if (leaf.actor) return Invalid("a guard entry with an actor");
  if (!std::exchange(guard_known_, true)) return absl::OkStatus();
  if (leaf.Text("about") != (due.empty() ? "set" : due)) {
    return Invalid("a guard entry that belongs to no other entry");
  }
  return absl::OkStatus();
}

absl::Status EntryRules::NoteErasure(std::uint64_t index, const Leaf& leaf) {
  TRY(const std::vector<IndexRange> ranges, ErasedBy(leaf, index));
  for (const IndexRange& range : ranges) {
    for (std::uint64_t i = std::max(range.first, first_); i <= range.last;
         ++i) {
      is_erased_[i - first_] = true;
    }
  }
  return absl::OkStatus();
}

absl::Status EntryRules::Finish() const {
  if (!guard_due_.empty()) return Invalid("a guard entry is missing here");
  return absl::OkStatus();
}

std::optional<std::uint64_t> EntryRules::RepeatedId() {
  std::sort(ids_.begin(), ids_.end());
  std::optional<std::uint64_t> lowest;
  for (std::size_t i = 1; i < ids_.size(); ++i) {
    if (ids_[i].first != ids_[i - 1].first) continue;
    if (!lowest || ids_[i].second < *lowest) lowest = ids_[i].second;
  }
  return lowest;
}

std::uint64_t EntryRules::Erased() const {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < is_erased_.size(); ++i) {
    if (is_erased_[i] && is_sealed_[i]) ++count;
  }
  return count;
}

}  // namespace entente::ledger
