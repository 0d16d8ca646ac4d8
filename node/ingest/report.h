#pragma once
// What comes out of a reader: messages with a verdict, their journeys and
// persons, diagnostics and sums. Plain data; Journey and Person are personal
// data (node/model/person.h), everything else here is not.

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "crypto/base/bytes.h"
#include "node/ingest/diagnostic.h"
#include "node/model/person.h"

namespace entente::ingest {

// Bounds on foreign input. Past one of them the message is quarantined (or the
// line skipped) with a `limit-*` diagnostic. Configurable downwards only:
// readers clamp each to the default below.
struct Limits {
  std::size_t interchange_bytes = std::size_t{64} << 20U;
  std::size_t message_bytes = std::size_t{8} << 20U;
  std::size_t segment_bytes = std::size_t{64} << 10U;
  std::size_t elements = 200;                       // in a segment
  std::size_t components = 50;                      // in an element
  std::size_t persons = 10'000;                     // in a message
  std::size_t line_bytes = std::size_t{64} << 10U;  // CSV and JSONL
  std::size_t entries = 1'000'000;                  // in a watchlist
};

struct Options {
  Limits limits;
  // YYYYMMDD, the day by which two-digit years are read when the message has
  // neither a departure nor a date of its own. May be empty.
  std::string reference_date;
};

enum class Verdict : std::uint8_t {
  kAccepted,
  // Nothing of it is handed out; the caller keeps its bytes, sealed, for a
  // retry. `reason` says why.
  kQuarantined,
};

// Parts of one list carry the same key; the caller keeps the state.
// Source: matching.md 2.4.
struct SeriesKey {
  std::string sender;
  std::string message_type;
  std::string reference;  // common access reference
  std::string list_kind;
  auto operator<=>(const SeriesKey&) const = default;
};

struct MessageReport {
  std::uint64_t message = 0;  // from 1 in the input
  Verdict verdict = Verdict::kAccepted;
  std::optional<Code> reason;  // why, when quarantined

  // Where its bytes are. The service string and UNB that its bytes need to be
  // read again begin at `interchange_offset`.
  std::uint64_t interchange_offset = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  std::string type;       // PAXLST
  std::string version;    // D:05B
  std::string sender;     // UNB
  std::string prepared;   // UNB, YYYYMMDDHHMM or YYYYMMDD or empty
  std::string list_kind;  // BGM: 745, 250, 266, 336, or another
  std::string function;   // BGM: C, CP, XR, G, H, I, or empty
  std::string carrier;    // of the first journey

  // Series. `part` is 0 when the message names none.
  SeriesKey series;
  std::uint32_t part = 0;
  bool final_part = false;
  // One part of several: CNT is compared by the caller, at the end.
  bool InSeries() const {
    return !series.reference.empty() && part != 0 && !(part == 1 && final_part);
  }

  std::uint64_t passengers = 0;  // persons that are not crew
  std::uint64_t crew = 0;
  std::uint64_t documents = 0;
  bool announces = false;       // a CNT 42 or 41 was there
  std::uint64_t announced = 0;  // its value
  bool truncated = false;       // the input ended inside it

  // SHA-256 over the content, without envelope and time of sending; equal for
  // a repeated push. Components end in 0x1D, elements in 0x1F, segments in
  // 0x1E, after release handling. Only accepted messages may enter a table of
  // duplicates.
  Hash content{};

  std::uint64_t persons() const { return passengers + crew; }
};

struct Totals {
  std::uint64_t messages = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t persons = 0;    // of accepted messages, or of a file
  std::uint64_t documents = 0;  // the same
  std::uint64_t entries = 0;    // list entries of a file
  std::uint64_t lines = 0;      // of a file, without header and empty lines
  std::uint64_t lines_skipped = 0;
  std::map<Code, std::uint64_t> diagnostics;  // sum of counts by code
};

// Takes what a reader finds. Calls come in this order, from the thread that
// feeds the reader:
//   a message:  OnDiagnostic*  OnMessage  OnJourney*  OnPerson*
//   a file:     (OnDiagnostic* OnJourney? OnPerson)*
// The persons of a message travel on all of its journeys; those of a file on
// the last journey given. A quarantined message has no journeys and persons.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void OnDiagnostic(const Diagnostic& diagnostic) = 0;
  virtual void OnMessage(const MessageReport& report) = 0;
  virtual void OnJourney(const model::Journey& journey) = 0;
  virtual void OnPerson(model::Person&& person) = 0;
};

// The same for watchlists.
class EntrySink {
 public:
  virtual ~EntrySink() = default;
  virtual void OnDiagnostic(const Diagnostic& diagnostic) = 0;
  virtual void OnEntry(model::ListEntry&& entry) = 0;
};

// An entry whose file is not read to its end: any later line may add to it.
struct GatheredEntry {
  model::ListEntry entry;
  std::uint64_t line =
      0;  // the first of its lines, from 1, and where it begins
  std::uint64_t offset = 0;
  std::uint64_t lines = 0;
  bool sex_given = false;
  template <class A>
  void Fields(A& f) {
    f(entry, line, offset, lines, sex_given);
  }
};

// Where the entries of a watchlist lie while its file is read, so that a list
// may be larger than memory.
class EntryStage {
 public:
  virtual ~EntryStage() = default;
  virtual absl::StatusOr<std::optional<GatheredEntry>> Get(
      const std::string& entry_id) = 0;
  // Adds the entry, or replaces the one with its id.
  virtual absl::Status Put(const GatheredEntry& gathered) = 0;
  // Every entry once, in an order of the stage's own.
  virtual absl::Status ForEach(
      const std::function<absl::Status(GatheredEntry&&)>& take) = 0;
};

}  // namespace entente::ingest
