#pragma once
// A file on its way into a reader: its format, told or seen, and its pieces.

#include <absl/status/statusor.h>

#include <atomic>
#include <functional>
#include <string_view>

#include "crypto/base/status.h"
#include "node/admin/context.h"
#include "node/admin/request.h"
#include "node/ingest/files.h"

namespace entente::admin {

// Rows that are written in one transaction.
inline constexpr std::size_t kRowsPerRound = 1000;

// One file comes in at a time; whoever comes second is told so and does not
// wait: the door has few workers, and a stop must always find one.
class ImportSlot {
 public:
  explicit ImportSlot(Context& context)
      : slot_(*context.importing), held_(!slot_.exchange(true)) {}
  ~ImportSlot() {
    if (held_) slot_ = false;
  }
  ImportSlot(const ImportSlot&) = delete;
  ImportSlot& operator=(const ImportSlot&) = delete;
  // UNAVAILABLE `import-running`: another file is coming in.
  absl::Status Check() const;

 private:
  std::atomic<bool>& slot_;
  const bool held_;
};

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
