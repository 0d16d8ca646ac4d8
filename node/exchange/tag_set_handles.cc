#include "node/exchange/tag_set_handles.h"

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/exchange/key.h"
#include "node/exchange/tag_set_keys.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

// The handle that a row would have at the given attempt: the same in every
// build of the epoch, so that deltas stay small; nothing to anybody else.
psi::Handle HandleAt(const Bytes& seed, const Bytes& row_key,
                     std::uint64_t attempt) {
  RecordKey at;
  at.Raw(row_key).Number(attempt);
  const Hash hash = primitive::HmacSha256(
      seed, {AsBytes("entente/tagset-handle/1\n"), at.bytes()});
  psi::Handle handle;
  std::copy_n(hash.begin(), handle.size(), handle.begin());
  return handle;
}

struct Place {
  psi::Handle handle{};
  bool known = false;
};

// A handle is 48 bits, so two rows of a large list may want the same one: the
// second takes its next. Handles stay until the epoch ends, so each row comes
// to the same one again.
absl::StatusOr<Place> PlaceOf(const TagSetSite& site, store::Reader& reader,
                              const Bytes& seed, const Bytes& row_key) {
  constexpr std::uint64_t kMaxAttempts = 16;
  for (std::uint64_t attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const psi::Handle handle = HandleAt(seed, row_key, attempt);
    if (handle == psi::Handle{}) continue;
    const Bytes row = HandleRow(site.agreement.hash(), site.clause.id,
                                site.asker, site.epoch, handle);
    TRY(const auto record, store::GetRecord<model::HandleRecord>(
                               reader, store::Table::kTagSet, row));
    if (!record) return Place{handle, false};
    if (record->entry_key == row_key) return Place{handle, true};
  }
  return Internal("no handle is free for a row");
}

}  // namespace

absl::Status AssignHandles(const TagSetSite& site, store::Reader& reader,
                           const Bytes& seed, std::vector<ListedRow>& rows) {
  bool all_known = true;
  for (ListedRow& row : rows) {
    TRY(const Place place, PlaceOf(site, reader, seed, row.key));
    row.handle = place.handle;
    all_known = all_known && place.known;
  }
  if (all_known) return absl::OkStatus();
  return site.desk.store.Write([&](store::Writer& writer) -> absl::Status {
    for (ListedRow& row : rows) {
      TRY(const Place place, PlaceOf(site, writer, seed, row.key));
      row.handle = place.handle;
      if (place.known) continue;
      const Bytes key = HandleRow(site.agreement.hash(), site.clause.id,
                                  site.asker, site.epoch, row.handle);
      TRY_OK(store::PutRecord(writer, store::Table::kTagSet, key,
                              model::HandleRecord{row.key}, site.due));
    }
    return absl::OkStatus();
  });
}

}  // namespace entente::exchange
