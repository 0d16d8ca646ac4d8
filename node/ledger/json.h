#pragma once
// Private to this room: canonical JSON (RFC 8785), as much as leaves and
// openings need.

#include <cstdint>
#include <string>
#include <string_view>

#include "node/ledger/catalogue.h"

namespace entente::ledger {

// `text` in quotes, escaped where it must be and nowhere else.
std::string JsonString(std::string_view text);

// Reads the one spelling that a leaf has. Every Take returns false, or an
// error, as soon as a byte is not the expected one.
class JsonReader {
 public:
  explicit JsonReader(std::string_view in) : in_(in) {}

  bool Literal(std::string_view text) {
    if (!in_.starts_with(text)) return false;
    in_.remove_prefix(text.size());
    return true;
  }
  bool Next(char c) const { return in_.starts_with(c); }
  bool AtEnd() const { return in_.empty(); }

  // Up to the closing quote, which is consumed. What may stand inside is
  // checked by the caller through IsValue or a stricter rule.
  bool String(std::string_view& out) {
    if (!Literal("\"")) return false;
    const std::size_t end = in_.find('"');
    if (end == std::string_view::npos) return false;
    out = in_.substr(0, end);
    in_.remove_prefix(end + 1);
    return true;
  }

  // A string with the escapes of RFC 8785, into `out`. Another spelling of the
  // same string is caught by writing it again.
  bool EscapedString(std::string& out);

  bool Integer(std::int64_t& out) {
    std::size_t digits = 0;
    std::int64_t value = 0;
    while (digits < in_.size() && in_[digits] >= '0' && in_[digits] <= '9') {
      if (++digits > 16) return false;
      value = value * 10 + (in_[digits - 1] - '0');
    }
    if (digits == 0 || (digits > 1 && in_[0] == '0')) return false;
    if (value > kMaxInteger) return false;
    in_.remove_prefix(digits);
    out = value;
    return true;
  }

 private:
  std::string_view in_;
};

}  // namespace entente::ledger
