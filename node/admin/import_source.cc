#include "node/admin/import_source.h"

namespace entente::admin {

absl::Status ImportSlot::Check() const {
  if (held_) return absl::OkStatus();
  return WithNext(
      WithReason(Unavailable("another file is coming in"), "import-running"),
      "give the command again when it is done");
}

absl::StatusOr<Format> FormatOf(std::string_view named, ByteView start,
                                bool edifact_allowed) {
  if (named == "csv") return Format::kCsv;
  if (named == "jsonl") return Format::kJsonl;
  if (named == "paxlst" && edifact_allowed) return Format::kPaxlst;
  if (!named.empty())
    return Invalid("the format is ", edifact_allowed ? "paxlst, " : "",
                   "csv or jsonl");
  const std::string_view text = AsText(start);
  const std::size_t first = text.find_first_not_of(" \r\n\t\xef\xbb\xbf");
  if (first != std::string_view::npos && text[first] == '{')
    return Format::kJsonl;
  const std::string_view line = text.substr(0, text.find('\n'));
  if (!edifact_allowed || line.find("pax_id") != std::string_view::npos)
    return Format::kCsv;
  return Format::kPaxlst;
}

std::string_view FormatName(Format format) {
  return format == Format::kPaxlst ? "paxlst"
         : format == Format::kCsv  ? "csv"
                                   : "jsonl";
}

ingest::FileFormat FileFormatOf(Format format) {
  return format == Format::kCsv ? ingest::FileFormat::kCsv
                                : ingest::FileFormat::kJsonl;
}

absl::StatusOr<Head> ReadHead(const Request& request) {
  TRY(std::optional<Bytes> chunk, request.file());
  if (!chunk) return Head{{}, true};
  return Head{*std::move(chunk), false};
}

}  // namespace entente::admin
