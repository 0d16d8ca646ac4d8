#pragma once
// Agreements to begin from: complete documents with sample parties, carried in
// the binary and pinned by hash (docs/templates/PINS). Filling one replaces its
// parties, asks for what only the parties know, and never leaves a sample value
// where one of theirs belongs.
//
// Pure, thread-safe. Files: docs/templates/.

#include <absl/status/statusor.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"

namespace entente::policy {

// The names of the templates, in order.
std::vector<std::string> TemplateNames();
// The document. NOT_FOUND: no such template.
absl::StatusOr<Bytes> Template(std::string_view name);

using Answers = std::map<std::string, std::string>;

// A value that the parties must give: its path as in rewrite.h, and the sample
// that the template has there.
struct Question {
  std::string path;
  std::string sample;
};

// What must be answered for these parties, in document order. Other values may
// be answered too; what nobody answers is the template's, and `validity.until`,
// `validity.review_by` and each `history_from` follow from `validity.from`.
// INVALID_ARGUMENT: fewer than two parties, a code twice or no code.
absl::StatusOr<std::vector<Question>> Questions(
    std::string_view name, const std::vector<std::string>& parties);

// The draft. INVALID_ARGUMENT as above, or when an answer is missing (all of
// them are named), or the result is refused (its load error is the reason).
absl::StatusOr<Bytes> FillTemplate(std::string_view name,
                                   const std::vector<std::string>& parties,
                                   const Answers& answers);

// `PATH = VALUE` lines; empty ones and `#` are skipped. INVALID_ARGUMENT: the
// number of a line that is neither, or a path twice.
absl::StatusOr<Answers> ParseAnswers(std::string_view text);

}  // namespace entente::policy
