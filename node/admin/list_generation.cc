#include "node/admin/list_generation.h"

#include <algorithm>
#include <set>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/admin/admin.h"
#include "node/admin/import_source.h"
#include "node/admin/list_stage.h"
#include "node/admin/rehearsal.h"
#include "node/exchange/list_rows.h"
#include "node/exchange/tag_sets.h"
#include "node/hits/hits.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

constexpr std::size_t kRoundBytes = std::size_t{4} << 20U;

absl::StatusOr<std::optional<Bytes>> RowOf(store::Reader& reader,
                                           const std::string& list,
                                           std::uint32_t generation,
                                           std::string_view entry_id) {
  return reader.Get(store::Table::kListEntry,
                    exchange::ListEntryRow(list, generation, entry_id));
}

// The lowest generation of which rows are held; nullopt: none.
absl::StatusOr<std::optional<std::uint32_t>> GenerationAfter(
    store::Reader& reader, const std::string& list, ByteView after) {
  const Bytes prefix = exchange::ListGenerations(list);
  TRY(const std::vector<store::Row> rows,
      reader.Scan(store::Table::kListEntry, prefix, after, 1));
  if (rows.empty()) return std::optional<std::uint32_t>();
  const ByteView rest = ByteView(rows[0].key).subspan(prefix.size());
  if (rest.size() < 8) return ProofFailed("a stored list entry is damaged");
  std::uint64_t number = 0;
  for (const std::uint8_t byte : rest.first(8)) number = number << 8U | byte;
  return std::optional<std::uint32_t>(static_cast<std::uint32_t>(number));
}

struct Disclosed {
  Id16 hit{};
  std::string entry_id;
};

// What went out about entries of this list and was not recalled yet.
absl::StatusOr<std::vector<Disclosed>> DisclosedOfList(
    exchange::Desk& desk, const model::ListRecord& record) {
  std::set<Id16> recalled;
  TRY(const std::vector<model::RecallRecord> recalls, hits::Recalls(desk));
  for (const model::RecallRecord& recall : recalls) {
    if (recall.way == model::Way::kOut) recalled.insert(recall.hit);
  }
  const Bytes prefix = exchange::ListGenerations(record.name);
  TRY(const std::vector<model::RequestRecord> requests, hits::Requests(desk));
  std::vector<Disclosed> out;
  for (const model::RequestRecord& request : requests) {
    if (recalled.contains(request.hit) ||
        request.entry.size() <= prefix.size() ||
        !std::equal(prefix.begin(), prefix.end(), request.entry.begin()))
      continue;
    const std::optional<model::Disclosure> disclosed =
        hits::DisclosureFor(request);
    // What went out later was read from the list as it is now.
    if (!disclosed || disclosed->preamble.time > record.imported) continue;
    out.push_back({request.hit,
                   ToString(ByteView(request.entry).subspan(prefix.size()))});
  }
  return out;
}

// True: the entry changed since, and the recall is written.
absl::StatusOr<bool> RecallOne(exchange::Desk& desk,
                               const model::Officer& officer,
                               const model::ListRecord& record,
                               const Disclosed& disclosed,
                               std::uint32_t old_generation) {
  std::optional<Bytes> then;
  std::optional<Bytes> now;
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    TRY(then, RowOf(*reader, record.name, old_generation, disclosed.entry_id));
    TRY(now,
        RowOf(*reader, record.name, record.generation, disclosed.entry_id));
  }
  if (!then || then == now) return false;
  TRY_OK(hits::WriteRecall(
      desk, officer, disclosed.hit, now ? "entry-corrected" : "entry-deleted",
      now ? model::RecallKind::kCorrect : model::RecallKind::kErase));
  return true;
}

// Whoever was told of an entry that the list no longer has, or has otherwise,
// is told so.
Finished RecallChanged(exchange::Desk& desk, const model::ListRecord& record,
                       const std::vector<Disclosed>& told,
                       std::uint32_t old_generation) {
  // The import was theirs, and so is what follows from it.
  model::Officer officer;
  officer.id = record.by;
  officer.roles = 1U << static_cast<unsigned>(model::Role::kOfficer);
  Finished out;
  for (const Disclosed& disclosed : told) {
    // One that cannot be written keeps none of the others back.
    const absl::StatusOr<bool> sent =
        RecallOne(desk, officer, record, disclosed, old_generation);
    if (out.left.ok() && !sent.ok()) out.left = sent.status();
    out.recalls += sent.value_or(false) ? 1U : 0U;
  }
  return out;
}

}  // namespace

NewGeneration::NewGeneration(Context& context, model::ListRecord before)
    : context_(context), before_(std::move(before)) {}
NewGeneration::~NewGeneration() = default;

