#pragma once
// Reads EDIFACT interchanges with passenger lists (PAXLST).
//
// Bytes go in by chunks of any size; where they are cut changes nothing.
// Messages come out whole, each with a verdict: a message with wrong counts,
// references or places is accepted with warnings; one without UNH, of another
// type, over a limit, or that announces persons and yields none is
// quarantined. Persons read before the input breaks off are kept, the last one
// too if its opening segment was terminated.
//
// Only the fields of node/model/person.h are built: addresses, phones, seats
// and free text are dropped here. Memory: one message plus 64 KiB.
// Source: matching.md 2 and 3 of the design; UN/EDIFACT ISO 9735; WCO/IATA/ICAO
// PAXLST implementation guides, D.02B to D.15B; the older US form 001:000.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <memory>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/ingest/report.h"
#include "node/model/person.h"

namespace entente::ingest {

// `sink` is borrowed and outlives the reader. Thread-compatible.
class Reader {
 public:
  Reader(const Options& options, Sink& sink);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // FAILED_PRECONDITION: after Finish. Bad input is no error here: it is a
  // diagnostic and a verdict.
  absl::Status Feed(ByteView chunk);
  // The input has ended. FAILED_PRECONDITION: called twice.
  absl::Status Finish();

  const Totals& totals() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A whole input at once, for short ones.
struct Report {
  struct Message {
    MessageReport report;
    std::vector<model::Journey> journeys;
    std::vector<model::Person> persons;
  };
  std::vector<Message> messages;
  std::vector<Diagnostic> diagnostics;
  Totals totals;
};
Report ParsePaxlst(ByteView input, const Options& options = {});

}  // namespace entente::ingest
