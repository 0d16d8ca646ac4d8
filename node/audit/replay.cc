// The spool comes back into the log, once.

#include <utility>

#include "crypto/base/status.h"
#include "node/audit/impl.h"
#include "node/ledger/leaf.h"

namespace entente::audit {

namespace {

using store::Table;

// What Seal would have made of the event, from the sealed entry alone.
absl::StatusOr<Item> ItemOf(const SpoolItem& spooled) {
  TRY(const ledger::Leaf leaf, ledger::CheckPrepared(spooled.entry));
  Item item;
  item.entry = spooled.entry;
  item.keep = leaf.type->keep;
  item.keys = SearchKeysOf(leaf);
  if (spooled.segment_file.empty()) return item;
  TRY(const ledger::SegmentFile file,
      ledger::ParseSegmentFile(spooled.segment_file));
  auto segment = std::make_shared<Segment>();
  segment->key.number = file.number;
  segment->file = spooled.segment_file;
  segment->recipients = spooled.recipients;
  item.segment = std::move(segment);
  return item;
}

}  // namespace

absl::Status AuditLog::Impl::ReplaySpool() {
  base::MutexLock lock(spool_mutex_);
  TRY(Spool::Content spooled, spool_.Load());
  if (spooled.items.empty() && !spooled.damaged) return absl::OkStatus();
  TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
  TRY(const std::optional<Bytes> replayed,
      reader->Get(Table::kAuditHead, rows_.SpoolDone()));
  // A crash between the commit and the removal leaves the file behind.
  if (!replayed || *replayed != ToBytes(spooled.digest)) {
    Request request;
    for (const SpoolItem& spool_item : spooled.items) {
      absl::StatusOr<Item> item = ItemOf(spool_item);
      if (item.ok() && spool_item.origin == options_.origin) {
        request.items.push_back(*std::move(item));
      } else {
        spooled.damaged = true;
      }
    }
    if (spooled.damaged) {
      TRY(std::vector<Item> fault, Seal({ledger::Event("node.fault")
                                             .Set("code", "spool-damaged")
                                             .Set("sev", 2)}));
      request.items.push_back(std::move(fault.front()));
    }
    request.changes = [&](store::Writer& writer, std::span<const Staged>) {
      return writer.Put(Table::kAuditHead, rows_.SpoolDone(), spooled.digest);
    };
    Run(request);
    TRY_OK(request.status);
  }
  TRY_OK(spooled.damaged ? spool_.SetAside() : spool_.Remove());
  base::MutexLock state_lock(state_mutex_);
  spooled_ = 0;
  return absl::OkStatus();
}

}  // namespace entente::audit
