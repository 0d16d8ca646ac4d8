#pragma once
// What is wrong with a document: a numbered code, the place, one plain sentence
// with the value found and the value allowed, and the next step. All findings
// of a document come at once, in file order. No finding holds personal data.
//
//   101-111 load errors      201-223 meaning errors
//   301-309 warnings         501-505 signature errors (as Status reasons)
// Source: agreements.md 6 and 8.

#include <absl/status/status.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::policy {

// Line and column, both from 1; the column counts characters, not bytes.
struct Position {
  int line = 1;
  int column = 1;
  auto operator<=>(const Position&) const = default;
};

struct Finding {
  int code = 0;
  int line = 1;
  int column = 1;
  std::string message;
  std::string next;
  bool operator==(const Finding&) const = default;
};
using Findings = std::vector<Finding>;

// False for warnings (3xx).
bool IsError(const Finding& finding);
bool HasErrors(std::span<const Finding> findings);
// `AG-208`.
std::string CodeName(int code);
// `AG-208 FILE:92:19  message.  Next: next.`
std::string Format(const Finding& finding, std::string_view file);
// By line, column, code, message.
void SortInFileOrder(Findings& findings);
// OK without errors; else INVALID_ARGUMENT with the first error's text, its
// code as the reason and its next step.
absl::Status ToStatus(std::span<const Finding> findings);

}  // namespace entente::policy
