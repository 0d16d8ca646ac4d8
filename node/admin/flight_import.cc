// Travellers come in here: read in pieces, written in rounds, visible only when
// the whole file was read and is the one that was signed for.

#include <map>
#include <set>
#include <utility>

#include "crypto/primitive/hash.h"
#include "node/admin/handlers.h"
#include "node/admin/import_report.h"
#include "node/admin/import_source.h"
#include "node/exchange/key.h"
#include "node/ingest/files.h"
#include "node/ingest/reader.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

using exchange::RecordKey;

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

// Flights and messages of one file. What is kept of each is small, but a file
// has no other bound.
constexpr std::size_t kMostFlights = 10'000;
constexpr std::size_t kMostMessages = 20'000;

absl::Status TooMany(std::string_view what, std::size_t most) {
  return WithNext(
      WithReason(Exhausted("this file has more than ", std::to_string(most),
                           " ", what, "; nothing of it was taken"),
                 "import-too-large"),
      "split the file and import the parts");
}

Bytes TravellerRow(const Bytes& flight, std::uint32_t number) {
  return exchange::RecordKey().Raw(flight).Number(number).bytes();
}

// Travellers of a flight from `first` on.
absl::Status EraseFrom(store::Store& store, const Bytes& flight,
                       std::uint32_t first) {
  // Behind the last one that stays; no row's key is a flight's alone.
  const Bytes after = first == 0 ? flight : TravellerRow(flight, first - 1);
  while (true) {
    std::vector<store::Row> rows;
    {
      TRY(const std::unique_ptr<store::Reader> reader, store.Read());
      TRY(rows,
          reader->Scan(store::Table::kTraveller, flight, after, kRowsPerRound));
    }
    if (rows.empty()) return absl::OkStatus();  // as nearly always
    TRY_OK(store.Write([&rows](store::Writer& writer) -> absl::Status {
      for (const store::Row& row : rows)
        TRY_OK(writer.Delete(store::Table::kTraveller, row.key));
      return absl::OkStatus();
    }));
  }
}

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
    skip_ = ++seen_ > kMostMessages;
    if (skip_) return Keep(TooMany("messages", kMostMessages));
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
    contents_.insert(report.content);
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
    if (!persons_of_journey_) Keep(OpenFlight());
    persons_of_journey_ = true;
    if (!failure_.ok()) return;
    FlightDraft& flight = flights_.at(current_);
    (person.kind == model::PersonKind::kCrew ? flight.record.crew
                                             : flight.record.travellers) += 1;
    round_.emplace_back(TravellerRow(current_, flight.next++),
                        std::move(person));
  }

  // A file without messages counts once, by the hash that was signed for.
  // False: it was imported before.
  bool BeginFile(const Hash& signed_for) {
    if (SeenBefore(signed_for)) {
      ++report_.duplicates;
      return false;
    }
    contents_.insert(signed_for);
    return true;
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

  // Rows without a flight are seen by nobody, and go at their term when they
  // cannot be erased now.
  void Withdraw() {
    round_.clear();
    for (const auto& [id, flight] : flights_) {
      // What is in force counts, not what this file thinks: an error may come
      // after the commit.
      const absl::StatusOr<model::FlightRecord> now = KnownFlight(id);
      if (!now.ok()) continue;
      EraseFrom(context_.desk.store, id, now->travellers + now->crew)
          .IgnoreError();
    }
  }

  ImportReport& report() { return report_; }
  const std::map<Bytes, FlightDraft>& flights() const { return flights_; }

 private:
  static Bytes ContentRow(const Hash& content) {
    return RecordKey().Raw(AsBytes("m")).Raw(content).bytes();
  }

  bool SeenBefore(const Hash& content) {
    if (contents_.contains(content)) return true;
    const absl::StatusOr<bool> stored = Stored(content);
    Keep(stored.status());
    return stored.value_or(true);  // what cannot be told is not taken twice
  }
  absl::StatusOr<bool> Stored(const Hash& content) {
    TRY(const auto reader, context_.desk.store.Read());
    TRY(const std::optional<Bytes> row,
        reader->Get(store::Table::kReplay, ContentRow(content)));
    return row.has_value();
  }

  absl::Status OpenFlight() {
    current_ = FlightId(journeys_);
    if (flights_.contains(current_)) return absl::OkStatus();
    if (flights_.size() >= kMostFlights)
      return TooMany("flights", kMostFlights);
    FlightDraft draft;
    TRY(draft.record, KnownFlight(current_));
    draft.next = draft.record.travellers + draft.record.crew;
    // What an import that was cut off has left would show as travellers.
    TRY_OK(EraseFrom(context_.desk.store, current_, draft.next));
    if (draft.record.journeys.empty()) {
      draft.record.journeys = journeys_;
      draft.record.received = now_;
      draft.record.format = std::string(FormatName(format_));
    }
    flights_.emplace(current_, std::move(draft));
    return absl::OkStatus();
  }
  absl::StatusOr<model::FlightRecord> KnownFlight(const Bytes& id) {
    TRY(const auto reader, context_.desk.store.Read());
    TRY(const auto known, store::GetRecord<model::FlightRecord>(
                              *reader, store::Table::kFlight, id));
    return known.value_or(model::FlightRecord{});
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
  std::size_t seen_ = 0;  // messages
  bool skip_ = false;
  bool persons_of_journey_ = false;
  std::vector<model::Journey> journeys_;
  Bytes current_;
  std::map<Bytes, FlightDraft> flights_;
  std::set<Hash> contents_;
  std::vector<std::pair<Bytes, model::Person>> round_;
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
  if (!sink.BeginFile(request.attachment)) return absl::OkStatus();
  ingest::PassengerFileReader reader(FileFormatOf(format), options, sink);
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

}  // namespace

absl::StatusOr<Reply> FlightImport(Context& context, Request& request) {
  request.args.Get("file");
  const std::string named = request.args.Get("format");
  TRY_OK(request.args.Finish());
  const ImportSlot slot(context);
  TRY_OK(slot.Check());
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

}  // namespace entente::admin
