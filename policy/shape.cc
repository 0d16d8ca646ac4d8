#include "policy/shape.h"

#include <algorithm>

namespace entente::policy {
namespace {

constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigit = "0123456789";

bool In(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}
bool IsSlug(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return In(c, kLower) || In(c, kDigit) || c == '-';
  });
}

}  // namespace

bool IsPartyCode(std::string_view text) {
  return text.size() == 3 && std::all_of(text.begin(), text.end(),
                                         [](char c) { return In(c, kUpper); });
}
bool IsAgreementId(std::string_view text) {
  return text.size() >= 3 && text.size() <= 40 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return In(c, kUpper) || In(c, kDigit) || c == '-';
         });
}
bool IsRowId(std::string_view text) {
  return text.size() >= 2 && text.size() <= 32 && In(text[0], kLower) &&
         IsSlug(text);
}
bool IsBasisCode(std::string_view text) {
  return text.size() >= 2 && text.size() <= 32 && IsSlug(text);
}
bool IsDottedCode(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (text.empty() || !In(text[0], kLower)) return false;
  return IsSlug(text.substr(0, dot)) &&
         (dot == std::string_view::npos || IsSlug(text.substr(dot + 1)));
}
bool IsReceiver(std::string_view text) {
  return text.size() > 4 && IsPartyCode(text.substr(0, 3)) && text[3] == '.' &&
         IsRowId(text.substr(4));
}
bool IsHashText(std::string_view text) {
  return HashFromText(text).has_value();
}
bool IsLanguage(std::string_view text) {
  return (text.size() == 2 || text.size() == 3) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return In(c, kLower); });
}
bool IsAnyText(std::string_view) { return true; }

std::optional<Hash> HashFromText(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  if (text.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  const auto bytes = FromHex(text.substr(kPrefix.size()));
  if (!bytes.ok()) return std::nullopt;
  const auto hash = ToArray<32>(*bytes);
  if (!hash.ok()) return std::nullopt;
  return *hash;
}

}  // namespace entente::policy
