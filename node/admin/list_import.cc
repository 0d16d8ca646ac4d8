// Lists and protected persons come in here: a new generation is written in
// rounds that nobody sees, and one row makes it the list.

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "crypto/primitive/hash.h"
#include "node/admin/handlers.h"
#include "node/admin/import_report.h"
#include "node/admin/import_source.h"
#include "node/base/time.h"
#include "node/exchange/key.h"
#include "node/exchange/list_rows.h"
#include "node/exchange/tag_sets.h"
#include "node/hits/hits.h"
#include "node/ingest/files.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

using exchange::RecordKey;

class ListSink final : public ingest::EntrySink {
 public:
  explicit ListSink(const policy::PurposeCatalogue& purposes)
      : purposes_(purposes) {}
  void OnDiagnostic(const ingest::Diagnostic& diagnostic) override {
    report.Add(diagnostic);
  }
  void OnEntry(model::ListEntry&& entry) override {
    if (!purposes_.IndexOf(entry.ground)) {
      ++unknown_ground;
      return;
    }
    entries.push_back(std::move(entry));
  }
  ImportReport report;
  std::vector<model::ListEntry> entries;
  std::uint64_t unknown_ground = 0;

 private:
  const policy::PurposeCatalogue& purposes_;
};

absl::Status EraseGeneration(store::Store& store, const std::string& list,
                             std::uint32_t generation) {
  const Bytes prefix = exchange::ListGeneration(list, generation);
  while (true) {
    std::size_t gone = 0;
    TRY_OK(store.Write([&](store::Writer& writer) -> absl::Status {
      TRY(const std::vector<store::Row> rows,
          writer.Scan(store::Table::kListEntry, prefix, {}, kRowsPerRound));
      for (const store::Row& row : rows)
        TRY_OK(writer.Delete(store::Table::kListEntry, row.key));
      gone = rows.size();
      return absl::OkStatus();
    }));
    if (gone == 0) return absl::OkStatus();
  }
}

}  // namespace

namespace {

// Whoever was told of an entry that the new list no longer has, or has
// otherwise, is told to erase it. Returns how many recalls were sent.
absl::StatusOr<std::size_t> RecallChanged(
    exchange::Desk& desk, const model::Officer& officer,
    const std::string& list, const std::map<std::string, Hash>& before,
    const std::vector<model::ListEntry>& now) {
  std::map<std::string, Hash> after;
  for (const model::ListEntry& entry : now) {
    after[entry.entry_id] = primitive::Sha256(Encode(entry));
  }
  TRY(const std::vector<model::RecallRecord> earlier, hits::Recalls(desk));
  std::size_t sent = 0;
  for (const auto& [entry_id, hash] : before) {
    const auto found = after.find(entry_id);
    if (found != after.end() && found->second == hash) continue;
    TRY(const std::vector<Id16> told,
        hits::DisclosedOf(desk, exchange::ListEntryName(list, entry_id)));
    for (const Id16& hit : told) {
      const bool recalled = std::any_of(
          earlier.begin(), earlier.end(), [&hit](const auto& recall) {
            return recall.way == model::Way::kOut && recall.hit == hit;
          });
      if (recalled) continue;
      const bool gone = found == after.end();
      TRY_OK(hits::SendRecall(
                 desk, officer, hit, gone ? "entry-deleted" : "entry-corrected",
                 gone ? model::RecallKind::kErase : model::RecallKind::kCorrect)
                 .status());
      ++sent;
    }
  }
  return sent;
}

}  // namespace

