#include "node/ingest/paxlst.h"

#include <algorithm>
#include <utility>

#include "node/ingest/codes.h"
#include "node/ingest/tags.h"
#include "node/ingest/text.h"

namespace entente::ingest {
namespace {

using model::PersonKind;

// Far more than anybody has; bounds the work on a hostile message.
constexpr std::size_t kMostDocuments = 50;
constexpr std::size_t kMostNationalities = 10;
constexpr std::size_t kMostFlights = 50;
constexpr std::size_t kMostStops = 50;

// Qualifiers are compared without leading zeros: `LOC+005` of the old form.
std::string_view Qualifier(std::string_view text) {
  text = Trim(text);
  while (text.size() > 1 && text.front() == '0') text.remove_prefix(1);
  return text;
}

std::string KeptUpper(std::string_view text) { return Upper(Kept(text)); }

template <class T>
void PushNew(std::vector<T>& list, T value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) {
    list.push_back(std::move(value));
  }
}

bool SameDocument(const model::Document& a, const model::Document& b) {
  return a.document_class == b.document_class && a.number == b.number &&
         a.issuer == b.issuer && a.expiry == b.expiry;
}

// A name from the components of `element`: surname, given, middle names.
model::Name NameFrom(const Segment& s, std::size_t element,
                     std::size_t components) {
  model::Name name;
  name.surname = Kept(s.Get(element, 0));
  for (std::size_t i = 1; i < components; ++i) {
    const std::string part = Kept(s.Get(element, i));
    if (part.empty()) continue;
    if (!name.given.empty()) name.given.push_back(' ');
    name.given += part;
  }
  return name;
}

void AddName(model::Person& person, model::Name name) {
  if (name.surname.empty() && name.given.empty()) return;
  person.names.push_back(std::move(name));
}

}  // namespace

PaxlstBuilder::PaxlstBuilder(std::size_t most_persons, Report report)
    : most_persons_(most_persons), report_(std::move(report)) {}

bool PaxlstBuilder::Add(const Segment& s, const Place& place) {
  ++body_segments_;
  switch (s.tag_id()) {
    case TagId("BGM"):
      OnBgm(s, place);
      break;
    case TagId("TDT"):
      OnTdt(s, place);
      break;
    case TagId("LOC"):
      OnLoc(s, place);
      break;
    case TagId("DTM"):
      OnDtm(s, place);
      break;
    case TagId("NAD"):
      return OnNad(s, place);
    case TagId("PDT"):
      return OnPdt(s, place);
    case TagId("ATT"):
      OnAtt(s, place);
      break;
    case TagId("NAT"):
      OnNat(s, place);
      break;
    case TagId("RFF"):
      OnRff(s, place);
      break;
    case TagId("DOC"):
      OnDoc(s, place);
      break;
    case TagId("CNT"):
      OnCnt(s, place);
      break;
    default:
      break;  // COM, FTX, MEA, GEI, EMP and the rest are dropped
  }
  return true;
}

bool PaxlstBuilder::StampsSending(const Segment& s) const {
  if (s.tag_id() != TagId("DTM") || phase_ != Phase::kHeader) return false;
  const std::string_view q = Qualifier(s.Get(1));
  return q == "137" || q == "97" || q == "9";
}

// ---- message and flight ---------------------------------------------------

void PaxlstBuilder::OnBgm(const Segment& s, const Place& place) {
  if (body_segments_ != 1) Misplaced(place);
  if (!result_.list_kind.empty()) return;
  result_.list_kind = KeptUpper(s.Get(1));
  result_.function = KeptUpper(s.Get(2));
}

void PaxlstBuilder::OnTdt(const Segment& s, const Place& place) {
  if (phase_ > Phase::kFlight) {
    Misplaced(place);
  } else {
    phase_ = Phase::kFlight;
  }
  // TDT+20+id+++carrier; the old form: TDT++id+40+carrier.
  std::string carrier = KeptUpper(s.Get(5));
  if (carrier.empty() && old_form_) carrier = KeptUpper(s.Get(4));
  Flight flight;
  SplitFlightId(KeptUpper(s.Get(2)), std::move(carrier), flight);
  if (!flights_.empty() && flights_.back().carrier.empty() &&
      flights_.back().number.empty()) {
    // Its places came first.
    flights_.back().carrier = std::move(flight.carrier);
    flights_.back().number = std::move(flight.number);
    return;
  }
  const bool goes_on = !flights_.empty() &&
                       flights_.back().carrier == flight.carrier &&
                       flights_.back().number == flight.number;
  if (goes_on) return;
  if (flights_.size() >= kMostFlights) {
    report_(Code::kLimitFields, place, 0);
    return;
  }
  flights_.push_back(std::move(flight));
}

