#pragma once
// Builds journeys and persons from the segments of one PAXLST message.
// Private to the room. Source: matching.md 2.2 and 2.3; WCO/IATA/ICAO PAXLST,
// D.02B to D.15B; the older US form 001:000 with one PDT a person.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/ingest/dates.h"
#include "node/ingest/diagnostic.h"
#include "node/ingest/flight.h"
#include "node/ingest/segment.h"
#include "node/model/person.h"

namespace entente::ingest {

// Where in the message a segment stands.
struct Place {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  std::string_view tag;  // our own copy
};

class PaxlstBuilder {
 public:
  // Reports a code at a place.
  using Report = std::function<void(Code, const Place&, std::uint32_t element)>;

  PaxlstBuilder(std::size_t most_persons, Report report);

  // Any segment between UNH and UNT with a tag of ours. False: one person more
  // than the limit; the message is lost.
  bool Add(const Segment& segment, const Place& place);

  // The old form says airports with their country before them.
  void SetOldForm(bool old_form) { old_form_ = old_form; }

  // Does this segment only time-stamp the sending? Then it is not content.
  bool StampsSending(const Segment& segment) const;

  struct Result {
    std::vector<model::Journey> journeys;
    std::vector<model::Person> persons;
    std::string list_kind;
    std::string function;
    std::uint64_t opened = 0;  // person segments, whatever became of them
    std::uint64_t crew = 0;
    std::optional<std::uint64_t> announced;
    Place cnt_place;
  };
  // The message has ended. `fallback_date`: by which two-digit years of birth
  // are read when no flight has a departure.
  Result Finish(std::string_view fallback_date);

 private:
  enum class Phase : std::uint8_t { kHeader, kFlight, kPersons, kTrailer };

  struct Raw {
    model::Person person;
    std::string dob;
    Place dob_place;
    Place place;
    bool sex_given = false;
    bool infant = false;
    bool crew = false;
  };

  void OnBgm(const Segment& s, const Place& place);
  void OnTdt(const Segment& s, const Place& place);
  void OnLoc(const Segment& s, const Place& place);
  void OnDtm(const Segment& s, const Place& place);
  void OnFlightDtm(const Segment& s, const Place& place, bool departure);
  bool OnNad(const Segment& s, const Place& place);
  bool OnPdt(const Segment& s, const Place& place);
  void OnAtt(const Segment& s, const Place& place);
  void OnNat(const Segment& s, const Place& place);
  void OnRff(const Segment& s, const Place& place);
  void OnDoc(const Segment& s, const Place& place);
  void OnCnt(const Segment& s, const Place& place);

  bool OpenPerson(const Place& place, model::PersonKind kind, bool crew);
  // The open person, to take a field that stands outside documents; null and
  // reported when there is none.
  Raw* PersonFor(const Place& place);
  model::Document* DocumentFor(const Place& place);
  void SetSex(Raw& raw, std::string_view text, const Place& place,
              std::uint32_t element);
  void AddNationality(Raw& raw, std::string_view text, const Place& place);
  std::string Country(std::string_view text, const Place& place,
                      std::uint32_t element);
  void Misplaced(const Place& place);
  void FinishPerson(Raw& raw, std::string_view reference, Result& result);

  std::size_t most_persons_;
  Report report_;
  bool old_form_ = false;
  Phase phase_ = Phase::kHeader;
  std::uint64_t body_segments_ = 0;
  std::vector<Flight> flights_;
  std::vector<Raw> persons_;
  bool person_open_ = false;
  bool document_open_ = false;
  bool silent_ = false;  // inside a party that is no traveller
  Result result_;
};

}  // namespace entente::ingest
