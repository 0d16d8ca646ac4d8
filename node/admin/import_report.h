#pragma once
// What an import says at its end: counts and diagnostics by code, never values.

#include <map>
#include <string>
#include <vector>

#include "node/admin/request.h"
#include "node/ingest/report.h"

namespace entente::admin {

struct ImportReport {
  std::uint64_t messages = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t skipped = 0;
  std::vector<ingest::Code> quarantined;  // the reason of each
  std::map<ingest::Code, std::uint64_t> diagnostics;
  std::vector<ingest::Diagnostic> first;  // the first ones, with their places

  void Add(const ingest::Diagnostic& diagnostic);
  void Quarantine(const ingest::MessageReport& report);
  std::string Codes() const;  // `una-bad=1 cnt-differs=2`
  Json ToJson() const;
  std::string ToText() const;
};

}  // namespace entente::admin