void PaxlstBuilder::OnLoc(const Segment& s, const Place& place) {
  const std::string_view q = Qualifier(s.Get(1));
  if (q == "91") {
    if (model::Document* document = DocumentFor(place)) {
      if (document->issuer.empty()) {
        document->issuer = Country(s.Get(2), place, 2);
      }
    }
    return;
  }
  StopKind kind = StopKind::kBetween;
  if (q == "125" || q == "5" || q == "188") {
    kind = StopKind::kDeparture;
  } else if (q == "87" || q == "8" || q == "172") {
    kind = StopKind::kArrival;
  } else if (q != "92" && q != "PT") {
    return;  // clearance, residence, embarkation, birth place: not kept
  }
  Stop stop;
  stop.airport = KeptUpper(s.Get(2));
  stop.kind = kind;
  if (old_form_ && stop.airport.size() == 5) stop.airport.erase(0, 2);
  if (flights_.empty()) {
    Misplaced(place);
    flights_.emplace_back();
  } else if (phase_ > Phase::kFlight) {
    Misplaced(place);
    // Read late only when the flight does not say it yet.
    for (const Stop& have : flights_.back().stops) {
      if (have.kind == kind) return;
    }
  }
  if (flights_.back().stops.size() >= kMostStops) {
    report_(Code::kLimitFields, place, 0);
    return;
  }
  flights_.back().stops.push_back(std::move(stop));
}

void PaxlstBuilder::OnFlightDtm(const Segment& s, const Place& place,
                                bool departure) {
  std::string text(s.Get(1, 1));
  if (text.empty()) {  // the old form: DTM+136+020131+2200
    text = s.Get(2);
    text += s.Get(3);
  }
  if (Trim(text).empty()) return;
  std::string moment = ReadMoment(text);
  if (moment.empty()) {
    report_(Code::kDateUnread, place, 1);
    return;
  }
  if (flights_.empty() || flights_.back().stops.empty()) {
    Misplaced(place);
    return;
  }
  Stop* stop = &flights_.back().stops.back();
  if (phase_ > Phase::kFlight) {
    Misplaced(place);
    for (Stop& have : flights_.back().stops) {
      const StopKind wanted =
          departure ? StopKind::kDeparture : StopKind::kArrival;
      if (have.kind == wanted) stop = &have;
    }
  }
  std::string& field = departure ? stop->departure : stop->arrival;
  if (field.empty()) field = std::move(moment);
}

void PaxlstBuilder::OnDtm(const Segment& s, const Place& place) {
  const std::string_view q = Qualifier(s.Get(1));
  if (q == "189" || q == "136") {
    OnFlightDtm(s, place, true);
  } else if (q == "232" || q == "132") {
    OnFlightDtm(s, place, false);
  } else if (q == "329") {
    Raw* raw = PersonFor(place);
    if (raw == nullptr) return;
    std::string text = Kept(s.Get(1, 1));
    const std::string_view format = Trim(s.Get(1, 2));
    if (format == "610" || format == "602")
      text.resize(std::min<std::size_t>(text.size(), 4));  // CCYYMM, CCYY
    if (raw->dob.empty()) {
      raw->dob = text;
      raw->dob_place = place;
    } else if (raw->dob != text) {
      // A second date of birth is somebody else's, whose NAD is missing.
      Misplaced(place);
      person_open_ = false;
    }
  } else if (q == "36") {
    model::Document* document = DocumentFor(place);
    const std::string_view text = Trim(s.Get(1, 1));
    if (document == nullptr || text.empty() || !document->expiry.empty()) {
      return;
    }
    document->expiry = ReadExpiry(text);
    if (document->expiry.empty()) report_(Code::kDateUnread, place, 1);
  }
}

// ---- persons --------------------------------------------------------------

