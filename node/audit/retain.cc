// Bodies go when their term ends; leaves in prune.cc.

#include <algorithm>
#include <map>
#include <utility>

#include "crypto/base/status.h"
#include "node/audit/impl.h"
#include "node/ledger/leaf.h"

namespace entente::audit {
namespace {

using store::Table;

}  // namespace

// Entries of one retention class whose term ended.
struct AuditLog::Impl::Expired {
  std::string_view keep;
  std::vector<std::uint64_t> indexes;
  std::int64_t last_time = 0;  // microseconds, of the latest of them
};

// The body with its wrap, and the tags that lead to the entry.
absl::Status AuditLog::Impl::DeleteBody(store::Writer& writer,
                                        std::uint64_t index) const {
  TRY_OK(writer.Delete(Table::kAuditBody, rows_.Entry(index)));
  const Bytes key = rows_.TagsOf(index);
  TRY(const std::optional<Bytes> tags, writer.Get(Table::kAuditSubject, key));
  if (!tags) return absl::OkStatus();
  constexpr std::size_t kTagSize = sizeof(Id16);
  for (ByteView rest = *tags; rest.size() >= kTagSize;
       rest = rest.subspan(kTagSize)) {
    TRY_OK(writer.Delete(
        Table::kAuditSubject,
        rows_.Index(Rows::kSubject, rest.first(kTagSize), index)));
  }
  return writer.Delete(Table::kAuditSubject, key);
}

absl::StatusOr<std::uint64_t> AuditLog::Impl::ExpireBodies(std::size_t limit) {
  TRY_OK(Admit(nullptr));
  std::map<ledger::Keep, Expired> classes;
  std::uint64_t count = 0;
  {
    TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
    TRY(const std::vector<store::Row> due,
        reader->ScanDue(Table::kAuditBody, options_.clock->NowSeconds(),
                        limit));
    for (const store::Row& row : due) {
      if (!rows_.Owns(row.key)) continue;  // of another volume
      const std::uint64_t index = Rows::IndexOf(row.key);
      TRY(const Bytes bytes, LeafAt(index));
      TRY(const ledger::Leaf leaf, ledger::ParseLeaf(bytes));
      Expired& expired = classes[leaf.type->keep];
      expired.keep = ledger::KeepName(leaf.type->keep);
      expired.indexes.push_back(index);
      expired.last_time = std::max(expired.last_time, leaf.time);
      ++count;
    }
  }
  for (const auto& [keep, expired] : classes) TRY_OK(ExpireClass(expired));
  return count;
}

absl::Status AuditLog::Impl::ExpireClass(const Expired& expired) {
  const auto [first, last] =
      std::minmax_element(expired.indexes.begin(), expired.indexes.end());
  return CommitOwn(
      ledger::Event("log.expire")
          .Set("before", expired.last_time + 1)
          .Set("first", *first)
          .Set("keep", expired.keep)
          .Set("last", *last)
          .Set("n", expired.indexes.size()),
      [this, &expired](store::Writer& writer, std::span<const Staged>) {
        for (const std::uint64_t index : expired.indexes) {
          TRY_OK(DeleteBody(writer, index));
        }
        return absl::OkStatus();
      });
}

}  // namespace entente::audit
