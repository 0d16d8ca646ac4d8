#pragma once
// The terms that the rules are written in: words, skeletons, dates, factors and
// documents of one unit. Private to the room. Terms hold a person's data:
// Forget() wipes them. Source: docs/protocol/recipe-1.md, sections 3 and 4.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/model/person.h"

namespace entente::match {

enum class GluedTitles : std::uint8_t { kKeep, kCut };

// A date of birth as the rules see it. `text` is YYYYMMDD when full, YYYY when
// only the year counts, else empty. The calendar is not looked at here: records
// hold dates in their normal form.
struct BirthDate {
  // Eight or four digits and a year other than 0000; anything else is absent.
  static BirthDate Of(std::string_view dob);

  bool full() const { return text.size() == 8; }
  bool any() const { return !text.empty(); }
  std::string_view year() const { return text.substr(0, 4); }
  std::string_view month() const { return text.substr(4, 2); }
  std::string_view day() const { return text.substr(6, 2); }

  std::string_view text;  // borrows from the record
};

// The name of a unit, in terms of section 4. All views borrow from this object:
// not copyable, not movable.
class NameTerms {
 public:
  NameTerms() = default;
  NameTerms(const NameTerms&) = delete;
  NameTerms& operator=(const NameTerms&) = delete;
  ~NameTerms() { Forget(); }

  void Build(const model::Name& name, GluedTitles glued);
  // Wipes what Build made; keeps the memory.
  void Forget();

  // Fewer than two words: no rule that holds a name may be used.
  bool enough() const { return t.size() >= 2; }

  using Views = std::vector<std::string_view>;
  Views t;             // words without particles, given names first
  Views ts;            // distinct words of t, byte order
  Views ph;            // distinct skeletons of words of two or more, byte order
  Views use;           // the five longest of ph, byte order
  Views skeletons;     // P of each of t, same order
  bool typed = false;  // surname and given name are known apart
  std::string n;       // ts joined by a blank
  std::string pn;      // ph joined by a blank
  std::string surname;            // S; when typed
  std::string given;              // G; when typed
  std::string surname_skeleton;   // P(S); when typed
  std::string given_skeleton;     // P(G); when typed
  std::string together_skeleton;  // P of all of t without blanks

 private:
  void BuildTyped(const Views& sur, const Views& giv);
  void BuildSkeletons();

  std::string folded_surname_, folded_given_, folded_full_;
  std::string skeleton_text_, scratch_;
  Views sur_, giv_, tok_, core_;
};

struct DocumentTerms {
  std::string number;  // normal form
  std::string_view issuer;
  char document_class = 0;  // P, I, V, R, O
};

// What the units of one person or entry have in common. Views borrow from the
// record given to Build.
struct CommonTerms {
  void Build(model::Sex sex, const std::vector<std::string>& nationalities,
             const std::vector<model::Document>& records);
  void Forget();
  ~CommonTerms() { Forget(); }

  using Factor = std::pair<char, std::string_view>;  // sex, nationality
  std::vector<Factor> factors;                       // sex outermost
  std::vector<DocumentTerms> documents;              // at most three
};

// The normal form of a document number; empty when it is no document.
std::string DocumentNumber(std::string_view number);

}  // namespace entente::match
