#pragma once
// Invented people for the tests of this room.

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/model/person.h"

namespace entente::match {

inline model::Person MadePerson(std::string surname, std::string given,
                                std::string dob) {
  model::Person person;
  person.names.push_back(
      {std::move(surname), std::move(given), {}, model::NameKind::kDocument});
  person.dob = std::move(dob);
  person.sex = model::Sex::kFemale;
  person.nationalities = {"QOR"};
  return person;
}

inline model::Person MadeOrsina() {
  model::Person person = MadePerson("VALDERMAN", "ORSINA", "19870412");
  person.documents.push_back(
      {model::DocumentClass::kPassport, "KX4410982", "QOR", {}});
  return person;
}

inline model::ListEntry MadeEntry(const model::Person& person) {
  model::ListEntry entry;
  entry.names = person.names;
  entry.dobs = {person.dob};
  entry.sex = person.sex;
  entry.nationalities = person.nationalities;
  entry.documents = person.documents;
  return entry;
}

// Invented people by seed: one to four names of one to nine letters a field,
// typed or not, any sex, none to three nationalities and documents, full dates,
// years and none.
class MadeCrowd {
 public:
  explicit MadeCrowd(unsigned seed) : random_(seed) {}

  unsigned Upto(unsigned most) {
    return std::uniform_int_distribution<unsigned>(0, most)(random_);
  }
  std::string Word(unsigned least, unsigned most) {
    std::string word;
    const unsigned size = least + Upto(most - least);
    for (unsigned i = 0; i < size; ++i) {
      word.push_back(static_cast<char>('A' + static_cast<char>(Upto(25))));
    }
    return word;
  }
  std::string Words() {
    std::string words = Word(1, 9);
    for (unsigned more = Upto(3) / 2; more > 0; --more) {
      words += " " + Word(1, 9);
    }
    return words;
  }
  std::string Date() {
    const std::string day = std::to_string(10 + Upto(18));
    const std::string month = "0" + std::to_string(1 + Upto(8));
    const std::string year = std::to_string(1930 + Upto(80));
    const unsigned kind = Upto(9);
    return kind == 0 ? "" : kind == 1 ? year : year + month + day;
  }
  model::Person Person() {
    model::Person person =
        MadePerson(Words(), Upto(5) == 0 ? "" : Words(), Date());
    if (Upto(4) == 0) person.names = {{"", "", Words() + " " + Words(), {}}};
    if (Upto(9) == 0) person.dob_alt = Date();
    person.sex = static_cast<model::Sex>(Upto(3));
    person.nationalities.assign(Upto(3), "Q");
    for (std::string& code : person.nationalities) code += Word(2, 2);
    for (unsigned i = Upto(3); i > 0; --i) {
      person.documents.push_back({static_cast<model::DocumentClass>(Upto(4)),
                                  Word(2, 9),
                                  Upto(3) == 0 ? "" : "QVA",
                                  {}});
    }
    if (Upto(3) == 0) person.source = model::Source::kPnr;
    return person;
  }

 private:
  std::mt19937 random_;
};

inline std::vector<std::string> FieldsOf(ByteView text) {
  std::vector<std::string> fields(1);
  for (const char c : AsText(text)) {
    if (c == '\x1f') {
      fields.emplace_back();
    } else {
      fields.back().push_back(c);
    }
  }
  return fields;
}

}  // namespace entente::match
