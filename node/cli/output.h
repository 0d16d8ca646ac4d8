#pragma once
// How commands speak: a result for programs (--json) or for people, and errors
// with code, plain sentence and next step.

#include <absl/status/status.h>

#include <string>

namespace entente::cli {

// 0 done, 1 failed, 2 usage, 3 refused by policy, 4 a proof or signature
// failed.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kRefused = 3;
inline constexpr int kProof = 4;

int ExitCodeOf(const absl::Status& status);

// `text` with `?` for every control character but line feed and tab: what a
// peer wrote must not move the cursor or hide a line.
std::string Printable(const std::string& text);

// Prints one error: to stderr for people, as one JSON object on stdout with
// --json. Returns the exit code.
int ReportError(const absl::Status& status, bool json);

// Prints `json` or `text` and returns `exit_code`.
int ReportResult(int exit_code, const std::string& json,
                 const std::string& text, bool as_json);

}  // namespace entente::cli