absl::StatusOr<Reply> ListImport(Context& context, Request& request) {
  TRY(const std::string list, request.args.Need("list"));
  const std::string named = request.args.Get("format");
  request.args.Get("file");
  TRY_OK(request.args.Finish());
  if (exchange::CodeOrDash(list) == "-")
    return Invalid("a list's name holds letters, digits, `.`, `_` and `-`");
  exchange::Desk& desk = context.desk;
  TRY(const Head head, ReadHead(request));
  TRY(const Format format, FormatOf(named, head.first, false));
  ListSink sink(desk.book.catalogues().purposes);
  ingest::WatchlistReader reader(FileFormatOf(format), {}, sink);
  TRY_OK(Pump(reader, request, head, [] { return absl::OkStatus(); }));
  if (sink.entries.empty()) {
    return WithReason(
        Invalid("no entry of this file can be taken, so `", list,
                "` stays as it is; ", std::to_string(sink.unknown_ground),
                " name no purpose of the catalogue\n", sink.report.ToText()),
        "list-empty");
  }
  base::MutexLock lock(*context.lists);
  model::ListRecord record;
  std::map<std::string, Hash> before;
  {
    TRY(const std::unique_ptr<store::Reader> view, desk.store.Read());
    TRY(const auto known, store::GetRecord<model::ListRecord>(
                              *view, store::Table::kList, AsBytes(list)));
    if (known) record = *known;
    TRY(const auto rows,
        store::AllRecords<model::ListEntry>(
            *view, store::Table::kListEntry,
            exchange::ListGeneration(list, record.generation)));
    for (const auto& [key, entry] : rows)
      before[entry.entry_id] = primitive::Sha256(Encode(entry));
  }
  const std::uint32_t old_generation = record.generation;
  record.name = list;
  record.generation = old_generation + 1;
  record.rows = static_cast<std::uint32_t>(sink.entries.size());
  record.imported = desk.clock.NowSeconds();
  std::uint64_t added = 0;
  std::uint64_t changed = 0;
  std::uint64_t kept = 0;
  // The new generation is written in rounds that nobody sees; the list's own
  // row, changed last, makes it the list.
  TRY_OK(EraseGeneration(desk.store, list, record.generation));
  for (std::size_t at = 0; at < sink.entries.size(); at += kRowsPerRound) {
    TRY_OK(desk.store.Write([&](store::Writer& writer) -> absl::Status {
      for (std::size_t i = at;
           i < std::min(at + kRowsPerRound, sink.entries.size()); ++i) {
        const model::ListEntry& entry = sink.entries[i];
        const auto old = before.find(entry.entry_id);
        if (old == before.end()) {
          ++added;
        } else {
          ++(old->second == primitive::Sha256(Encode(entry)) ? kept : changed);
        }
        TRY_OK(store::PutRecord(
            writer, store::Table::kListEntry,
            exchange::ListEntryRow(list, record.generation, entry.entry_id),
            entry));
      }
      return absl::OkStatus();
    }));
  }
  const std::uint64_t removed =
      before.size() - std::min<std::uint64_t>(before.size(), kept + changed);
  audit::Job job;
  job.events.push_back(ledger::Event("list.import")
                           .Set("added", added)
                           .Set("changed", changed)
                           .Set("list", list)
                           .Set("removed", removed)
                           .Seal("reviewer", request.officer.id)
                           .By(request.officer.id));
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged>) -> absl::Status {
    TRY_OK(
        store::PutRecord(writer, store::Table::kList, AsBytes(list), record));
    return exchange::MarkTagSetsStale(writer);
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  if (old_generation != 0)
    TRY_OK(EraseGeneration(desk.store, list, old_generation));
  TRY(const std::size_t recalls,
      RecallChanged(desk, request.officer, list, before, sink.entries));
  Reply reply;
  reply.json = sink.report.ToJson();
  reply.json["recalls"] = recalls;
  reply.json["rows"] = record.rows;
  reply.json["added"] = added;
  reply.json["changed"] = changed;
  reply.json["removed"] = removed;
  reply.json["unknown_ground"] = sink.unknown_ground;
  reply.text = list + ": " + std::to_string(record.rows) + " entries (" +
               std::to_string(added) + " new, " + std::to_string(changed) +
               " changed, " + std::to_string(removed) + " removed)\n" +
               sink.report.ToText();
  if (recalls > 0) {
    reply.text += std::to_string(recalls) +
                  " disclosures of removed or changed entries were recalled\n";
  }
  if (sink.unknown_ground > 0) {
    reply.text +=
        std::to_string(sink.unknown_ground) +
        " entries refused: their ground is no purpose of the catalogue\n";
  }
  return reply;
}

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
    TRY(const auto entries,
        store::AllRecords<model::ListEntry>(
            *reader, store::Table::kListEntry,
            exchange::ListGeneration(list.name, list.generation)));
    std::map<std::string, std::uint64_t> grounds;
    std::uint64_t expired = 0;
    for (const auto& [row, entry] : entries) {
      ++grounds[entry.ground];
      expired += entry.expires < today ? 1U : 0U;
    }
    reply.json["lists"].push_back({{"list", list.name},
                                   {"rows", entries.size()},
                                   {"expired", expired},
                                   {"grounds", grounds}});
    reply.text += list.name + ": " + std::to_string(entries.size()) +
                  " entries, " + std::to_string(expired) + " expired\n";
    for (const auto& [ground, n] : grounds)
      reply.text += "  " + ground + "  " + std::to_string(n) + "\n";
  }
  if (lists.empty()) reply.text = "no list is held";
  return reply;
}

