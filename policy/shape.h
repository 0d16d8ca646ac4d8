#pragma once
// The forms of text that keys may ask for.
// Source: agreements.md 2.2.

#include <optional>
#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::policy {

// A form of text: what it must look like, and how to say so.
struct Shape {
  bool (*matches)(std::string_view);
  std::string_view allowed;
};
bool IsPartyCode(std::string_view text);    // [A-Z]{3}
bool IsAgreementId(std::string_view text);  // [A-Z0-9-]{3,40}
bool IsRowId(std::string_view text);        // [a-z][a-z0-9-]{1,31}
bool IsBasisCode(std::string_view text);    // [a-z0-9-]{2,32}
bool IsDottedCode(std::string_view text);   // word, or word.word
bool IsReceiver(std::string_view text);     // CODE.body
bool IsHashText(std::string_view text);     // sha256: and 64 hex digits
bool IsLanguage(std::string_view text);     // [a-z]{2,3}
bool IsAnyText(std::string_view text);
inline constexpr Shape kPartyCode{IsPartyCode, "three capital letters"};
inline constexpr Shape kAgreementId{
    IsAgreementId, "3 to 40 capital letters, digits and hyphens"};
inline constexpr Shape kRowId{
    IsRowId, "2 to 32 small letters, digits and hyphens, a letter first"};
inline constexpr Shape kBasisCode{IsBasisCode,
                                  "2 to 32 small letters, digits and hyphens"};
inline constexpr Shape kDottedCode{IsDottedCode,
                                   "a code such as terrorism.travel"};
inline constexpr Shape kReceiver{IsReceiver, "CODE.body, such as QVA.court"};
inline constexpr Shape kLanguage{IsLanguage, "a language code such as en"};
inline constexpr Shape kAnyText{IsAnyText, "text"};
std::optional<Hash> HashFromText(std::string_view text);

}  // namespace entente::policy
