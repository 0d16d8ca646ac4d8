#include "node/ingest/rows.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "crypto/base/status.h"
#include "node/ingest/text.h"

namespace entente::ingest {
namespace {

using Json = nlohmann::json;

std::optional<std::size_t> IndexOf(Columns columns, std::string_view name) {
  const auto it = std::find(columns.begin(), columns.end(), name);
  if (it == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(it - columns.begin());
}

// May this cell be printed? A header line forgotten means that the cell is a
// person's; a column's name is short and of these letters only.
bool LooksLikeColumn(std::string_view cell) {
  if (cell.empty() || cell.size() > 32) return false;
  return std::all_of(cell.begin(), cell.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || IsDigit(c) || c == '_';
  });
}

std::string Listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

}  // namespace

absl::StatusOr<std::vector<std::size_t>> ReadHeader(
    const std::vector<std::string>& cells, Columns known, Columns needed) {
  std::vector<std::size_t> indices;
  std::vector<std::string> unknown;
  std::set<std::size_t> seen;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string_view cell = Trim(cells[i]);
    const std::optional<std::size_t> index = IndexOf(known, cell);
    if (!index) {
      unknown.push_back(LooksLikeColumn(cell)
                            ? "`" + std::string(cell) + "`"
                            : "number " + std::to_string(i + 1));
      continue;
    }
    if (!seen.insert(*index).second) {
      return Invalid("header: column `", known[*index], "` is there twice");
    }
    indices.push_back(*index);
  }
  if (seen.empty()) {
    return WithNext(Invalid("header: the first line names no known column"),
                    "Write the names of the columns into the first line.");
  }
  if (!unknown.empty()) {
    return WithNext(Invalid("header: unknown columns: ", Listed(unknown)),
                    "Remove them: data that is not needed is not taken.");
  }
  for (const std::string_view name : needed) {
    if (!seen.contains(*IndexOf(known, name))) {
      return Invalid("header: column `", name, "` is missing");
    }
  }
  return indices;
}

std::optional<Json> ReadObject(std::string_view line, int depth) {
  bool sound = true;
  std::vector<std::set<std::string>> names;
  const Json::parser_callback_t check =
      [&](int level, Json::parse_event_t event, Json& parsed) {
        if (event == Json::parse_event_t::object_start) names.emplace_back();
        if (event == Json::parse_event_t::object_end) names.pop_back();
        if (event == Json::parse_event_t::key &&
            !names.back().insert(parsed.get<std::string>()).second) {
          sound = false;
        }
        if (level > depth) sound = false;
        return sound;
      };
  // Without exceptions: a malformed text gives a discarded value.
  Json object = Json::parse(line, check, false);
  if (!sound || object.is_discarded() || !object.is_object()) {
    return std::nullopt;
  }
  return object;
}

std::optional<std::string> JsonText(const Json& value) {
  if (value.is_null()) return std::string();
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_unsigned()) {
    return std::to_string(value.get<std::uint64_t>());
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> ReadFlatObject(std::string_view line,
                                                       Columns known,
                                                       Code& bad) {
  bad = Code::kLineJson;
  const std::optional<Json> object = ReadObject(line, 1);
  if (!object) return std::nullopt;
  std::vector<std::string> row(known.size());
  for (const auto& [name, value] : object->items()) {
    const std::optional<std::size_t> index = IndexOf(known, name);
    if (!index) {
      bad = Code::kColumnUnknown;
      return std::nullopt;
    }
    std::optional<std::string> text = JsonText(value);
    if (!text) return std::nullopt;
    row[*index] = *std::move(text);
  }
  return row;
}

RowSource::RowSource(FileFormat format, std::size_t most_bytes, Columns known,
                     Columns needed)
    : format_(format), known_(known), needed_(needed), scanner_(most_bytes) {}

absl::StatusOr<bool> RowSource::Next(Row& row) {
  TRY_OK(broken_);
  RawRecord record;
  while (scanner_.Next(record)) {
    if (format_ == FileFormat::kCsv && indices_.empty()) {
      if (Trim(record.text).empty() && !record.bad) continue;
      broken_ = TakeHeader(record);
      TRY_OK(broken_);
      continue;
    }
    row = {};
    row.line = record.line;
    row.offset = record.offset;
    row.bad = record.bad;
    row.text = record.text;
    if (format_ == FileFormat::kJsonl) {
      if (Trim(record.text).empty() && !record.bad) continue;
      return true;
    }
    if (row.bad || TakeCells(record, row)) return true;
  }
  return false;
}

absl::Status RowSource::Finish() const {
  TRY_OK(broken_);
  if (format_ == FileFormat::kCsv && indices_.empty()) {
    return Invalid("header: the file has no header line");
  }
  return absl::OkStatus();
}

absl::Status RowSource::TakeHeader(const RawRecord& record) {
  if (record.bad) {
    return Invalid("header: the first line is ", Info(*record.bad).id);
  }
  separator_ = FindSeparator(record.text);
  TRY(indices_,
      ReadHeader(SplitCells(record.text, separator_), known_, needed_));
  scanner_.SetSeparator(separator_);
  return absl::OkStatus();
}

// False: an empty line, or one of separators only.
bool RowSource::TakeCells(const RawRecord& record, Row& row) {
  std::vector<std::string> cells = SplitCells(record.text, separator_);
  const bool empty =
      std::all_of(cells.begin(), cells.end(),
                  [](const std::string& cell) { return Trim(cell).empty(); });
  if (empty) return false;
  if (cells.size() > indices_.size()) {
    row.bad = Code::kLineLong;
    return true;
  }
  row.is_short = cells.size() < indices_.size();
  row.values.resize(known_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    row.values[indices_[i]] = std::move(cells[i]);
  }
  return true;
}

}  // namespace entente::ingest
