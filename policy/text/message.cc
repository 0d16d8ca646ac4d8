#include "policy/text/message.h"

#include <vector>

namespace entente::policy {
namespace {

constexpr std::string_view kNoBreakSpace = "\xC2\xA0";

const Value* Find(Values values, std::string_view name) {
  for (const Value& value : values) {
    if (value.name == name) return &value;
  }
  return nullptr;
}

std::string Text(Lang lang, const Value& value) {
  if (const auto* n = std::get_if<std::uint64_t>(&value.value)) {
    return FormatNumber(lang, *n);
  }
  return std::get<std::string>(value.value);
}

// The form at `index` of `one|few|many`; false: there is none.
bool PickForm(std::string_view forms, std::size_t index, std::string& out) {
  for (; index > 0; --index) {
    const std::size_t bar = forms.find('|');
    if (bar == std::string_view::npos) return false;
    forms.remove_prefix(bar + 1);
  }
  out = forms.substr(0, forms.find('|'));
  return true;
}

// What stands for `{place}`; false: it cannot be filled.
bool FillPlace(Lang lang, std::string_view place, Values values,
               std::string& out) {
  const std::size_t colon = place.find(':');
  const bool form_only = place.starts_with('#');
  const bool de = place.starts_with("de ");
  const std::size_t start = form_only ? 1 : de ? 3 : 0;
  const Value* value =
      Find(values, place.substr(start, colon == std::string_view::npos
                                           ? std::string_view::npos
                                           : colon - start));
  if (value == nullptr) return false;
  if (colon == std::string_view::npos) {
    out = de ? WithDe(Text(lang, *value)) : Text(lang, *value);
    return true;
  }
  const auto* n = std::get_if<std::uint64_t>(&value->value);
  std::string form;
  if (n == nullptr ||
      !PickForm(place.substr(colon + 1), PluralForm(lang, *n), form)) {
    return false;
  }
  const std::string_view space =
      lang == Lang::kEnglish ? std::string_view(" ") : kNoBreakSpace;
  out = form_only ? form : FormatNumber(lang, *n).append(space).append(form);
  return true;
}

// Whether a French name begins with a vowel sound. LIMIT: an h counts as mute.
bool BeginsWithVowel(std::string_view name) {
  constexpr std::string_view kVowels = "AEIOUHaeiouh";
  if (name.empty()) return false;
  if (kVowels.find(name[0]) != std::string_view::npos) return true;
  for (std::string_view accented :
       {"À", "Â", "Æ", "È", "É", "Ê", "Ë", "Î", "Ï", "Ô", "Œ", "Ù", "Û", "Ü",
        "à", "â", "æ", "è", "é", "ê", "ë", "î", "ï", "ô", "œ", "ù", "û", "ü"}) {
    if (name.starts_with(accented)) return true;
  }
  return false;
}

}  // namespace

std::size_t PluralForm(Lang lang, std::uint64_t n) {
  switch (lang) {
    case Lang::kEnglish:
      return n == 1 ? 0 : 1;
    case Lang::kFrench:
      return n <= 1 ? 0 : 1;
    case Lang::kRussian:
      break;
  }
  const std::uint64_t ten = n % 10;
  const std::uint64_t hundred = n % 100;
  if (ten == 1 && hundred != 11) return 0;
  if (ten >= 2 && ten <= 4 && (hundred < 12 || hundred > 14)) return 1;
  return 2;
}

std::string FormatNumber(Lang lang, std::uint64_t n) {
  const std::string digits = std::to_string(n);
  const std::string_view between =
      lang == Lang::kEnglish ? std::string_view(",") : kNoBreakSpace;
  // Four digits stay together in French and Russian.
  const bool grouped =
      digits.size() > 4 || (lang == Lang::kEnglish && digits.size() > 3);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (grouped && i > 0 && (digits.size() - i) % 3 == 0) out += between;
    out += digits[i];
  }
  return out;
}

std::string WithDe(std::string_view name) {
  return (BeginsWithVowel(name) ? "d’" : "de ") + std::string(name);
}

std::string Fill(Lang lang, std::string_view message, Values values) {
  std::string out;
  while (!message.empty()) {
    const std::size_t open = message.find('{');
    out += message.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = message.find('}', open);
    if (close == std::string_view::npos) return out.append(message, open);
    const std::string_view place = message.substr(open + 1, close - open - 1);
    std::string filled;
    out += FillPlace(lang, place, values, filled)
               ? filled
               : std::string(message.substr(open, close + 1 - open));
    message.remove_prefix(close + 1);
    // A text that ends with its own full stop needs no second one.
    if (out.ends_with('.') && message.starts_with('.')) {
      message.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace entente::policy