bool PaxlstBuilder::OpenPerson(const Place& place, PersonKind kind, bool crew) {
  if (phase_ == Phase::kTrailer) Misplaced(place);
  phase_ = Phase::kPersons;
  ++result_.opened;
  if (persons_.size() >= most_persons_) return false;
  Raw& raw = persons_.emplace_back();
  raw.place = place;
  raw.person.kind = kind;
  raw.crew = crew;
  person_open_ = true;
  document_open_ = false;
  silent_ = false;
  return true;
}

bool PaxlstBuilder::OnNad(const Segment& s, const Place& place) {
  const std::string role = KeptUpper(s.Get(1));
  PersonKind kind = PersonKind::kPassenger;
  if (role == "FM") {
    kind = PersonKind::kCrew;
  } else if (role == "DDU" || role == "DDT") {
    kind = PersonKind::kTransit;
  } else if (role == "MS") {
    if (phase_ != Phase::kHeader) Misplaced(place);
    return true;
  } else if (role != "FL") {
    person_open_ = false;  // a party that is no traveller, and its fields
    document_open_ = false;
    silent_ = true;
    return true;
  }
  if (!OpenPerson(place, kind, role == "FM" || role == "DDT")) return false;
  AddName(persons_.back().person, NameFrom(s, 4, 5));
  return true;
}

// PDT+P/number:expiry:issuer+surname:given:middle:birth:sex+status+route
bool PaxlstBuilder::OnPdt(const Segment& s, const Place& place) {
  const std::string status = KeptUpper(s.Get(3));
  const bool crew = status == "CRW" || status == "CREW";
  if (!OpenPerson(place, crew ? PersonKind::kCrew : PersonKind::kPassenger,
                  crew)) {
    return false;
  }
  Raw& raw = persons_.back();
  AddName(raw.person, NameFrom(s, 2, 3));
  raw.dob = Kept(s.Get(2, 3));
  raw.dob_place = place;
  SetSex(raw, s.Get(2, 4), place, 2);
  model::Document document;
  std::string number = Kept(s.Get(1, 0));
  const std::size_t slash = number.find('/');
  if (slash != std::string::npos) {
    document.document_class = ReadDocumentClass(number.substr(0, slash));
    number.erase(0, slash + 1);
  }
  document.number = std::move(number);
  const std::string_view expiry = Trim(s.Get(1, 1));
  document.expiry = ReadExpiry(expiry);
  if (document.expiry.empty() && !expiry.empty()) {
    report_(Code::kDateUnread, place, 1);
  }
  document.issuer = Country(s.Get(1, 2), place, 1);
  raw.person.documents.push_back(std::move(document));
  person_open_ = false;
  return true;
}

PaxlstBuilder::Raw* PaxlstBuilder::PersonFor(const Place& place) {
  if (person_open_) return &persons_.back();
  if (!silent_) Misplaced(place);
  return nullptr;
}

model::Document* PaxlstBuilder::DocumentFor(const Place& place) {
  if (person_open_ && document_open_) {
    return &persons_.back().person.documents.back();
  }
  if (!silent_) Misplaced(place);
  return nullptr;
}

void PaxlstBuilder::OnAtt(const Segment& s, const Place& place) {
  const std::string_view q = Trim(s.Get(1));
  if (!q.empty() && q != "2") return;
  if (Raw* raw = PersonFor(place)) SetSex(*raw, s.Get(3), place, 3);
}

void PaxlstBuilder::SetSex(Raw& raw, std::string_view text, const Place& place,
                           std::uint32_t element) {
  if (Trim(text).empty() || raw.sex_given) return;
  const SexCode code = ReadSex(text);
  if (!code.known) report_(Code::kSexUnread, place, element);
  raw.sex_given = true;
  raw.person.sex = code.sex;
  raw.infant = code.infant;
}

void PaxlstBuilder::OnNat(const Segment& s, const Place& place) {
  const std::string_view q = Trim(s.Get(1));
  if (!q.empty() && q != "2") return;
  Raw* raw = PersonFor(place);
  if (raw == nullptr) return;
  std::string country = Country(s.Get(2), place, 2);
  if (raw->person.nationalities.size() >= kMostNationalities) {
    report_(Code::kLimitFields, place, 2);
    return;
  }
  if (!country.empty()) PushNew(raw->person.nationalities, std::move(country));
}

