// Erasing: keys and bodies go on an officer's word, and nothing of them stays
// in the store's files.

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "node/audit/impl.h"
#include "node/ledger/erasure.h"
#include "node/ledger/leaf.h"

namespace entente::audit {
namespace {

using store::Table;

// More than anybody reads through before signing for it.
constexpr std::uint64_t kMostErased = 10'000;

}  // namespace

absl::StatusOr<AuditLog::Erased> AuditLog::Impl::Erase(const Erasure& erasure) {
  TRY_OK(Admit(nullptr));
  TRY(const std::vector<ledger::IndexRange> ranges,
      ledger::ParseRanges(erasure.ranges));
  if (ranges.back().last >= SignedHead().size) {
    return Invalid("an erasure of entries that are not there");
  }
  if (ledger::CountOf(ranges) > kMostErased) {
    return Invalid("an erasure names at most ", std::to_string(kMostErased),
                   " entries");
  }
  const std::string text = ledger::ErasureText(options_.origin, erasure.ranges,
                                               erasure.ground, erasure.case_id);
  if (!primitive::VerifyEd25519(erasure.officer, AsBytes(text),
                                erasure.signature)) {
    return WithReason(
        ProofFailed("the officer's signature under the erasure fails"),
        "erasure-signature");
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
  std::uint64_t bodies = 0;
  request.changes = [&](store::Writer& writer,
                        std::span<const Staged> staged) -> absl::Status {
    bodies = 0;
    for (const ledger::IndexRange& range : ranges) {
      for (std::uint64_t i = range.first; i <= range.last; ++i) {
        TRY(const std::optional<Bytes> record,
            writer.Get(Table::kAuditBody, rows_.Entry(i)));
        if (record) ++bodies;
        TRY_OK(DeleteBody(writer, i));
      }
    }
    if (bodies == 0) {
      return WithReason(
          Unready("none of these entries has a sealed body any more"),
          "nothing-to-erase");
    }
    // Kept until the store's files are clean of it, over a crash as well.
    return writer.Put(Table::kAuditHead, rows_.Unscrubbed(staged.front().index),
                      {});
  };
  Run(request);
  TRY_OK(request.status);
  TRY(std::vector<Receipt> receipts, Receipts(request, nullptr));
  return Erased{std::move(receipts.front()), bodies};
}

absl::StatusOr<std::vector<std::uint64_t>> AuditLog::Impl::Unscrubbed() const {
  TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
  TRY(const std::vector<store::Row> rows,
      reader->Scan(Table::kAuditHead, rows_.UnscrubbedPrefix(), {},
                   kMostErased));
  std::vector<std::uint64_t> out;
  for (const store::Row& row : rows) out.push_back(Rows::IndexOf(row.key));
  return out;
}

absl::StatusOr<std::uint64_t> AuditLog::Impl::ScrubErased() {
  TRY_OK(Admit(nullptr));
  base::MutexLock lock(scrub_mutex_);
  TRY(const std::vector<std::uint64_t> erasures, Unscrubbed());
  if (erasures.empty()) return 0;
  TRY_OK(options_.store->Scrub());
  for (const std::uint64_t index : erasures) {
    TRY_OK(CommitOwn(
        ledger::Event("erasure.scrub")
            .Set("erasure", index)
            .Set("method", "secure-delete"),
        [this, index](store::Writer& writer, std::span<const Staged>) {
          return writer.Delete(Table::kAuditHead, rows_.Unscrubbed(index));
        }));
  }
  return erasures.size();
}

}  // namespace entente::audit
