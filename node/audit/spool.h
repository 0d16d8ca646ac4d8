#pragma once
// Private to the room: events of acts in the safe direction that happened while
// the log could not be written. One file, `u32be(length) || item || SHA-256`
// each; bodies are sealed before they come here.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/ledger/entry.h"

namespace entente::audit {

struct SpoolItem {
  std::string origin;  // of the log that the body is sealed for
  ledger::PreparedEntry entry;
  std::string recipients;  // with `segment_file`, what key.segment needs
  Bytes segment_file;      // empty: the entry is under no segment
  template <class A>
  void Fields(A& f) {
    f(origin, entry, recipients, segment_file);
  }
};

// Thread-compatible.
class Spool {
 public:
  explicit Spool(std::string path) : path_(std::move(path)) {}

  // Durable when it returns OK.
  absl::Status Append(const SpoolItem& item);

  struct Content {
    std::vector<SpoolItem> items;
    Hash digest{};         // of the whole file
    bool damaged = false;  // something behind them is no whole item
  };
  // All items that are whole; none when there is no file.
  absl::StatusOr<Content> Load() const;
  absl::Status Remove();
  // Moves a damaged file out of the way, as evidence.
  absl::Status SetAside();

 private:
  std::string path_;
};

}  // namespace entente::audit
