#include <algorithm>
#include <array>
#include <utility>

#include "crypto/base/status.h"
#include "node/ingest/codes.h"
#include "node/ingest/dates.h"
#include "node/ingest/files.h"
#include "node/ingest/flight.h"
#include "node/ingest/log.h"
#include "node/ingest/rows.h"
#include "node/ingest/text.h"

namespace entente::ingest {
namespace {

enum Column : std::size_t {
  kPaxId,
  kSurname,
  kGiven,
  kFull,
  kDob,
  kSex,
  kNationality,
  kDocNumber,
  kDocIssuer,
  kDocType,
  kCarrier,
  kFlight,
  kFlightDate,
  kFrom,
  kTo,
  kColumnCount
};
constexpr std::array<std::string_view, kColumnCount> kColumns = {
    "pax_id",  "surname",     "given",       "full",       "dob",
    "sex",     "nationality", "doc_number",  "doc_issuer", "doc_type",
    "carrier", "flight",      "flight_date", "from",       "to"};

bool SameJourney(const model::Journey& a, const model::Journey& b) {
  const auto same_leg = [](const model::Leg& x, const model::Leg& y) {
    return x.from == y.from && x.to == y.to && x.departure == y.departure;
  };
  return a.carrier == b.carrier && a.number == b.number &&
         std::equal(a.legs.begin(), a.legs.end(), b.legs.begin(), b.legs.end(),
                    same_leg);
}

}  // namespace

class PassengerFileReader::Impl {
 public:
  Impl(FileFormat format, const Options& options, Sink& sink)
      : format_(format),
        options_(options),
        sink_(sink),
        rows_(format, std::min(options.limits.line_bytes, Limits().line_bytes),
              kColumns, {}),
        log_([this](const Diagnostic& d) { sink_.OnDiagnostic(d); },
             totals_.diagnostics) {}

  absl::Status Feed(ByteView chunk) {
    constexpr std::size_t kSlice = 64 * 1024;
    while (!chunk.empty()) {
      const ByteView slice = chunk.first(std::min(chunk.size(), kSlice));
      rows_.Append(slice);
      TRY_OK(Pump());
      chunk = chunk.subspan(slice.size());
    }
    return absl::OkStatus();
  }

  absl::Status Finish() {
    rows_.SetEnd();
    TRY_OK(Pump());
    log_.Flush();
    return rows_.Finish();
  }

  Totals totals_;
  bool finished = false;

 private:
  absl::Status Pump() {
    Row row;
    for (;;) {
      TRY(const bool more, rows_.Next(row));
      if (!more) return absl::OkStatus();
      ++totals_.lines;
      TakeRow(row);
    }
  }

  void TakeRow(Row& row) {
    row_ = &row;
    if (format_ == FileFormat::kJsonl && !row.bad) {
      Code why = Code::kLineJson;
      auto values = ReadFlatObject(row.text, kColumns, why);
      if (values) {
        row.values = *std::move(values);
      } else {
        row.bad = why;
      }
    }
    if (row.bad) return Skip(*row.bad);
    if (row.is_short) Tell(Code::kLineShort);
    if (row.values == last_values_) return Tell(Code::kDuplicate);
    last_values_ = row.values;
    model::Person person = PersonOf(row.values);
    if (person.names.empty() && person.documents.empty()) {
      return Skip(Code::kPersonEmpty);
    }
    GiveJourney(JourneyOf(row.values));
    ++totals_.persons;
    totals_.documents += person.documents.size();
    sink_.OnPerson(std::move(person));
  }

  model::Person PersonOf(const std::vector<std::string>& v) {
    model::Person person;
    person.source = model::Source::kFile;
    person.reference = Kept(v[kPaxId]);
    model::Name name;
    name.surname = Kept(v[kSurname]);
    name.given = Kept(v[kGiven]);
    name.full = Kept(v[kFull]);
    if (!name.surname.empty() || !name.given.empty() || !name.full.empty()) {
      person.names.push_back(std::move(name));
    }
    const SexCode sex = ReadSex(v[kSex]);
    if (!sex.known) Tell(Code::kSexUnread, kSex);
    person.sex = sex.sex;
    if (sex.infant) person.kind = model::PersonKind::kInfant;
    person.nationalities = Countries(v[kNationality]);
    AddDocument(v, person);
    AddBirth(v, sex.infant, person);
    return person;
  }

