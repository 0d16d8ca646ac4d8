#include "node/ingest/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace entente::ingest {
namespace {

std::uint8_t Byte(char c) { return static_cast<std::uint8_t>(c); }

// Length of the well-formed sequence at the start of `s`, or 0.
// Source: Unicode 15, table 3-7.
std::size_t SequenceLength(std::string_view s) {
  const std::uint8_t lead = Byte(s[0]);
  if (lead < 0x80) return 1;
  std::size_t n = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    n = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    n = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    n = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  }
  if (n == 0 || s.size() < n) return 0;
  if (Byte(s[1]) < low || Byte(s[1]) > high) return 0;
  for (std::size_t i = 2; i < n; ++i) {
    if ((Byte(s[i]) & 0xC0U) != 0x80) return 0;
  }
  return n;
}

}  // namespace

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string Upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool IsLetter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AllDigits(std::string_view text) {
  for (const char c : text) {
    if (!IsDigit(c)) return false;
  }
  return !text.empty();
}

std::string Kept(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint8_t b = Byte(out[i]);
    if (b < 0x20 || b == 0x7F) {
      out[i] = ' ';
    } else if (b == 0xC2 && i + 1 < out.size() && Byte(out[i + 1]) < 0xA0) {
      out[i] = ' ';  // U+0080 to U+009F
      out[i + 1] = ' ';
    }
  }
  const std::string_view trimmed = Trim(out);
  if (trimmed.size() == out.size()) return out;
  return std::string(trimmed);
}

bool IsAscii(std::string_view text) {
  std::uint64_t seen = 0;
  while (text.size() >= sizeof(seen)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof(word));
    seen |= word;
    text.remove_prefix(sizeof(word));
  }
  for (const char c : text) seen |= Byte(c);
  return (seen & 0x8080808080808080U) == 0;
}

bool IsUtf8(std::string_view text) {
  if (IsAscii(text)) return true;
  while (!text.empty()) {
    const std::size_t n = SequenceLength(text);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

std::string FromLatin1(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : text) {
    const std::uint8_t b = Byte(c);
    if (b < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xC0U | (b >> 6U)));
      out.push_back(static_cast<char>(0x80U | (b & 0x3FU)));
    }
  }
  return out;
}

std::vector<std::string_view> SplitList(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(";/, "), text.size());
    if (end != 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool ReadCount(std::string_view text, std::uint64_t& out) {
  text = Trim(text);
  while (text.size() > 1 && text.front() == '0') text.remove_prefix(1);
  if (!AllDigits(text) || text.size() > 9) return false;
  out = 0;
  for (const char c : text) {
    out = out * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return true;
}

}  // namespace entente::ingest
