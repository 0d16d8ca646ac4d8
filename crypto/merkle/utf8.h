#pragma once
// Well-formed UTF-8 (Unicode 15, table 3-7): no surrogate, nothing overlong, at
// most U+10FFFF. Thread-safe.

#include <string_view>

namespace entente::merkle {

bool IsUtf8(std::string_view text);

}  // namespace entente::merkle
