#include "keys/label.h"

#include <algorithm>

namespace entente::keys {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }

template <class Test>
bool AllOf(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}

bool IsPort(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.front() == '0' ||
      !AllOf(text, IsDigit)) {
    return false;
  }
  int port = 0;
  for (char c : text) port = port * 10 + (c - '0');
  return port <= 65535;
}

bool IsHost(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    const std::string_view inside = text.substr(1, text.size() - 2);
    return inside.size() <= 45 && inside.find(':') != std::string_view::npos &&
           AllOf(inside,
                 [](char c) { return IsHexDigit(c) || c == ':' || c == '.'; });
  }
  return !text.empty() && text.size() <= 253 && text.front() != '.' &&
         text.front() != '-' && AllOf(text, [](char c) {
           return IsLower(c) || IsDigit(c) || c == '.' || c == '-';
         });
}

}  // namespace

bool IsKeyLabel(std::string_view text) {
  return !text.empty() && text.size() <= 64 && AllOf(text, [](char c) {
    return IsLower(c) || IsDigit(c) || c == '-';
  });
}

bool IsPartyCode(std::string_view text) {
  return text.size() == 3 &&
         AllOf(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool IsEndpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  return colon != std::string_view::npos && IsHost(text.substr(0, colon)) &&
         IsPort(text.substr(colon + 1));
}

bool IsLogName(std::string_view text) {
  if (text.size() > 128) return false;
  std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 ||
      !AllOf(text.substr(0, slash), [](char c) {
        return IsLower(c) || IsDigit(c) || c == '.' || c == '-';
      })) {
    return false;
  }
  while (slash != std::string_view::npos) {
    const std::size_t next = text.find('/', slash + 1);
    const std::string_view part = text.substr(slash + 1, next - slash - 1);
    if (part.empty() ||
        !AllOf(part, [](char c) { return IsLower(c) || IsDigit(c); })) {
      return false;
    }
    slash = next;
  }
  return true;
}

bool IsDisplayName(std::string_view text) {
  return !text.empty() && text.size() <= 200 &&
         AllOf(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

}  // namespace entente::keys
