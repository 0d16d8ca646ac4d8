#pragma once
// Reads passenger lists and watchlists from CSV and JSONL files.
//
// CSV: RFC 4180, UTF-8 with or without BOM; the separator, one of `,` `;` TAB,
// is told by the header line; columns go by name. JSONL: one object a line.
//   passengers  pax_id surname given full dob sex nationality doc_number
//               doc_issuer doc_type carrier flight flight_date from to
//   watchlist   entry_id surname given full dob sex nationality doc_number
//               doc_issuer doc_type ground grade expires
//   watchlist, JSONL   entry_id names[{surname, given | full}] dobs[]
//               nationalities[] documents[{type, number, issuer}] sex ground
//               grade expires
// An unknown column is refused, because it would be data that nobody expects.
// A bad line is skipped, counted and reported by its number. A line that ends
// early is read, its last columns absent.
//
// Several watchlist lines with one entry_id are variants of one entry; an
// entry without ground, grade and expiry is refused. `ground` is checked for
// its form only (lower case, digits, `.`, `-`, `_`): whether it is a leaf of
// the catalogue is for the caller. A passenger's pax_id becomes
// Person::reference; a line that repeats the one before it is a duplicate.
// Source: matching.md 2.5 and 3.2 of the design; RFC 4180.

#include <absl/status/status.h>

#include <cstdint>
#include <memory>

#include "crypto/base/bytes.h"
#include "node/ingest/report.h"

namespace entente::ingest {

enum class FileFormat : std::uint8_t { kCsv, kJsonl };

// Memory: one line plus 64 KiB, whatever the file's size. `sink` is borrowed.
// Thread-compatible.
class PassengerFileReader {
 public:
  PassengerFileReader(FileFormat format, const Options& options, Sink& sink);
  ~PassengerFileReader();
  PassengerFileReader(const PassengerFileReader&) = delete;
  PassengerFileReader& operator=(const PassengerFileReader&) = delete;

  // INVALID_ARGUMENT: the header line names an unknown or repeated column, or
  // lacks a needed one; the same again for every later call.
  // FAILED_PRECONDITION: after Finish.
  absl::Status Feed(ByteView chunk);
  // As Feed; INVALID_ARGUMENT too when a CSV file has no header.
  absl::Status Finish();

  const Totals& totals() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Entries come out at Finish, in the order of `stage`, since any later line may
// be a variant; until then they lie there. Memory: one line and one entry plus
// 64 KiB. An error of the stage is returned as it is. Otherwise as above.
class WatchlistReader {
 public:
  WatchlistReader(FileFormat format, const Options& options, EntryStage& stage,
                  EntrySink& sink);
  ~WatchlistReader();
  WatchlistReader(const WatchlistReader&) = delete;
  WatchlistReader& operator=(const WatchlistReader&) = delete;

  absl::Status Feed(ByteView chunk);
  absl::Status Finish();

  const Totals& totals() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace entente::ingest
