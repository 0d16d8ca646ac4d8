#pragma once
// The one spelling of an agreement that was written by hand: spaces, comments,
// quotation marks, the order of tables, keys, rows and list members. For
// drafts, before anybody signs: parsing itself never repairs, and a signed
// document that is spelled anew is another document.
//
// What is wrong beyond the spelling stays as it is, for lint to find.
// Pure, thread-safe. Source: agreements.md 2.1.

#include <absl/status/statusor.h>

#include "crypto/base/bytes.h"

namespace entente::policy {

// INVALID_ARGUMENT: larger than a document may be, or a line that can only be
// guessed at (its number is in the message): no key and value, a quotation mark
// that never closes, a backslash.
absl::StatusOr<Bytes> FormatAgreement(ByteView text);

}  // namespace entente::policy
