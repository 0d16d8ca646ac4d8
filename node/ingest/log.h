#pragma once
// Collects diagnostics: sums all of them, hands the first of each code in a
// message to the sink one by one, and the rest as one with a count, so that a
// hostile message cannot flood its reader. Private to the room.

#include <cstdint>
#include <functional>
#include <map>

#include "node/ingest/diagnostic.h"

namespace entente::ingest {

class DiagnosticLog {
 public:
  using Out = std::function<void(const Diagnostic&)>;
  using Sums = std::map<Code, std::uint64_t>;

  // `sums` is borrowed and counts every diagnostic.
  DiagnosticLog(Out out, Sums& sums) : out_(std::move(out)), sums_(sums) {}

  void Add(const Diagnostic& diagnostic) {
    sums_[diagnostic.code] += diagnostic.count;
    Seen& seen = seen_[diagnostic.code];
    if (seen.handed_out < kSingly) {
      ++seen.handed_out;
      out_(diagnostic);
      return;
    }
    if (seen.rest.count == 0) {
      seen.rest = diagnostic;
    } else {
      seen.rest.count += diagnostic.count;
    }
  }

  // A message, or a file, has ended.
  void Flush() {
    for (auto& [code, seen] : seen_) {
      if (seen.rest.count != 0) out_(seen.rest);
    }
    seen_.clear();
  }

 private:
  static constexpr int kSingly = 50;
  struct Seen {
    int handed_out = 0;
    Diagnostic rest = {.count = 0};
  };

  Out out_;
  Sums& sums_;
  std::map<Code, Seen> seen_;
};

}  // namespace entente::ingest
