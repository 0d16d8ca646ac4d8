#pragma once
// A file on its way into a reader: its format, told or seen, and its pieces.

#include <absl/status/statusor.h>

#include <functional>
#include <string_view>

#include "crypto/base/status.h"
#include "node/admin/request.h"
#include "node/ingest/files.h"

namespace entente::admin {

// Rows that are written in one transaction.
inline constexpr std::size_t kRowsPerRound = 1000;

enum class Format : std::uint8_t { kPaxlst, kCsv, kJsonl };

// `named` by the person, or seen in the first bytes. INVALID_ARGUMENT: no such
// format here.
absl::StatusOr<Format> FormatOf(std::string_view named, ByteView start,
                                bool edifact_allowed);
std::string_view FormatName(Format format);
// For CSV and JSONL.
ingest::FileFormat FileFormatOf(Format format);

// The first piece, looked at and then put back in front of the rest.
struct Head {
  Bytes first;
  bool ended = false;
};
absl::StatusOr<Head> ReadHead(const Request& request);

// Hands the reader every piece; its end is the caller's to tell.
template <class Reader>
absl::Status PumpPieces(Reader& reader, const Request& request,
                        const Head& head,
                        const std::function<absl::Status()>& after_chunk) {
  if (!head.first.empty()) TRY_OK(reader.Feed(head.first));
  TRY_OK(after_chunk());
  while (!head.ended) {
    TRY(const std::optional<Bytes> chunk, request.file());
    if (!chunk) break;
    TRY_OK(reader.Feed(*chunk));
    TRY_OK(after_chunk());
  }
  return absl::OkStatus();
}

template <class Reader>
absl::Status Pump(Reader& reader, const Request& request, const Head& head,
                  const std::function<absl::Status()>& after_chunk) {
  TRY_OK(PumpPieces(reader, request, head, after_chunk));
  TRY_OK(reader.Finish());
  return after_chunk();
}

}  // namespace entente::admin
