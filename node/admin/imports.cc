// Travellers, lists and protected persons come in here: read in pieces, written
// in rounds, visible only when the whole file was read and is the one that was
// signed for.

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/random.h"
#include "node/admin/handlers.h"
#include "node/admin/import_report.h"
#include "node/base/time.h"
#include "node/exchange/key.h"
#include "node/exchange/list_rows.h"
#include "node/exchange/tag_sets.h"
#include "node/hits/hits.h"
#include "node/ingest/files.h"
#include "node/ingest/reader.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

using exchange::RecordKey;

constexpr std::size_t kRowsPerRound = 1000;

enum class Format : std::uint8_t { kPaxlst, kCsv, kJsonl };

absl::StatusOr<Format> FormatOf(std::string_view named, ByteView start,
                                bool edifact_allowed) {
  if (named == "csv") return Format::kCsv;
  if (named == "jsonl") return Format::kJsonl;
  if (named == "paxlst" && edifact_allowed) return Format::kPaxlst;
  if (!named.empty())
    return Invalid("the format is ", edifact_allowed ? "paxlst, " : "",
                   "csv or jsonl");
  const std::string_view text = AsText(start);
  const std::size_t first = text.find_first_not_of(" \r\n\t\xef\xbb\xbf");
  if (first != std::string_view::npos && text[first] == '{')
    return Format::kJsonl;
  const std::string_view line = text.substr(0, text.find('\n'));
  if (!edifact_allowed || line.find("pax_id") != std::string_view::npos)
    return Format::kCsv;
  return Format::kPaxlst;
}

std::string_view FormatName(Format format) {
  return format == Format::kPaxlst ? "paxlst"
         : format == Format::kCsv  ? "csv"
                                   : "jsonl";
}

// The first piece, looked at and then put back in front of the rest.
struct Head {
  Bytes first;
  bool ended = false;
};

absl::StatusOr<Head> ReadHead(const Request& request) {
  TRY(std::optional<Bytes> chunk, request.file());
  if (!chunk) return Head{{}, true};
  return Head{*std::move(chunk), false};
}

template <class Reader>
absl::Status Pump(Reader& reader, const Request& request, const Head& head,
                  const std::function<absl::Status()>& after_chunk) {
  if (!head.first.empty()) TRY_OK(reader.Feed(head.first));
  TRY_OK(after_chunk());
  while (!head.ended) {
    TRY(const std::optional<Bytes> chunk, request.file());
    if (!chunk) break;
    TRY_OK(reader.Feed(*chunk));
    TRY_OK(after_chunk());
  }
  TRY_OK(reader.Finish());
  return after_chunk();
}

// --- Flights.

// One flight: carrier, number and day name it, so that parts of a series and
// repeated pushes meet.
Bytes FlightId(const std::vector<model::Journey>& journeys) {
  std::string name = "entente/flight/1\n";
  if (!journeys.empty()) {
    const model::Journey& journey = journeys.front();
    name += journey.carrier + "\n" + journey.number + "\n";
    if (!journey.legs.empty())
      name += journey.legs.front().from + "\n" +
              journey.legs.front().departure.substr(0, 8);
  }
  const Hash hash = primitive::Sha256(AsBytes(name));
  return ToBytes(ByteView(hash).first(8));
}

struct FlightDraft {
  model::FlightRecord record;
  std::uint32_t next = 0;  // number of the next traveller row
};

// Collects what the reader gives and writes travellers in rounds. Their
// flight's row, which makes them visible, comes last.
class FlightSink final : public ingest::Sink {
 public:
  FlightSink(Context& context, Format format, std::int64_t now)
      : context_(context),
        format_(format),
        now_(now),
        due_(now + context.facts.passenger_hours * 3600) {}

  void OnDiagnostic(const ingest::Diagnostic& diagnostic) override {
    report_.Add(diagnostic);
  }
  void OnMessage(const ingest::MessageReport& report) override {
    Keep(CloseJourneys());
    skip_ = report.verdict == ingest::Verdict::kQuarantined;
    if (skip_) {
      report_.Quarantine(report);
      return;
    }
    if (SeenBefore(report.content)) {
      skip_ = true;
      ++report_.duplicates;
      return;
    }
    contents_.push_back(report.content);
    ++report_.messages;
  }
  void OnJourney(const model::Journey& journey) override {
    if (skip_) return;
    if (!persons_of_journey_) {
      journeys_.push_back(journey);
    } else {
      Keep(CloseJourneys());
      journeys_.push_back(journey);
    }
  }
  void OnPerson(model::Person&& person) override {
    if (skip_) return;
    if (!persons_of_journey_) OpenFlight();
    persons_of_journey_ = true;
    FlightDraft& flight = flights_[current_];
    (person.kind == model::PersonKind::kCrew ? flight.record.crew
                                             : flight.record.travellers) += 1;
    round_.emplace_back(RecordKey().Raw(current_).Number(flight.next++).bytes(),
                        std::move(person));
  }

