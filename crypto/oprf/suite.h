#pragma once
// Private to this room: what the suite ristretto255-SHA512 fixes in mode POPRF.
// Source: RFC 9497, 3.1, 3.3.3 and 4.1.

#include <absl/status/statusor.h>

#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/group/scalar.h"
#include "crypto/oprf/element.h"

namespace entente::oprf {

// The tags are a word and the context string
// "OPRFV1-" || mode 0x02 || "-ristretto255-SHA512".
inline constexpr std::string_view kHashToGroupTag =
    "HashToGroup-OPRFV1-\x02-ristretto255-SHA512";
inline constexpr std::string_view kHashToScalarTag =
    "HashToScalar-OPRFV1-\x02-ristretto255-SHA512";
inline constexpr std::string_view kDeriveKeyPairTag =
    "DeriveKeyPairOPRFV1-\x02-ristretto255-SHA512";
inline constexpr std::string_view kSeedTag =
    "Seed-OPRFV1-\x02-ristretto255-SHA512";

// I2OSP(value, 2): a length or an index, below 2^16.
ByteArray<2> TwoBytes(std::size_t value);

// m = HashToScalar("Info" || length || info).
// INVALID_ARGUMENT: `info` over 65535 bytes.
absl::StatusOr<group::Scalar> InfoScalar(ByteView info);

// The token of one input, from its evaluated and unblinded element.
Token MakeToken(ByteView input, ByteView info, const group::Point& element);

}  // namespace entente::oprf
