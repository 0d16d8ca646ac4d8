#pragma once
// Private to this room: bytes as a text file between BEGIN and END lines,
// base64 in lines of 64.

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::keys {

std::string WriteArmor(std::string_view title, ByteView bytes);
// INVALID_ARGUMENT: anything but what WriteArmor gives.
absl::StatusOr<Bytes> ReadArmor(std::string_view title, std::string_view text);

}  // namespace entente::keys