  absl::Status Flush() {
    TRY_OK(failure_);
    if (round_.empty()) return absl::OkStatus();
    TRY_OK(
        context_.desk.store.Write([&](store::Writer& writer) -> absl::Status {
          for (const auto& [key, person] : round_) {
            TRY_OK(store::PutRecord(writer, store::Table::kTraveller, key,
                                    person, due_));
          }
          return absl::OkStatus();
        }));
    for (auto& [key, person] : round_) written_.push_back(key);
    round_.clear();
    return absl::OkStatus();
  }
  absl::Status FlushIfLarge() {
    return round_.size() >= kRowsPerRound ? Flush() : failure_;
  }

  // The flights become visible with their entries, or nothing of the file
  // stays.
  absl::Status Publish(std::string_view user) {
    TRY_OK(Flush());
    audit::Job job;
    for (const auto& [id, flight] : flights_)
      job.events.push_back(TakeEvent(id, flight, user));
    for (const ingest::Code reason : report_.quarantined)
      job.events.push_back(RefuseEvent(reason, user));
    if (job.events.empty()) return absl::OkStatus();
    job.changes = [this](store::Writer& writer,
                         std::span<const audit::Staged>) -> absl::Status {
      for (const auto& [id, flight] : flights_) {
        TRY_OK(store::PutRecord(writer, store::Table::kFlight, id,
                                flight.record, due_));
      }
      for (const Hash& content : contents_)
        TRY_OK(
            writer.Put(store::Table::kReplay, ContentRow(content), {}, due_));
      return absl::OkStatus();
    };
    return context_.desk.log.Commit(std::move(job)).status();
  }

  void Withdraw() {
    round_.clear();
    context_.desk.store
        .Write([&](store::Writer& writer) -> absl::Status {
          for (const Bytes& key : written_)
            TRY_OK(writer.Delete(store::Table::kTraveller, key));
          return absl::OkStatus();
        })
        .IgnoreError();  // rows without a flight are seen by nobody and go at
                         // their term
  }

  ImportReport& report() { return report_; }
  const std::map<Bytes, FlightDraft>& flights() const { return flights_; }

 private:
  static Bytes ContentRow(const Hash& content) {
    return RecordKey().Raw(AsBytes("m")).Raw(content).bytes();
  }

  bool SeenBefore(const Hash& content) {
    if (std::find(contents_.begin(), contents_.end(), content) !=
        contents_.end())
      return true;
    const auto reader = context_.desk.store.Read();
    if (!reader.ok()) return false;
    const auto row = (*reader)->Get(store::Table::kReplay, ContentRow(content));
    return row.ok() && row->has_value();
  }

  void OpenFlight() {
    current_ = FlightId(journeys_);
    if (flights_.contains(current_)) return;
    FlightDraft draft;
    const auto reader = context_.desk.store.Read();
    if (reader.ok()) {
      const auto known = store::GetRecord<model::FlightRecord>(
          **reader, store::Table::kFlight, current_);
      if (known.ok() && *known) draft.record = **known;
    }
    draft.next = draft.record.travellers + draft.record.crew;
    if (draft.record.journeys.empty()) {
      draft.record.journeys = journeys_;
      draft.record.received = now_;
      draft.record.format = std::string(FormatName(format_));
    }
    flights_.emplace(current_, std::move(draft));
  }
  absl::Status CloseJourneys() {
    journeys_.clear();
    persons_of_journey_ = false;
    return FlushIfLarge();
  }
  void Keep(const absl::Status& status) {
    if (failure_.ok()) failure_ = status;
  }

