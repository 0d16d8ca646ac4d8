// What is held, and the removal of one entry.

#include <algorithm>
#include <map>
#include <utility>

#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/base/time.h"
#include "node/exchange/acts.h"
#include "node/exchange/list_rows.h"
#include "node/exchange/subjects.h"
#include "node/exchange/tag_sets.h"
#include "node/hits/hits.h"
#include "node/store/record.h"

namespace entente::admin {

absl::StatusOr<Reply> ListShow(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const auto lists,
      store::AllRecords<model::ListRecord>(*reader, store::Table::kList));
  const std::string today = base::DayKey(desk.clock.NowSeconds());
  Reply reply;
  reply.json["lists"] = Json::array();
  for (const auto& [key, list] : lists) {
    std::map<std::string, std::uint64_t> grounds;
    std::uint64_t rows = 0;
    std::uint64_t expired = 0;
    TRY_OK(store::EachRecord<model::ListEntry>(
        *reader, store::Table::kListEntry,
        exchange::ListGeneration(list.name, list.generation),
        [&](Bytes&&, model::ListEntry&& entry) {
          ++rows;
          ++grounds[entry.ground];
          expired += entry.expires < today ? 1U : 0U;
          return absl::OkStatus();
        }));
    reply.json["lists"].push_back({{"list", list.name},
                                   {"rows", rows},
                                   {"expired", expired},
                                   {"grounds", grounds}});
    reply.text += list.name + ": " + std::to_string(rows) + " entries, " +
                  std::to_string(expired) + " expired\n";
    for (const auto& [ground, n] : grounds)
      reply.text += "  " + ground + "  " + std::to_string(n) + "\n";
  }
  if (lists.empty()) reply.text = "no list is held";
  return reply;
}

absl::StatusOr<Reply> ListRemove(Context& context, Request& request) {
  TRY(const std::string list, request.args.Need("list"));
  TRY(const std::string entry_id, request.args.Need("entry"));
  TRY(const std::string reason, request.args.Need("reason"));
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  const Bytes name = exchange::ListEntryName(list, entry_id);
  base::MutexLock lock(*context.lists);
  model::ListRecord record;
  std::vector<Id16> tags;
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    TRY(record, store::NeedRecord<model::ListRecord>(
                    *reader, store::Table::kList, AsBytes(list), "list"));
    TRY(const auto entry, exchange::FindEntry(*reader, name));
    if (!entry) return NotFound("no such entry in the list");
    TRY(tags, exchange::SubjectTags(desk.keys, *entry));
  }
  // Everybody who was told of it is told again, first: a recall that cannot be
  // written must not leave the entry gone.
  TRY(std::vector<Id16> disclosed, hits::DisclosedOf(desk, name));
  for (const Id16& hit : disclosed) {
    TRY_OK(hits::SendRecall(desk, request.officer, hit, reason,
                            model::RecallKind::kErase)
               .status());
  }
  record.rows -= record.rows > 0 ? 1 : 0;
  audit::Job job;
  job.events.push_back(ledger::Event("list.entry")
                           .Set("change", "removed")
                           .Set("ground", exchange::CodeOrDash(reason))
                           .Set("list", list)
                           .Seal("ref", entry_id)
                           .Seal("reviewer", request.officer.id)
                           .By(request.officer.id));
  exchange::TagEvent(job, 0, tags);
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged>) -> absl::Status {
    TRY_OK(writer.Delete(
        store::Table::kListEntry,
        exchange::ListEntryRow(list, record.generation, entry_id)));
    TRY_OK(
        store::PutRecord(writer, store::Table::kList, AsBytes(list), record));
    return exchange::MarkTagSetsStale(writer);
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  // Whatever was released while the recalls went out, before the entry was
  // gone.
  TRY(const std::vector<Id16> since, hits::DisclosedOf(desk, name));
  for (const Id16& hit : since) {
    if (std::find(disclosed.begin(), disclosed.end(), hit) != disclosed.end())
      continue;
    TRY_OK(hits::SendRecall(desk, request.officer, hit, reason,
                            model::RecallKind::kErase)
               .status());
    disclosed.push_back(hit);
  }
  Reply reply;
  reply.json = {{"list", list}, {"recalls", disclosed.size()}};
  reply.text = "the entry is gone; " + std::to_string(disclosed.size()) +
               " disclosures of it were recalled";
  return reply;
}

}  // namespace entente::admin