absl::StatusOr<Reply> ProtectImport(Context& context, Request& request) {
  request.args.Get("file");
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  struct Persons final : ingest::Sink {
    void OnDiagnostic(const ingest::Diagnostic& diagnostic) override {
      report.Add(diagnostic);
    }
    void OnMessage(const ingest::MessageReport&) override {}
    void OnJourney(const model::Journey&) override {}
    void OnPerson(model::Person&& person) override {
      persons.push_back(std::move(person));
    }
    ImportReport report;
    std::vector<model::Person> persons;
  } sink;
  TRY(const Head head, ReadHead(request));
  ingest::PassengerFileReader reader(ingest::FileFormat::kCsv, {}, sink);
  TRY_OK(Pump(reader, request, head, [] { return absl::OkStatus(); }));
  // All or nothing: a person whose line was skipped or cut short would go
  // unprotected, and nobody would be told.
  const auto cut = sink.report.diagnostics.find(ingest::Code::kLineShort);
  const std::uint64_t bad =
      reader.totals().lines_skipped +
      (cut == sink.report.diagnostics.end() ? 0U : cut->second);
  if (bad > 0 || sink.persons.empty()) {
    return WithReason(
        Invalid(std::to_string(bad),
                " lines of this file are damaged: the protected set stays as "
                "it is\n",
                sink.report.ToText()),
        "protect-incomplete");
  }
  base::MutexLock lock(*context.lists);
  audit::Job job;
  job.events.push_back(
      ledger::MakeGuard("set", {"protected", sink.persons.size(), "", "", ""}));
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged>) -> absl::Status {
    TRY(const std::vector<store::Row> rows,
        writer.Scan(store::Table::kProtected, {}, {}, 1'000'000));
    for (const store::Row& row : rows)
      TRY_OK(writer.Delete(store::Table::kProtected, row.key));
    std::uint64_t number = 0;
    for (const model::Person& person : sink.persons) {
      TRY_OK(store::PutRecord(writer, store::Table::kProtected,
                              RecordKey().Number(number++), person));
    }
    TRY_OK(exchange::CountProtectedChange(writer));
    return exchange::MarkTagSetsStale(writer);
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  TRY(const std::unique_ptr<store::Reader> view, desk.store.Read());
  TRY(std::shared_ptr<const exchange::ProtectedIndex> index,
      exchange::ProtectedIndex::Load(*view));
  context.hidden.Set(std::move(index));
  Reply reply;
  reply.json = {{"protected", sink.persons.size()}};
  reply.text = std::to_string(sink.persons.size()) +
               " protected persons: none of them is asked about, and none "
               "shows in a tag set";
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
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    TRY(record, store::NeedRecord<model::ListRecord>(
                    *reader, store::Table::kList, AsBytes(list), "list"));
    TRY(const auto entry, exchange::FindEntry(*reader, name));
    if (!entry) return NotFound("no such entry in the list");
  }
  // Everybody who was told of it is told again, first: a recall that cannot be
  // written must not leave the entry gone.
  TRY(const std::vector<Id16> disclosed, hits::DisclosedOf(desk, name));
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
  Reply reply;
  reply.json = {{"list", list}, {"recalls", disclosed.size()}};
  reply.text = "the entry is gone; " + std::to_string(disclosed.size()) +
               " disclosures of it were recalled";
  return reply;
}

}  // namespace entente::admin
