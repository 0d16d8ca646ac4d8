#include "node/upkeep/erasures.h"

#include <algorithm>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/base/file.h"

namespace entente::upkeep {
namespace {

absl::StatusOr<std::vector<ledger::IndexRange>> RangesOf(
    audit::AuditLog& log, std::uint64_t erasure) {
  TRY(const std::vector<audit::Entry> entries, log.Read(erasure, 1));
  if (entries.empty()) return NotFound("no such erasure");
  TRY(const ledger::Leaf leaf, ledger::ParseLeaf(entries.front().leaf));
  return ledger::ErasedBy(leaf, erasure);
}

}  // namespace

std::string ExportName(std::uint64_t first, std::uint64_t last,
                       const Hash& sha256) {
  return Join({std::to_string(first), "-", std::to_string(last), "-",
               ToHex(sha256).substr(0, 16), ".entente-audit.tar"});
}

bool MayHold(const std::string& name,
             const std::vector<ledger::IndexRange>& ranges) {
  const std::size_t dash = name.find('-');
  const std::size_t end =
      dash == std::string::npos ? dash : name.find('-', dash + 1);
  if (end == std::string::npos) return true;
  const auto first =
      ledger::ParseRanges(std::string_view(name).substr(0, dash));
  const auto last = ledger::ParseRanges(
      std::string_view(name).substr(dash + 1, end - dash - 1));
  if (!first.ok() || !last.ok()) return true;
  const ledger::IndexRange bundle{first->front().first, last->front().last};
  if (bundle.first > bundle.last) return true;
  return std::any_of(
      ranges.begin(), ranges.end(), [&bundle](const ledger::IndexRange& range) {
        return range.first <= bundle.last && bundle.first <= range.last;
      });
}

absl::StatusOr<ErasuresDone> FinishErasures(exchange::Desk& desk) {
  ErasuresDone done;
  TRY(const std::vector<std::uint64_t> erasures, desk.log.Unscrubbed());
  if (erasures.empty()) return done;
  std::vector<ledger::IndexRange> all;
  for (const std::uint64_t erasure : erasures) {
    TRY(const std::vector<ledger::IndexRange> ranges,
        RangesOf(desk.log, erasure));
    all.insert(all.end(), ranges.begin(), ranges.end());
  }
  const std::string folder = desk.data_dir + "/exports";
  const absl::StatusOr<std::vector<std::string>> files =
      base::ListFiles(folder);
  if (!files.ok() && !absl::IsNotFound(files.status())) return files.status();
  for (const std::string& name :
       files.ok() ? *files : std::vector<std::string>()) {
    if (!MayHold(name, all)) continue;
    TRY_OK(base::RemoveFile(folder + "/" + name));
    ++done.exports;
  }
  if (done.exports > 0) TRY_OK(base::SyncDir(folder));
  TRY(done.erasures, desk.log.ScrubErased());
  return done;
}

}  // namespace entente::upkeep
