#include "crypto/base/bytes.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/base/status.h"

namespace entente {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int Base64Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

}  // namespace

ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view AsText(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Bytes ToBytes(ByteView view) { return {view.begin(), view.end()}; }
Bytes ToBytes(std::string_view text) { return ToBytes(AsBytes(text)); }
std::string ToString(ByteView view) { return std::string(AsText(view)); }

Bytes Concat(std::initializer_list<ByteView> parts) {
  std::size_t size = 0;
  for (ByteView part : parts) size += part.size();
  Bytes out;
  out.reserve(size);
  for (ByteView part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

std::string ToHex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(bytes.size() * 2, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out[2 * i] = kDigits[bytes[i] >> 4U];
    out[2 * i + 1] = kDigits[bytes[i] & 15U];
  }
  return out;
}

absl::StatusOr<Bytes> FromHex(std::string_view hex) {
  if (hex.size() % 2 != 0) return Invalid("hex text of odd length");
  Bytes out(hex.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = HexDigit(hex[2 * i]);
    const int low = HexDigit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return Invalid("hex text holds another character");
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return out;
}

std::string ToBase64(ByteView bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t v = std::uint32_t{bytes[i]} << 16U;
    if (have > 1) v |= std::uint32_t{bytes[i + 1]} << 8U;
    if (have > 2) v |= bytes[i + 2];
    out.push_back(kAlphabet[(v >> 18U) & 63U]);
    out.push_back(kAlphabet[(v >> 12U) & 63U]);
    out.push_back(have > 1 ? kAlphabet[(v >> 6U) & 63U] : '=');
    out.push_back(have > 2 ? kAlphabet[v & 63U] : '=');
  }
  return out;
}

absl::StatusOr<Bytes> FromBase64(std::string_view text) {
  if (text.size() % 4 != 0) return Invalid("base64 text without its padding");
  Bytes out(text.size() / 4 * 3);
  std::size_t pad = 0;  // of the last four digits
  for (std::size_t i = 0, at = 0; i < text.size(); i += 4, at += 3) {
    const bool last = i + 4 == text.size();
    if (last && text[i + 3] == '=') pad = text[i + 2] == '=' ? 2 : 1;
    std::uint32_t v = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const int digit = j >= 4 - pad ? 0 : Base64Digit(text[i + j]);
      if (digit < 0) return Invalid("base64 text holds another character");
      v = (v << 6U) | static_cast<std::uint32_t>(digit);
    }
    const std::uint32_t spare = pad == 2 ? 0xffffU : pad == 1 ? 0xffU : 0U;
    if ((v & spare) != 0) return Invalid("base64 text with spare bits set");
    out[at] = static_cast<std::uint8_t>(v >> 16U);
    out[at + 1] = static_cast<std::uint8_t>((v >> 8U) & 255U);
    out[at + 2] = static_cast<std::uint8_t>(v & 255U);
  }
  out.resize(out.size() - pad);
  return out;
}

absl::Status WrongLength(std::size_t have, std::size_t want) {
  return Invalid("expected ", std::to_string(want), " bytes, have ",
                 std::to_string(have));
}

bool ConstantTimeEqual(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  return a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace entente
