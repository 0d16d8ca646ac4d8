#pragma once
// The JSON of a DSSE envelope, and nothing else of JSON: one object, texts
// without escapes, each member once.

#include <absl/status/statusor.h>

#include "crypto/base/bytes.h"
#include "policy/envelope.h"

namespace entente::policy {

// INVALID_ARGUMENT: not exactly that object.
absl::StatusOr<Envelope> ReadEnvelopeJson(ByteView json);
Bytes WriteEnvelopeJson(const Envelope& envelope);

}  // namespace entente::policy
