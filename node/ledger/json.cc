#include "node/ledger/json.h"

#include <utility>

namespace entente::ledger {
namespace {

constexpr std::pair<char, char> kShort[] = {
    {'"', '"'},  {'\\', '\\'}, {'\b', 'b'}, {'\t', 't'},
    {'\n', 'n'}, {'\f', 'f'},  {'\r', 'r'}};
constexpr std::string_view kHex = "0123456789abcdef";

bool IsControl(char c) { return static_cast<std::uint8_t>(c) < 0x20; }

void AppendEscaped(std::string& out, char c) {
  for (const auto& [value, letter] : kShort) {
    if (c != value) continue;
    out += '\\';
    out += letter;
    return;
  }
  if (IsControl(c)) {
    const auto b = static_cast<std::uint8_t>(c);
    out += "\\u00";
    out += kHex[b >> 4U];
    out += kHex[b & 15U];
    return;
  }
  out += c;
}

// The character behind a backslash; -1 when there is none. `rest` starts after
// the backslash.
int TakeEscape(std::string_view& rest) {
  if (rest.empty()) return -1;
  const char letter = rest[0];
  rest.remove_prefix(1);
  for (const auto& [value, known] : kShort) {
    if (letter == known) return value;
  }
  if (letter != 'u' || !rest.starts_with("00") || rest.size() < 4) return -1;
  const std::size_t high = kHex.find(rest[2]);
  const std::size_t low = kHex.find(rest[3]);
  if (high > 1 || low == std::string_view::npos) return -1;
  rest.remove_prefix(4);
  return static_cast<int>(high * 16 + low);
}

}  // namespace

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (char c : text) AppendEscaped(out, c);
  return out + "\"";
}

bool JsonReader::EscapedString(std::string& out) {
  if (!Literal("\"")) return false;
  out.clear();
  while (!in_.empty()) {
    const char c = in_[0];
    in_.remove_prefix(1);
    if (c == '"') return true;
    if (IsControl(c)) return false;
    if (c == '\\') {
      const int escaped = TakeEscape(in_);
      if (escaped < 0) return false;
      out += static_cast<char>(escaped);
    } else {
      out += c;
    }
  }
  return false;
}

}  // namespace entente::ledger
