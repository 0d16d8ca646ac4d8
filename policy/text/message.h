#pragma once
// A sentence of a language with places for values.
//
//   {name}            the value
//   {name:day|days}   the number and the form that goes with it: two forms in
//                     English and French (one, other), three in Russian (one,
//                     few, many)
//   {#name:is|are}    the form alone
//   {de name}         French `de` before a name: `d’Orsena`, `de Valmara`
//
// Pure, thread-safe.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace entente::policy {

enum class Lang : std::uint8_t { kEnglish, kFrench, kRussian };

struct Value {
  std::string_view name;
  std::variant<std::uint64_t, std::string> value;
};
using Values = std::initializer_list<Value>;

// Which of a language's plural forms goes with `n`: 0, 1 or 2.
// Source: Unicode CLDR, plural rules for whole numbers.
std::size_t PluralForm(Lang lang, std::uint64_t n);

// 250000 as `250,000` (en) or with a no-break space (fr, ru).
std::string FormatNumber(Lang lang, std::uint64_t n);

// `d’` before a vowel sound, else `de `.
std::string WithDe(std::string_view name);

// The sentence with its values. A place whose value is missing, or a number
// without its form, stays in braces, where a test sees it.
std::string Fill(Lang lang, std::string_view message, Values values);

}  // namespace entente::policy