void PaxlstBuilder::OnRff(const Segment& s, const Place& place) {
  const std::string q = KeptUpper(s.Get(1, 0));
  if (q != "AVF" && q != "ABO") return;
  Raw* raw = PersonFor(place);
  if (raw == nullptr) return;
  std::string& field = q == "AVF" ? raw->person.locator : raw->person.reference;
  if (field.empty()) field = Kept(s.Get(1, 1));
}

void PaxlstBuilder::OnDoc(const Segment& s, const Place& place) {
  Raw* raw = PersonFor(place);
  if (raw == nullptr) return;
  document_open_ = raw->person.documents.size() < kMostDocuments;
  if (!document_open_) {
    report_(Code::kLimitFields, place, 0);
    return;
  }
  model::Document document;
  document.document_class = ReadDocumentClass(s.Get(1, 0));
  document.number = Kept(s.Get(2, 0));
  raw->person.documents.push_back(std::move(document));
}

void PaxlstBuilder::OnCnt(const Segment& s, const Place& place) {
  const std::string_view q = Trim(s.Get(1, 0));
  if (q != "42" && q != "41") return;
  if (phase_ != Phase::kHeader) phase_ = Phase::kTrailer;
  std::uint64_t count = 0;
  if (ReadCount(s.Get(1, 1), count) && !result_.announced) {
    result_.announced = count;
    result_.cnt_place = place;
  }
}

std::string PaxlstBuilder::Country(std::string_view text, const Place& place,
                                   std::uint32_t element) {
  CountryCode country = ReadCountry(Kept(text));
  if (!country.known) report_(Code::kCountryUnknown, place, element);
  return std::move(country.code);
}

void PaxlstBuilder::Misplaced(const Place& place) {
  report_(Code::kSegmentMisplaced, place, 0);
}

// ---- the end --------------------------------------------------------------

void PaxlstBuilder::FinishPerson(Raw& raw, std::string_view reference,
                                 Result& result) {
  model::Person& person = raw.person;
  std::vector<model::Document> documents;
  for (model::Document& d : person.documents) {
    const bool seen = std::any_of(
        documents.begin(), documents.end(),
        [&d](const model::Document& other) { return SameDocument(d, other); });
    if (!d.number.empty() && !seen) documents.push_back(std::move(d));
  }
  person.documents = std::move(documents);
  if (raw.infant && person.kind == PersonKind::kPassenger) {
    person.kind = PersonKind::kInfant;
  }
  const bool child =
      raw.infant ||
      std::any_of(person.names.begin(), person.names.end(), HasChildTitle);
  Birth birth =
      ReadBirth(raw.dob, reference, child ? Child::kSaid : Child::kNo);
  person.dob = std::move(birth.dob);
  person.dob_alt = std::move(birth.dob_alt);
  const DateNotes& notes = birth.notes;
  if (notes.partial) report_(Code::kDobPartial, raw.dob_place, 1);
  if (notes.future) report_(Code::kDobFuture, raw.dob_place, 1);
  if (notes.century) report_(Code::kDobCentury, raw.dob_place, 1);
  if (notes.unread) report_(Code::kDobUnread, raw.dob_place, 1);
  if (person.names.empty() && person.documents.empty() && person.dob.empty() &&
      person.reference.empty()) {
    report_(Code::kPersonEmpty, raw.place, 0);
    return;
  }
  if (raw.crew) ++result.crew;
  result.persons.push_back(std::move(person));
}

PaxlstBuilder::Result PaxlstBuilder::Finish(std::string_view fallback_date) {
  std::string reference;
  for (const Flight& flight : flights_) {
    model::Journey journey;
    journey.carrier = flight.carrier;
    journey.number = flight.number;
    journey.legs = LegsOf(flight);
    for (const model::Leg& leg : journey.legs) {
      const std::string& day =
          leg.departure.empty() ? leg.arrival : leg.departure;
      if (reference.empty()) reference = day.substr(0, 8);
    }
    result_.journeys.push_back(std::move(journey));
  }
  if (reference.empty()) reference = fallback_date.substr(0, 8);
  result_.persons.reserve(persons_.size());
  for (Raw& raw : persons_) FinishPerson(raw, reference, result_);
  persons_.clear();
  return std::move(result_);
}

}  // namespace entente::ingest
