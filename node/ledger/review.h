#pragma once
// What a data protection officer signs when the log of half a year was read:
// which log, which time, which entries, and the digest of the report.
// Byte-exact: docs/protocol/audit-log.md, section "Signed review". Pure.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/merkle/note.h"

namespace entente::ledger {

struct ReviewStatement {
  std::string origin;
  std::int64_t from = 0;    // POSIX seconds
  std::int64_t until = 0;   // not included
  std::uint64_t first = 0;  // entries of that time
  std::uint64_t last = 0;   // included
  Hash report{};            // SHA-256 of the report's file
  std::string Text() const;
  bool operator==(const ReviewStatement&) const = default;
};
// INVALID_ARGUMENT: not a text that Text() writes.
absl::StatusOr<ReviewStatement> ParseReviewStatement(std::string_view text);

// The detached signature file: a note over the text, with one line of the
// officer's key (type 0x01). Errors as merkle::SignText.
absl::StatusOr<std::string> SignReview(const ReviewStatement& statement,
                                       const merkle::VerifierKey& officer,
                                       const merkle::Signer& sign);

// The statement of a signature file, once the officer's line in it holds and
// `report` is the file that it names.
//   INVALID_ARGUMENT   malformed
//   DATA_LOSS          the signature does not hold, or the report is another
//   UNAUTHENTICATED    not signed by that officer
absl::StatusOr<ReviewStatement> OpenReview(std::string_view note,
                                           ByteView report,
                                           const merkle::VerifierKey& officer);

}  // namespace entente::ledger
