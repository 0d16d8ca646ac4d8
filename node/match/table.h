#pragma once
// The letters that recipe/1 writes its own way instead of ICU's. Constant;
// thread-safe. Source: docs/protocol/recipe-1.md, section 2.

#include <span>
#include <string_view>

namespace entente::match {

struct Letter {
  char32_t code_point = 0;
  std::string_view latin;  // zero to four of A-Z
};

// All letters, ascending by code point.
std::span<const Letter> Letters();
// nullptr: the table lacks it.
const Letter* FindLetter(char32_t code_point);

}  // namespace entente::match
