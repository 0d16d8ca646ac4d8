#pragma once
// A language of the prose: names for the words of the format and of the
// catalogues, and the sentences they stand in. One file for each language,
// policy/text/lang/; a word that a file lacks is an error, never a guess.
//
// File: `[section]` lines, then `"code" = "text"`, one a line; `#` begins a
// comment. No escapes.
// Immutable once made; thread-safe to read.

#include <absl/status/statusor.h>

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "policy/text/message.h"

namespace entente::policy {

class Language {
 public:
  // `en`, `fr` or `ru`. INVALID_ARGUMENT: another one.
  static absl::StatusOr<const Language*> Of(std::string_view code);
  // INVALID_ARGUMENT: a line that is neither, or a code twice in a section.
  static absl::StatusOr<Language> Parse(Lang lang, std::string_view file);

  Lang lang() const { return lang_; }

  // The name of a word; null: the file has none.
  const std::string* Find(std::string_view section,
                          std::string_view code) const;
  // The sentence `code` of section `say`, filled. `{?code}`: there is none.
  std::string Say(std::string_view code, Values values = {}) const;

  // `1 January 2026, 00:00 UTC` and `1 January 2026`.
  std::string Instant(std::int64_t seconds) const;
  std::string Date(std::int64_t seconds) const;
  // `one; two; three`.
  std::string List(std::span<const std::string> items) const;

  const std::map<std::string, std::string, std::less<>>& words() const {
    return words_;
  }

 private:
  explicit Language(Lang lang) : lang_(lang) {}

  Lang lang_;
  std::map<std::string, std::string, std::less<>> words_;  // `section/code`
};

}  // namespace entente::policy
