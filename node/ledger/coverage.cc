#include "node/ledger/coverage.h"

#include "crypto/base/status.h"

namespace entente::ledger {
namespace {

bool Holds(const IndexRange& range, std::uint64_t index) {
  return range.first <= index && index <= range.last;
}

// The catalogue's own name of a retention class, which lives for ever.
std::optional<std::string_view> KeepNamed(std::string_view name) {
  for (const Keep keep :
       {Keep::kPad, Keep::kOps, Keep::kAccess, Keep::kExchange, Keep::kLaw}) {
    if (KeepName(keep) == name) return KeepName(keep);
  }
  return std::nullopt;
}

}  // namespace

absl::Status Coverage::Add(std::uint64_t index, const Leaf& leaf) {
  if (leaf.type->name == "erasure") {
    TRY(const std::vector<IndexRange> ranges, ErasedBy(leaf, index));
    for (const IndexRange& range : ranges) erased_.push_back({index, range});
  } else if (leaf.type->name == "log.expire") {
    const auto keep = KeepNamed(leaf.Text("keep"));
    const IndexRange range{static_cast<std::uint64_t>(leaf.Number("first")),
                           static_cast<std::uint64_t>(leaf.Number("last"))};
    if (!keep || range.first > range.last || range.last >= index) {
      return Invalid("an expiry of entries that do not lie before it");
    }
    expired_.push_back({index, *keep, range, leaf.Number("before")});
  }
  return absl::OkStatus();
}

std::optional<Coverage::Cover> Coverage::Of(std::uint64_t index, Keep keep,
                                            std::int64_t time) const {
  std::optional<Cover> found;
  const auto take = [&](std::uint64_t by, bool erasure) {
    if (!found || by < found->index) found = Cover{by, erasure};
  };
  for (const Erased& e : erased_) {
    if (Holds(e.range, index)) take(e.by, true);
  }
  if (found) return found;
  for (const Expired& e : expired_) {
    if (Holds(e.range, index) && time < e.before && e.keep == KeepName(keep)) {
      take(e.by, false);
    }
  }
  return found;
}

}  // namespace entente::ledger
