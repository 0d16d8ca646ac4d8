#include "node/ledger/kept.h"

#include "crypto/base/status.h"
#include "node/ledger/erasure.h"

namespace entente::ledger {
namespace {

constexpr std::string_view kEnding = ".leaf";

}  // namespace

std::string KeptPath(std::uint64_t index) {
  return Join({kKeptFolder, std::to_string(index), kEnding});
}

absl::StatusOr<std::uint64_t> ParseKeptPath(std::string_view path) {
  if (!path.starts_with(kKeptFolder) || !path.ends_with(kEnding) ||
      path.size() <= kKeptFolder.size() + kEnding.size()) {
    return Invalid("no path of a kept entry");
  }
  path.remove_prefix(kKeptFolder.size());
  path.remove_suffix(kEnding.size());
  TRY(const std::vector<IndexRange> ranges, ParseRanges(path));
  if (path.find_first_of(",-") != std::string_view::npos)
    return Invalid("no path of a kept entry");
  return ranges.front().first;
}

}  // namespace entente::ledger
