#include "crypto/merkle/text.h"

#include <algorithm>
#include <iterator>

#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"
#include "crypto/merkle/utf8.h"

namespace entente::merkle {
namespace {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;  // 0: malformed
};

CodePoint Decode(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i])
                           : std::uint8_t{0};
  };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0   ? 4
                             : first >= 0xe0 ? 3
                             : first >= 0xc0 ? 2
                                             : 0;
  if (length == 0 || first > 0xf4) return {};
  std::uint32_t value = first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return {};
    value = (value << 6U) | (byte(i) & 0x3fU);
  }
  static constexpr std::uint32_t kLowest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kLowest[length] || value > 0x10ffff || surrogate) return {};
  return {value, length};
}

// Unicode White_Space outside ASCII.
bool IsWideSpace(std::uint32_t c) {
  static constexpr std::uint32_t kSpaces[] = {0x85,   0xa0,   0x1680, 0x2028,
                                              0x2029, 0x202f, 0x205f, 0x3000};
  return std::find(std::begin(kSpaces), std::end(kSpaces), c) !=
             std::end(kSpaces) ||
         (c >= 0x2000 && c <= 0x200a);
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint c = Decode(text);
    if (c.length == 0) return false;
    text.remove_prefix(c.length);
  }
  return true;
}

bool IsKeyName(std::string_view name) {
  if (name.empty()) return false;
  while (!name.empty()) {
    const CodePoint c = Decode(name);
    if (c.length == 0 || c.value <= 0x20 || c.value == '+') return false;
    if (IsWideSpace(c.value)) return false;
    name.remove_prefix(c.length);
  }
  return true;
}

absl::StatusOr<std::uint64_t> ParseDecimal(std::string_view text) {
  const bool zero_first = text.size() > 1 && text[0] == '0';
  if (text.empty() || text.size() > 19 || zero_first) {
    return Invalid("malformed decimal number");
  }
  std::uint64_t value = 0;  // 19 digits fit
  for (char c : text) {
    if (c < '0' || c > '9') return Invalid("malformed decimal number");
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value >= kSizeLimit) return Invalid("number out of range");
  return value;
}

std::optional<std::string_view> TakeLine(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace entente::merkle
