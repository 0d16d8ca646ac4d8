#include "policy/finding.h"

#include <algorithm>
#include <tuple>

#include "crypto/base/status.h"

namespace entente::policy {

bool IsError(const Finding& finding) {
  return finding.code < 300 || finding.code >= 400;
}

bool HasErrors(std::span<const Finding> findings) {
  return std::any_of(findings.begin(), findings.end(), IsError);
}

std::string CodeName(int code) { return "AG-" + std::to_string(code); }

std::string Format(const Finding& finding, std::string_view file) {
  return Join({CodeName(finding.code), " ", file, ":",
               std::to_string(finding.line), ":",
               std::to_string(finding.column), "  ", finding.message,
               ".  Next: ", finding.next, "."});
}

void SortInFileOrder(Findings& findings) {
  std::sort(findings.begin(), findings.end(),
            [](const Finding& a, const Finding& b) {
              return std::tie(a.line, a.column, a.code, a.message) <
                     std::tie(b.line, b.column, b.code, b.message);
            });
}

absl::Status ToStatus(std::span<const Finding> findings) {
  for (const Finding& finding : findings) {
    if (!IsError(finding)) continue;
    return WithNext(
        WithReason(
            Invalid("line ", std::to_string(finding.line), ", column ",
                    std::to_string(finding.column), ": ", finding.message),
            CodeName(finding.code)),
        finding.next);
  }
  return absl::OkStatus();
}

}  // namespace entente::policy
