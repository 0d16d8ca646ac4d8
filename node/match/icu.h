#pragma once
// The slow and complete road of the normal form, through ICU. Private to the
// room.

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <memory>
#include <string>
#include <string_view>

namespace entente::match {

// ICU's objects of one thread. The normalizers are ICU's own constants; the
// transliterator is ours.
class Icu {
 public:
  // Of the calling thread, made at the first call.
  static const Icu& OfThread();

  bool usable() const { return nfkc_ && nfkd_ && to_latin_; }

  // Steps 1 to 4 of the recipe: A-Z, 0-9 and blanks, not yet trimmed.
  // `transliterated` (may be null) tells whether step 4 was taken.
  std::string Fold(std::string_view field, bool* transliterated) const;
  // Can text be cut before `code_point` without a change of its normal forms?
  bool StandsAlone(char32_t code_point) const;

 private:
  Icu();
  icu::UnicodeString ReplaceLetters(const icu::UnicodeString& text) const;
  // Step 3; false when a letter had to be dropped.
  bool Spell(const icu::UnicodeString& replaced, std::string& out) const;
  icu::UnicodeString ToLatin(const icu::UnicodeString& text) const;

  const icu::Normalizer2* nfkc_ = nullptr;
  const icu::Normalizer2* nfkd_ = nullptr;
  std::unique_ptr<icu::Transliterator> to_latin_;
};

}  // namespace entente::match
