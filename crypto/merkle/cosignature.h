#pragma once
// Cosignatures of witnesses, C2SP tlog-cosignature (cosignature/v1):
// signature = u64be(time) || Ed25519("cosignature/v1" LF "time " || time || LF
// || text), time in POSIX seconds above 0. Thread-safe.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/merkle/note.h"

namespace entente::merkle {

// The bytes that the witness signs.
Bytes CosignedMessage(std::uint64_t time, std::string_view text);

// A line of type 0x04 over the whole `text`. INVALID_ARGUMENT: `key` is of
// another type, time is 0 or 2^63 and more. DATA_LOSS: what the signer gave
// does not verify. Others: those of the signer.
absl::StatusOr<NoteLine> Cosign(const VerifierKey& key, std::uint64_t time,
                                std::string_view text, const Signer& sign);

// The time inside a signature of type 0x04, or 0 when it has another length or
// a time out of range.
std::uint64_t TimeOfCosignature(ByteView signature);

}  // namespace entente::merkle
