#pragma once
// The normal form: what a name or number field becomes before any rule looks at
// it. Words of A-Z and 0-9. Thread-safe: ICU's objects are one set per thread.
// Results are personal data. Source: docs/protocol/recipe-1.md, section 1.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace entente::match {

// Replaces the content of `out` with the words of `field` (UTF-8), joined by
// one blank. Malformed UTF-8 acts as a blank. Words of a script that ICU cannot
// write in Latin letters are lost. Empty when nothing is left, and when ICU is
// needed but unusable (WarmUp says so).
void FoldInto(std::string_view field, std::string& out);
std::string Fold(std::string_view field);
// The same by the letter of the recipe, without short cuts: what the short cuts
// are tested against.
std::string FoldPlainly(std::string_view field);
// Must the field go through ICU's transliteration? For the vectors.
bool NeedsTransliteration(std::string_view field);

// Cuts a title that is glued to the last word of a folded given name, such as
// SAMIRMR. Only for given names from a booking.
void CutGluedTitle(std::string& folded);

// Splits a folded field into words that borrow from it, without placeholders
// and without titles (the titles stay when nothing else would).
void Words(std::string_view folded, std::vector<std::string_view>& out);

// `words` without particles if that leaves at least min(least, size) of them,
// else all of them.
void Core(const std::vector<std::string_view>& words, std::size_t least,
          std::vector<std::string_view>& out);

}  // namespace entente::match