void NewGeneration::OnEntry(model::ListEntry&& entry) {
  if (!context_.desk.book.catalogues().purposes.IndexOf(entry.ground)) {
    ++unknown_ground;
    return;
  }
  if (!failure_.ok()) return;  // told at the end
  if (IsTestEntry(entry.entry_id)) ++marked;
  Bytes bytes = Encode(entry);
  round_bytes_ += bytes.size();
  round_.emplace_back(std::move(entry.entry_id), std::move(bytes));
  if ((round_.size() >= kRowsPerRound || round_bytes_ >= kRoundBytes))
    failure_ = WriteRound();
}

absl::Status NewGeneration::Write(store::Writer& writer,
                                  const std::string& entry_id,
                                  const Bytes& entry) {
  TRY(const std::optional<Bytes> then,
      RowOf(writer, before_.name, before_.generation, entry_id));
  ++(!then ? added : *then == entry ? kept : changed);
  return writer.Put(
      store::Table::kListEntry,
      exchange::ListEntryRow(before_.name, before_.generation + 1, entry_id),
      entry);
}

absl::Status NewGeneration::WriteRound() {
  TRY_OK(context_.desk.store.Write([this](store::Writer& writer) {
    for (const auto& [id, entry] : round_) TRY_OK(Write(writer, id, entry));
    return absl::OkStatus();
  }));
  round_.clear();
  round_bytes_ = 0;
  return absl::OkStatus();
}

absl::Status NewGeneration::Finish() {
  TRY_OK(failure_);
  TRY_OK(WriteRound());
  TRY(const std::unique_ptr<store::Reader> reader, context_.desk.store.Read());
  TRY(const std::uint64_t old_rows,
      reader->Count(
          store::Table::kListEntry,
          exchange::ListGeneration(before_.name, before_.generation)));
  removed = old_rows - std::min(old_rows, kept + changed);
  return absl::OkStatus();
}

absl::Status NewGeneration::Publish(const std::string& by) {
  model::ListRecord record;
  record.name = before_.name;
  record.generation = before_.generation + 1;
  record.rows = static_cast<std::uint32_t>(rows());
  record.imported = context_.desk.clock.NowSeconds();
  record.by = by;
  audit::Job job;
  job.events.push_back(ledger::Event("list.import")
                           .Set("added", added)
                           .Set("changed", changed)
                           .Set("list", record.name)
                           .Set("removed", removed)
                           .Seal("reviewer", by)
                           .By(by));
  job.changes = [&record](store::Writer& writer,
                          std::span<const audit::Staged>) -> absl::Status {
    TRY_OK(store::PutRecord(writer, store::Table::kList, AsBytes(record.name),
                            record));
    return exchange::MarkTagSetsStale(writer);
  };
  return context_.desk.log.Commit(std::move(job)).status();
}

absl::StatusOr<Finished> FinishList(Context& context, const std::string& list) {
  exchange::Desk& desk = context.desk;
  model::ListRecord record;
  record.name = list;
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    TRY(const auto known, store::GetRecord<model::ListRecord>(
                              *reader, store::Table::kList, AsBytes(list)));
    if (known) record = *known;
  }
  Finished out;
  Bytes after;
  while (true) {
    std::optional<std::uint32_t> found;
    {
      TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
      TRY(found, GenerationAfter(*reader, list, after));
    }
    if (!found) return out;
    bool keep = *found == record.generation;
    if (*found < record.generation) {
      TRY(const std::vector<Disclosed> told, DisclosedOfList(desk, record));
      const Finished part = RecallChanged(desk, record, told, *found);
      out.recalls += part.recalls;
      keep = !part.left.ok();  // what it was is needed for the recall
      if (out.left.ok()) out.left = part.left;
    }
    if (keep) {
      after = exchange::ListGeneration(list, *found + 1);
    } else {
      TRY_OK(EraseUnder(desk.store, store::Table::kListEntry,
                        exchange::ListGeneration(list, *found)));
    }
  }
}

absl::Status FinishLists(Context& context) {
  const ImportSlot slot(context);
  TRY_OK(slot.Check());
  absl::Status left;
  Bytes after;
  while (true) {
    std::vector<store::Row> rows;
    {
      TRY(const std::unique_ptr<store::Reader> reader,
          context.desk.store.Read());
      TRY(rows, reader->Scan(store::Table::kListEntry, {}, after, 1));
    }
    if (rows.empty()) return left;
    const ByteView key = rows[0].key;
    if (key.size() < 1U + key[0])
      return ProofFailed("a stored list entry is damaged");
    const std::string list = ToString(key.subspan(1, key[0]));
    base::MutexLock lock(*context.lists);
    const absl::StatusOr<Finished> finished = FinishList(context, list);
    if (left.ok()) left = finished.ok() ? finished->left : finished.status();
    // Behind the last number that a generation can have.
    after = exchange::ListGenerations(list);
    after.insert(after.end(), 8, 0xff);
  }
}

}  // namespace entente::admin
