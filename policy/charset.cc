#include "policy/charset.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <string>

namespace entente::policy {
namespace {

constexpr std::uint8_t kUnicodeMajor = 15;

bool Forbidden(UChar32 c) {
  if (c == ' ') return false;
  UVersionInfo age;
  u_charAge(c, age);
  if (age[0] > kUnicodeMajor || (age[0] == kUnicodeMajor && age[1] > 0)) {
    return true;
  }
  const std::uint32_t category = U_MASK(u_charType(c));
  return (category & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK |
                      U_GC_CS_MASK | U_GC_CN_MASK | U_GC_Z_MASK)) != 0;
}

// The byte offset of the first character that NFC would change; npos: none.
std::size_t FirstDenormal(std::string_view line) {
  if (std::all_of(line.begin(), line.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80;
      })) {
    return std::string_view::npos;
  }
  std::u16string wide(line.size() + 1, u'\0');
  UErrorCode error = U_ZERO_ERROR;
  std::int32_t units = 0;
  u_strFromUTF8(wide.data(), static_cast<std::int32_t>(wide.size()), &units,
                line.data(), static_cast<std::int32_t>(line.size()), &error);
  const UNormalizer2* nfc = unorm2_getNFCInstance(&error);
  if (U_FAILURE(error)) return 0;  // an error inside a check denies
  if (unorm2_isNormalized(nfc, wide.data(), units, &error) != 0 &&
      U_SUCCESS(error)) {
    return std::string_view::npos;
  }
  const std::int32_t good =
      unorm2_spanQuickCheckYes(nfc, wide.data(), units, &error);
  std::int32_t bytes = 0;
  u_strToUTF8(nullptr, 0, &bytes, wide.data(), std::max(good, 0), &error);
  return static_cast<std::size_t>(bytes);
}

std::string CodePoint(UChar32 c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (int shift = 20; shift >= 0; shift -= 4) {
    const auto digit = (static_cast<std::uint32_t>(c) >> shift) & 15U;
    if (digit != 0 || !out.empty() || shift < 16) out += kDigits[digit];
  }
  return "U+" + out;
}

// At most one finding a line, so that one bad habit does not hide the rest.
void CheckLine(std::string_view line, int number, Findings& findings) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(line.data());
  const auto size = static_cast<std::int32_t>(line.size());
  int column = 1;
  for (std::int32_t i = 0; i < size; ++column) {
    UChar32 c = 0;
    U8_NEXT(bytes, i, size, c);
    if (Forbidden(c)) {
      findings.push_back({101, number, column,
                          "the character " + CodePoint(c) + " is not allowed",
                          "remove it, or write it as plain text"});
      return;
    }
  }
  const std::size_t denormal = FirstDenormal(line);
  if (denormal != std::string_view::npos) {
    findings.push_back({101, number, PositionAt(line, denormal).column,
                        "the text is not in Unicode normal form C",
                        "save the file in normal form C (NFC)"});
  }
}

}  // namespace

Position PositionAt(std::string_view text, std::size_t offset) {
  Position at;
  for (char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++at.line;
      at.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++at.column;
    }
  }
  return at;
}

bool CheckCharacters(std::string_view text, Findings& findings) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < size;) {
    const std::int32_t start = i;
    UChar32 c = 0;
    U8_NEXT(bytes, i, size, c);
    if (c < 0) {
      const Position at = PositionAt(text, static_cast<std::size_t>(start));
      findings.push_back({101, at.line, at.column, "the bytes are not UTF-8",
                          "save the file as UTF-8"});
      return false;
    }
  }
  int number = 1;
  for (std::size_t start = 0; start <= text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    CheckLine(text.substr(start, end - start), number, findings);
    start = end + 1;
  }
  return true;
}

}  // namespace entente::policy