  ledger::Event TakeEvent(const Bytes& id, const FlightDraft& flight,
                          std::string_view user) const {
    return ledger::Event("ingest.take")
        .Set("extra", 0)
        .Set("format", FormatName(format_))
        .Set("n", flight.record.travellers + flight.record.crew)
        .Set("sensitive", 0)
        .Set("skipped", report_.skipped)
        .Set("source", format_ == Format::kPaxlst ? "api" : "file")
        .Seal("flight", ToHex(id))
        .Seal("errors", report_.Codes())
        .By(user);
  }
  ledger::Event RefuseEvent(ingest::Code reason, std::string_view user) const {
    return ledger::Event("ingest.refuse")
        .Set("code", ingest::Info(reason).id)
        .Set("format", FormatName(format_))
        .Set("source", format_ == Format::kPaxlst ? "api" : "file")
        .Seal("error", ingest::Info(reason).sentence)
        .By(user);
  }

  Context& context_;
  const Format format_;
  const std::int64_t now_;
  const std::int64_t due_;
  ImportReport report_;
  absl::Status failure_;
  bool skip_ = false;
  bool persons_of_journey_ = false;
  std::vector<model::Journey> journeys_;
  Bytes current_;
  std::map<Bytes, FlightDraft> flights_;
  std::vector<Hash> contents_;
  std::vector<std::pair<Bytes, model::Person>> round_;
  std::vector<Bytes> written_;
};

absl::Status ReadFlights(FlightSink& sink, Format format,
                         const Request& request, const Head& head) {
  const ingest::Options options;
  const auto flush = [&sink] { return sink.FlushIfLarge(); };
  if (format == Format::kPaxlst) {
    ingest::Reader reader(options, sink);
    TRY_OK(Pump(reader, request, head, flush));
    sink.report().skipped = reader.totals().lines_skipped;
    return absl::OkStatus();
  }
  ingest::PassengerFileReader reader(format == Format::kCsv
                                         ? ingest::FileFormat::kCsv
                                         : ingest::FileFormat::kJsonl,
                                     options, sink);
  TRY_OK(Pump(reader, request, head, flush));
  sink.report().skipped = reader.totals().lines_skipped;
  return absl::OkStatus();
}

std::string FlightText(const Bytes& id, const model::FlightRecord& record) {
  std::string text = ToHex(id);
  if (!record.journeys.empty()) {
    const model::Journey& journey = record.journeys.front();
    text += "  " + journey.carrier +
            journey.number.substr(journey.number.starts_with(journey.carrier)
                                      ? journey.carrier.size()
                                      : 0);
    if (!journey.legs.empty()) {
      text += "  " + journey.legs.front().from + " to " +
              journey.legs.back().to + "  " +
              journey.legs.front().departure.substr(0, 8);
    }
  }
  return text + "  " + std::to_string(record.travellers) + " travellers, " +
         std::to_string(record.crew) + " crew";
}

// --- Lists.

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

absl::StatusOr<Reply> FlightImport(Context& context, Request& request) {
  request.args.Get("file");
  const std::string named = request.args.Get("format");
  TRY_OK(request.args.Finish());
  TRY(const Head head, ReadHead(request));
  TRY(const Format format, FormatOf(named, head.first, true));
  FlightSink sink(context, format, context.desk.clock.NowSeconds());
  absl::Status done = ReadFlights(sink, format, request, head);
  if (done.ok()) done = sink.Publish(request.officer.id);
  if (!done.ok()) {
    sink.Withdraw();
    return done;
  }
  ImportReport& report = sink.report();
  Reply reply;
  reply.json = report.ToJson();
  reply.json["flights"] = Json::array();
  for (const auto& [id, flight] : sink.flights()) {
    reply.json["flights"].push_back({{"flight", ToHex(id)},
                                     {"travellers", flight.record.travellers},
                                     {"crew", flight.record.crew}});
    reply.text += FlightText(id, flight.record) + "\n";
  }
  reply.text += report.ToText();
  if (sink.flights().empty() && report.duplicates == 0) {
    reply.exit_code = 1;
    reply.text += "nothing was imported\n";
  }
  return reply;
}

absl::StatusOr<Reply> FlightList(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  TRY(const std::unique_ptr<store::Reader> reader, context.desk.store.Read());
  TRY(const auto flights,
      store::AllRecords<model::FlightRecord>(*reader, store::Table::kFlight));
  Reply reply;
  reply.json["flights"] = Json::array();
  for (const auto& [id, flight] : flights) {
    reply.json["flights"].push_back({{"flight", ToHex(id)},
                                     {"travellers", flight.travellers},
                                     {"crew", flight.crew}});
    reply.text += FlightText(id, flight) + "\n";
  }
  return reply;
}

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
  ingest::WatchlistReader reader(format == Format::kCsv
                                     ? ingest::FileFormat::kCsv
                                     : ingest::FileFormat::kJsonl,
                                 {}, sink);
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
