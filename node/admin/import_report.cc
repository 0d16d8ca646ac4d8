#include "node/admin/import_report.h"

namespace entente::admin {
namespace {

constexpr std::size_t kShown = 20;

std::string Place(const ingest::Diagnostic& d) {
  std::string out = "message " + std::to_string(d.message) + ", segment " +
                    std::to_string(d.segment);
  if (!d.tag.empty()) out += " (" + std::string(d.tag) + ")";
  return out + ", byte " + std::to_string(d.offset);
}

std::string_view SeverityName(ingest::Severity severity) {
  return severity == ingest::Severity::kInfo   ? "info"
         : severity == ingest::Severity::kWarn ? "warning"
                                               : "error";
}

}  // namespace

void ImportReport::Add(const ingest::Diagnostic& diagnostic) {
  ++diagnostics[diagnostic.code];
  if (first.size() < kShown && diagnostic.severity() != ingest::Severity::kInfo)
    first.push_back(diagnostic);
}

void ImportReport::Quarantine(const ingest::MessageReport& report) {
  quarantined.push_back(report.reason.value_or(ingest::Code::kPersonsMissing));
}

std::string ImportReport::Codes() const {
  std::string out;
  for (const auto& [code, n] : diagnostics) {
    if (!out.empty()) out += ' ';
    out += std::string(ingest::Info(code).id) + "=" + std::to_string(n);
  }
  return out;
}

Json ImportReport::ToJson() const {
  Json out = {{"messages", messages},
              {"duplicates", duplicates},
              {"quarantined", quarantined.size()},
              {"skipped", skipped}};
  out["diagnostics"] = Json::object();
  for (const auto& [code, n] : diagnostics)
    out["diagnostics"][std::string(ingest::Info(code).id)] = n;
  return out;
}

std::string ImportReport::ToText() const {
  std::string out;
  if (duplicates > 0)
    out += std::to_string(duplicates) + " messages were imported before\n";
  std::map<ingest::Code, std::size_t> aside;
  for (const ingest::Code reason : quarantined) ++aside[reason];
  for (const auto& [reason, n] : aside) {
    out += (n == 1 ? "message" : std::to_string(n) + " messages") +
           " set aside: " + std::string(ingest::Info(reason).id) + ": " +
           std::string(ingest::Info(reason).sentence) + "\n";
  }
  for (const ingest::Diagnostic& d : first) {
    out += std::string(SeverityName(d.severity())) + " " +
           std::string(ingest::Info(d.code).id) + ": " +
           std::string(ingest::Info(d.code).sentence) + " (" + Place(d) + ")\n";
  }
  return out;
}

}  // namespace entente::admin
