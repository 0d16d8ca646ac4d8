#pragma once
// Rows of named columns, from CSV with a header or from flat JSON objects, and
// the JSON reading itself. Private to the room.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/ingest/diagnostic.h"
#include "node/ingest/files.h"
#include "node/ingest/records.h"

namespace entente::ingest {

using Columns = std::span<const std::string_view>;

// For each cell of the header its index in `known`.
// INVALID_ARGUMENT: an unknown or repeated column, or one of `needed` missing.
// The text names columns only where that cannot be a line of data.
absl::StatusOr<std::vector<std::size_t>> ReadHeader(
    const std::vector<std::string>& cells, Columns known, Columns needed);

// One JSON object without repeated names and at most `depth` levels; none when
// it is anything else.
std::optional<nlohmann::json> ReadObject(std::string_view line, int depth);

// A text or a whole number as text, null as empty; none for anything else.
std::optional<std::string> JsonText(const nlohmann::json& value);

// The values of a flat object by index in `known`. `bad` says why when it is
// none.
std::optional<std::vector<std::string>> ReadFlatObject(std::string_view line,
                                                       Columns known,
                                                       Code& bad);

struct Row {
  std::uint64_t line = 0;
  std::uint64_t offset = 0;
  std::optional<Code> bad;          // the line is to be skipped
  std::string_view text;            // the whole line; until the next call
  std::vector<std::string> values;  // CSV: by index in `known`
  bool is_short = false;            // CSV: fewer cells than the header
};

// The rows of a file, its header read and gone, empty lines skipped.
class RowSource {
 public:
  // `known`, `needed`: static storage.
  RowSource(FileFormat format, std::size_t most_bytes, Columns known,
            Columns needed);

  void Append(ByteView chunk) { scanner_.Append(chunk); }
  void SetEnd() { scanner_.SetEnd(); }
  // False: more is needed, or the end. INVALID_ARGUMENT: the header, as
  // ReadHeader; every later call says the same.
  absl::StatusOr<bool> Next(Row& row);
  // At the end. INVALID_ARGUMENT: no header, or a bad one.
  absl::Status Finish() const;

 private:
  absl::Status TakeHeader(const RawRecord& record);
  bool TakeCells(const RawRecord& record, Row& row);

  const FileFormat format_;
  const Columns known_;
  const Columns needed_;
  RecordScanner scanner_;
  char separator_ = ',';
  std::vector<std::size_t> indices_;  // of each cell, in known_
  absl::Status broken_;
};

}  // namespace entente::ingest
