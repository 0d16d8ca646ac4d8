#pragma once
// Lines of a file, one after the other, and the cells of a CSV line. Private
// to the room. Source: RFC 4180; matching.md 2.5.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/ingest/diagnostic.h"

namespace entente::ingest {

struct RawRecord {
  std::string_view text;   // without its line end; borrowed until the next call
  std::uint64_t line = 0;  // of its beginning, from 1
  std::uint64_t offset = 0;  // of its beginning, in the input
  std::optional<Code> bad;   // limit-line, line-quote, line-encoding
};

// Cuts chunks into records: lines, or CSV records whose quoted fields may hold
// line breaks. After a bad record it goes on behind the first line of it. A
// byte order mark at the start is dropped. Thread-compatible.
class RecordScanner {
 public:
  explicit RecordScanner(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  // From now on records are CSV with this separator; before, plain lines.
  void SetSeparator(char separator) { separator_ = separator; }

  void Append(ByteView raw);
  void SetEnd() { at_end_ = true; }
  // False: more is needed, or the end.
  bool Next(RawRecord& record);

 private:
  enum class State : std::uint8_t {
    kFieldStart,
    kPlain,
    kQuoted,
    kQuoteSeen,  // a quote inside a quoted field: its end, or doubled
    kReturnSeen  // and a CR behind it
  };
  enum class Step : std::uint8_t { kNeedMore, kRecord, kBad };

  bool SkipMark();
  bool SkipLine();
  Step Scan(Code& why);
  bool StepOver(char c);  // false: a quote where none may be
  void Restart(std::size_t begin);

  const std::size_t most_bytes_;
  char separator_ = '\0';
  std::string buffer_;
  std::uint64_t base_ = 0;  // offset in the input of buffer_[0]
  bool at_end_ = false;
  bool mark_done_ = false;
  bool skipping_ = false;  // to the end of a bad line
  std::size_t begin_ = 0;
  std::size_t scan_ = 0;
  std::size_t first_break_ = std::string::npos;
  std::uint64_t line_ = 1;    // at begin_
  std::uint64_t breaks_ = 0;  // seen from begin_ to scan_
  State state_ = State::kFieldStart;
};

// The one of `,` `;` TAB that stands most often in the header line, outside
// quotes; `,` when none does.
char FindSeparator(std::string_view header);

// The cells of a record that the scanner found well formed.
std::vector<std::string> SplitCells(std::string_view record, char separator);

}  // namespace entente::ingest
