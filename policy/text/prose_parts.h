#pragma once
// The writer that the parts of the prose share.

#include <string>
#include <string_view>
#include <vector>

#include "policy/agreement.h"
#include "policy/catalogue.h"
#include "policy/text/language.h"

namespace entente::policy::prose {

enum class Penalty : std::uint8_t { kBeside, kElsewhere };

// Collects lines; remembers the first word that the language lacks.
class Writer {
 public:
  Writer(const Agreement& agreement, const Catalogues& catalogues,
         const Language& language)
      : agreement_(agreement), catalogues_(catalogues), language_(language) {}

  const Agreement& agreement() const { return agreement_; }
  const Catalogues& catalogues() const { return catalogues_; }
  const Language& language() const { return language_; }

  // A numbered heading, after an empty line.
  void Section(std::string_view code);
  // A heading of one item, after an empty line.
  void Item(std::string_view code, Values values);
  // One statement of the item.
  void Line(std::string_view code, Values values = {});
  // A line as it is.
  void Raw(std::string_view text);

  std::string Say(std::string_view code, Values values = {}) const {
    return language_.Say(code, values);
  }
  // The name of a word.
  std::string Name(std::string_view section, std::string_view code);
  std::string PartyName(std::string_view code) const;
  // A leaf, with the sentence it asks for unless that is said elsewhere.
  std::string Leaf(const std::string& code, Penalty penalty);
  // A leaf, or a group with the number of its leaves.
  std::string Purpose(const std::string& word);
  std::string Purposes(const std::vector<std::string>& words);
  std::string Fields(const std::vector<std::string>& codes);
  // ` (7 days)` where hours are whole days, two or more; else nothing.
  std::string InDays(std::uint32_t hours) const;
  // The names of a set's words, in the order of the format.
  template <class E>
  std::string Words(std::string_view section, WordSet<E> set) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < WordList<E>::kWords.size(); ++i) {
      if (set.Has(static_cast<E>(i))) {
        names.push_back(Name(section, WordList<E>::kWords[i]));
      }
    }
    return language_.List(names);
  }

  const std::string& missing() const { return missing_; }
  std::string Take() { return std::move(out_); }

 private:
  const Agreement& agreement_;
  const Catalogues& catalogues_;
  const Language& language_;
  std::string out_;
  std::string missing_;
  int section_ = 0;
};

// The number of the section that lists groups and sensitive fields.
inline constexpr std::string_view kWordsSection = "11";

// prose_clause.cc
void WriteClauses(Writer& w);

}  // namespace entente::policy::prose