  void AddDocument(const std::vector<std::string>& v, model::Person& person) {
    model::Document document;
    document.number = Kept(v[kDocNumber]);
    if (document.number.empty()) return;
    document.document_class = ReadDocumentClass(Kept(v[kDocType]));
    CountryCode issuer = ReadCountry(Kept(v[kDocIssuer]));
    if (!issuer.known) Tell(Code::kCountryUnknown, kDocIssuer);
    document.issuer = std::move(issuer.code);
    person.documents.push_back(std::move(document));
  }

  void AddBirth(const std::vector<std::string>& v, bool infant,
                model::Person& person) {
    const bool child = infant || std::any_of(person.names.begin(),
                                             person.names.end(), HasChildTitle);
    const std::string day = ReadDay(Kept(v[kFlightDate]));
    Birth birth =
        ReadBirth(Kept(v[kDob]), day.empty() ? options_.reference_date : day,
                  child ? Child::kSaid : Child::kNo);
    person.dob = std::move(birth.dob);
    person.dob_alt = std::move(birth.dob_alt);
    if (birth.notes.partial) Tell(Code::kDobPartial, kDob);
    if (birth.notes.future) Tell(Code::kDobFuture, kDob);
    if (birth.notes.century) Tell(Code::kDobCentury, kDob);
    if (birth.notes.unread) Tell(Code::kDobUnread, kDob);
  }

  std::vector<std::string> Countries(const std::string& text) {
    std::vector<std::string> out;
    for (const std::string_view part : SplitList(text)) {
      CountryCode country = ReadCountry(Kept(part));
      if (!country.known) Tell(Code::kCountryUnknown, kNationality);
      if (!country.code.empty() &&
          std::find(out.begin(), out.end(), country.code) == out.end()) {
        out.push_back(std::move(country.code));
      }
    }
    return out;
  }

  model::Journey JourneyOf(const std::vector<std::string>& v) {
    model::Journey journey;
    journey.source = model::Source::kFile;
    Flight flight;
    SplitFlightId(Upper(Kept(v[kFlight])), Upper(Kept(v[kCarrier])), flight);
    journey.carrier = std::move(flight.carrier);
    journey.number = std::move(flight.number);
    model::Leg leg;
    leg.from = Upper(Kept(v[kFrom]));
    leg.to = Upper(Kept(v[kTo]));
    const std::string date = Kept(v[kFlightDate]);
    leg.departure = ReadDay(date);
    if (leg.departure.empty() && !date.empty()) {
      Tell(Code::kDateUnread, kFlightDate);
    }
    if (!leg.from.empty() || !leg.to.empty() || !leg.departure.empty()) {
      journey.legs.push_back(std::move(leg));
    }
    if (journey.legs.empty() && journey.number.empty()) {
      Tell(Code::kJourneyMissing);
    }
    return journey;
  }

  void GiveJourney(model::Journey journey) {
    if (has_journey_ && SameJourney(journey_, journey)) return;
    has_journey_ = true;
    journey_ = std::move(journey);
    sink_.OnJourney(journey_);
  }

  void Tell(Code code, std::optional<Column> column = std::nullopt) {
    Diagnostic d;
    d.code = code;
    d.segment = row_->line;
    d.offset = row_->offset;
    if (column) d.tag = kColumns[*column];
    log_.Add(d);
  }
  void Skip(Code code) {
    Tell(code);
    ++totals_.lines_skipped;
  }

  const FileFormat format_;
  const Options options_;
  Sink& sink_;
  RowSource rows_;
  DiagnosticLog log_;
  const Row* row_ = nullptr;
  std::vector<std::string> last_values_;
  bool has_journey_ = false;
  model::Journey journey_;
};

PassengerFileReader::PassengerFileReader(FileFormat format,
                                         const Options& options, Sink& sink)
    : impl_(std::make_unique<Impl>(format, options, sink)) {}
PassengerFileReader::~PassengerFileReader() = default;

absl::Status PassengerFileReader::Feed(ByteView chunk) {
  if (impl_->finished) return Unready("passenger file: fed after the end");
  return impl_->Feed(chunk);
}

absl::Status PassengerFileReader::Finish() {
  if (impl_->finished) return Unready("passenger file: finished twice");
  impl_->finished = true;
  return impl_->Finish();
}

const Totals& PassengerFileReader::totals() const { return impl_->totals_; }

}  // namespace entente::ingest
