// Bodies go, leaves stay: expiry of terms and erasing.

#include <algorithm>
#include <map>
#include <utility>

#include "crypto/base/status.h"
#include "node/audit/impl.h"
#include "node/ledger/erasure.h"
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

absl::StatusOr<Receipt> AuditLog::Impl::Erase(const Erasure& erasure) {
  TRY_OK(Admit(nullptr));
  TRY(const std::vector<ledger::IndexRange> ranges,
      ledger::ParseRanges(erasure.ranges));
  if (ranges.back().last >= SignedHead().size) {
    return Invalid("an erasure of entries that are not there");
  }
  const std::string text = ledger::ErasureText(options_.origin, erasure.ranges,
                                               erasure.ground, erasure.case_id);
  if (!primitive::VerifyEd25519(erasure.officer, AsBytes(text),
                                erasure.signature)) {
    return ProofFailed("the officer's signature under the erasure fails");
  }
  Request request;
  TRY(request.items, Seal({ledger::Event("erasure")
                               .Set("case", erasure.case_id)
                               .Set("ground", erasure.ground)
                               .Set("kid", primitive::KeyId(erasure.officer))
                               .Set("n", ledger::CountOf(ranges))
                               .Set("ranges", erasure.ranges)
                               .Set("sig", ToBase64(erasure.signature))
                               .By(erasure.user)}));
  request.changes = [&](store::Writer& writer, std::span<const Staged>) {
    for (const ledger::IndexRange& range : ranges) {
      for (std::uint64_t i = range.first; i <= range.last; ++i) {
        TRY_OK(DeleteBody(writer, i));
      }
    }
    return absl::OkStatus();
  };
  Run(request);
  TRY_OK(request.status);
  TRY(std::vector<Receipt> receipts, Receipts(request, nullptr));
  return std::move(receipts.front());
}

absl::Status AuditLog::Impl::ScrubAfter(const Receipt& erasure) {
  TRY_OK(Admit(nullptr));
  TRY(const Bytes bytes, LeafAt(erasure.index()));
  TRY(const ledger::Leaf leaf, ledger::ParseLeaf(bytes));
  if (erasure.origin() != options_.origin || leaf.type->name != "erasure") {
    return Invalid("not the Receipt of an erasure of this log");
  }
  TRY_OK(options_.store->Scrub());
  return CommitOwn(ledger::Event("erasure.scrub")
                       .Set("erasure", erasure.index())
                       .Set("method", "secure-delete"));
}

}  // namespace entente::audit
