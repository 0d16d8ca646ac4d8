#pragma once
// Private to this room: Unicode normal form C of sealed texts.

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

namespace entente::ledger {

// INVALID_ARGUMENT: not UTF-8.
absl::StatusOr<std::string> ToNfc(std::string_view text);
// Whether `text` is UTF-8 in normal form C.
bool IsNfc(std::string_view text);
// The longest prefix of at most `size` bytes that ends between characters.
std::string_view CutUtf8(std::string_view text, std::size_t size);

}  // namespace entente::ledger
