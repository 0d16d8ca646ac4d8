#include "node/match/icu.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <iterator>

#include "crypto/base/status.h"
#include "node/match/table.h"
#include "node/match/warm_up.h"

namespace entente::match {
namespace {

// Marks that are written or left out at will inside one name: apostrophes,
// their look-alikes, and the full stop.
constexpr char32_t kIgnored[] = {0x27,  0x2E,  0x60,  0x2B9,  0x2BB,
                                 0x2BC, 0x2BE, 0x2BF, 0x2018, 0x2019};

char32_t Upper(char32_t c) {
  return static_cast<char32_t>(u_toupper(static_cast<UChar32>(c)));
}

bool IsLatinOrDigit(char32_t c) {
  return (c >= U'A' && c <= U'Z') || (c >= U'0' && c <= U'9');
}

bool VanishesSilently(char32_t c) {
  const auto mask = U_GET_GC_MASK(static_cast<UChar32>(c));
  return (mask & (U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK)) != 0 ||
         std::find(std::begin(kIgnored), std::end(kIgnored), c) !=
             std::end(kIgnored);
}

bool CarriesSound(char32_t c) {
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) &
          (U_GC_L_MASK | U_GC_MC_MASK)) != 0;
}

template <class Each>
void ForEachCodePoint(const icu::UnicodeString& text, Each each) {
  for (int32_t i = 0; i < text.length();) {
    const UChar32 c = text.char32At(i);
    i += U16_LENGTH(c);
    each(static_cast<char32_t>(c));
  }
}

icu::UnicodeString FromUtf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

icu::UnicodeString Normalize(const icu::Normalizer2& normalizer,
                             const icu::UnicodeString& text) {
  UErrorCode error = U_ZERO_ERROR;
  icu::UnicodeString out = normalizer.normalize(text, error);
  if (U_FAILURE(error)) out.remove();
  return out;
}

bool HoldsIdeograph(const icu::UnicodeString& text) {
  bool found = false;
  ForEachCodePoint(text, [&](char32_t c) {
    found = found || u_hasBinaryProperty(static_cast<UChar32>(c),
                                         UCHAR_UNIFIED_IDEOGRAPH) != 0;
  });
  return found;
}

}  // namespace

Icu::Icu() {
  UErrorCode error = U_ZERO_ERROR;
  nfkc_ = icu::Normalizer2::getNFKCInstance(error);
  nfkd_ = icu::Normalizer2::getNFKDInstance(error);
  to_latin_.reset(icu::Transliterator::createInstance(
      icu::UnicodeString("Any-Latin; Latin-ASCII"), UTRANS_FORWARD, error));
  if (U_FAILURE(error)) to_latin_.reset();
}

const Icu& Icu::OfThread() {
  thread_local const Icu icu;
  return icu;
}

bool Icu::StandsAlone(char32_t code_point) const {
  const auto c = static_cast<UChar32>(code_point);
  return nfkc_->hasBoundaryBefore(c) != 0 && nfkd_->hasBoundaryBefore(c) != 0;
}

icu::UnicodeString Icu::ReplaceLetters(const icu::UnicodeString& text) const {
  icu::UnicodeString out;
  ForEachCodePoint(text, [&](char32_t c) {
    const Letter* letter = FindLetter(c);
    if (letter == nullptr) letter = FindLetter(Upper(c));
    if (letter == nullptr) {
      out.append(static_cast<UChar32>(c));
    } else {
      out.append(FromUtf8(letter->latin));
    }
  });
  return out;
}

bool Icu::Spell(const icu::UnicodeString& replaced, std::string& out) const {
  bool covered = true;
  out.clear();
  ForEachCodePoint(Normalize(*nfkd_, replaced), [&](char32_t c) {
    const char32_t upper = Upper(c);
    if (IsLatinOrDigit(upper)) {
      out.push_back(static_cast<char>(upper));
    } else if (const Letter* letter = FindLetter(upper)) {
      out.append(letter->latin);
    } else if (!VanishesSilently(c)) {
      out.push_back(' ');
      covered = covered && !CarriesSound(c);
    }
  });
  return covered;
}

icu::UnicodeString Icu::ToLatin(const icu::UnicodeString& text) const {
  icu::UnicodeString latin = text;
  to_latin_->transliterate(latin);
  // ICU puts a blank between the syllables of a Chinese name; passports do not.
  if (HoldsIdeograph(text)) {
    latin.findAndReplace(icu::UnicodeString(u" "), icu::UnicodeString());
  }
  return latin;
}

std::string Icu::Fold(std::string_view field, bool* transliterated) const {
  std::string out;
  if (transliterated != nullptr) *transliterated = false;
  if (!usable()) return out;
  const icu::UnicodeString replaced =
      ReplaceLetters(Normalize(*nfkc_, FromUtf8(field)));
  if (Spell(replaced, out)) return out;
  if (transliterated != nullptr) *transliterated = true;
  Spell(ReplaceLetters(Normalize(*nfkc_, ToLatin(replaced))), out);
  return out;
}

absl::Status WarmUp() {
  const Icu& icu = Icu::OfThread();
  if (!icu.usable()) {
    return Unready(
        "ICU or its data is missing: `Any-Latin; Latin-ASCII`, NFKC or NFKD "
        "cannot be made");
  }
  // One letter or two of each script that names come in.
  for (const std::string_view sample :
       {"\u00e9\u0141", "\u0429",       "\u03a9",       "\u0645\u062d",
        "\u05d2",       "\u0570",       "\u10d0",       "\u0905\u092e",
        "\u0985",       "\u0a05",       "\u0a85",       "\u0b85",
        "\u0c05",       "\u0c85",       "\u0d05",       "\u0e2a\u0e21",
        "\u0e81",       "\u1000",       "\u1780",       "\u1200",
        "\u738b\u5c0f", "\u3084\u307e", "\u30ab\u30ca", "\uae40\uccad"}) {
    icu.Fold(sample, nullptr);
  }
  return absl::OkStatus();
}

}  // namespace entente::match
