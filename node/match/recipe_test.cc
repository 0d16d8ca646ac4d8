#include "node/match/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "crypto/primitive/hash.h"
#include "crypto/primitive/random.h"
#include "node/match/local.h"
#include "node/match/made_people.h"

namespace entente::match {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Set kAllSets[] = {Set::kStandard, Set::kNarrow, Set::kWide};

// `A4|VALDERMAN|ORSINA|19870412`
std::string SpellText(ByteView text) {
  std::string out;
  const std::vector<std::string> fields = FieldsOf(text);
  for (std::size_t i = 1; i < fields.size(); ++i) {
    out += (i > 1 ? "|" : "") + fields[i];
  }
  return out;
}

template <class K>
std::vector<std::string> Spell(const std::vector<K>& keys) {
  std::vector<std::string> out;
  for (const K& key : keys) out.push_back(SpellText(key.text));
  return out;
}

std::vector<std::string> OfRule(const std::vector<std::string>& spelled,
                                std::string_view rule) {
  std::vector<std::string> out;
  for (const std::string& key : spelled) {
    if (key.starts_with(std::string(rule) + "|")) out.push_back(key);
  }
  return out;
}

std::vector<std::string> Query(const model::Person& person,
                               Set set = Set::kStandard) {
  return Spell(QueryKeys(person, set));
}

bool Meet(const model::Person& asked, const model::Person& listed,
          std::string_view rule, Set set = Set::kStandard) {
  const auto keys = OfRule(Query(asked, set), rule);
  for (const auto& unit : ListUnits(MadeEntry(listed), set)) {
    for (const std::string& key : OfRule(Spell(unit), rule)) {
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) return true;
    }
  }
  return false;
}

TEST(RecipeTest, TheKeyOfThePageHasItsHash) {
  for (const Key& key : QueryKeys(MadeOrsina(), Set::kStandard)) {
    if (key.rule != 0x14) continue;
    EXPECT_EQ(AsText(key.text),
              "entente/recipe/1\x1f"
              "A4\x1f"
              "VALDERMAN\x1f"
              "ORSINA\x1f"
              "19870412");
    EXPECT_TRUE(ToHex(primitive::Sha256(ByteView(key.text)))
                    .starts_with("c95cc987daeee82bad9f987096eb33e6"));
    return;
  }
  FAIL() << "no A4 key";
}

TEST(RecipeTest, AKeySetIsTheWholeRecipeFilteredAndCut) {
  MadeCrowd crowd(1);
  for (int i = 0; i < 3000; ++i) {
    const model::Person person = crowd.Person();
    const std::vector<LocalKey> whole = LocalQueryKeys(person);
    const auto units = LocalListUnits(MadeEntry(person));
    for (const Set set : kAllSets) {
      const auto filtered = [&](const std::vector<LocalKey>& all,
                                std::size_t limit) {
        std::vector<Key> want;
        for (const LocalKey& key : all) {
          if (Holds(set, key.rule) && want.size() < limit) {
            want.push_back({key.rule, key.text});
          }
        }
        return want;
      };
      ASSERT_EQ(QueryKeys(person, set),
                filtered(whole, ElementsPerPerson(set)));
      const auto listed = ListUnits(MadeEntry(person), set);
      // A list does not cut glued titles.
      ASSERT_EQ(listed.size(), units.size());
      for (std::size_t u = 0; u < units.size(); ++u) {
        ASSERT_EQ(listed[u], filtered(units[u], EntriesPerUnit(set)));
      }
    }
  }
}

TEST(RecipeTest, NoKeyForAPeerIsLocalOrRepeatedOrHoldsAnEmptyField) {
  MadeCrowd crowd(2);
  for (int i = 0; i < 3000; ++i) {
    const model::Person person = crowd.Person();
    for (const Set set : kAllSets) {
      auto all = ListUnits(MadeEntry(person), set);
      all.push_back(QueryKeys(person, set));
      for (const std::vector<Key>& keys : all) {
        std::set<Bytes> texts;
        for (const Key& key : keys) {
          ASSERT_TRUE(Holds(set, key.rule));
          ASSERT_TRUE(texts.insert(key.text).second);
          const std::vector<std::string> fields = FieldsOf(key.text);
          ASSERT_EQ(fields[0], "entente/recipe/1");
          ASSERT_EQ(fields[1], RuleName(key.rule));
          ASSERT_THAT(fields, Not(Contains("")));
          ASSERT_FALSE(key.rule == 0xB3 && fields[2] == "T");
        }
      }
    }
  }
}

// A name alone never leaves: A1 holds a document, every other key two digits of
// a date or a year.
TEST(RecipeTest, EveryKeyHoldsADocumentOrADate) {
  MadeCrowd crowd(4);
  for (int i = 0; i < 3000; ++i) {
    model::Person person = crowd.Person();
    for (const Set set : kAllSets) {
      for (const Key& key : QueryKeys(person, set)) {
        if (key.rule == 0x11) continue;
        const auto fields = FieldsOf(key.text);
        const bool dated = std::any_of(
            fields.begin() + 2, fields.end(), [](const std::string& field) {
              return std::count_if(field.begin(), field.end(), [](char c) {
                       return c >= '0' && c <= '9';
                     }) >= 4;
            });
        ASSERT_TRUE(dated) << RuleName(key.rule);
      }
    }
    person.dob.clear();
    person.dob_alt.clear();
    person.documents.clear();
    for (const Set set : kAllSets) {
      ASSERT_THAT(QueryKeys(person, set), IsEmpty());
    }
  }
}

TEST(RecipeTest, PaddedQueryIsAlwaysTheSameNumberOfElements) {
  MadeCrowd crowd(5);
  for (int i = 0; i < 500; ++i) {
    const model::Person person = crowd.Person();
    for (const Set set : kAllSets) {
      const auto keys = PaddedQuery(&person, set, primitive::RandomBytes);
      const auto real = QueryKeys(person, set);
      ASSERT_EQ(keys.size(), ElementsPerPerson(set));
      ASSERT_TRUE(std::equal(real.begin(), real.end(), keys.begin()));
      std::set<Bytes> texts;
      for (std::size_t k = 0; k < keys.size(); ++k) {
        ASSERT_EQ(keys[k].rule == 0, k >= real.size());
        ASSERT_TRUE(texts.insert(keys[k].text).second);
      }
    }
  }
}

TEST(RecipeTest, AProtectedPersonIsDummiesOnly) {
  const auto keys = PaddedQuery(nullptr, Set::kWide, [](MutableByteView out) {
    std::fill(out.begin(), out.end(), std::uint8_t{0xAB});
  });
  ByteArray<32> random;
  random.fill(0xAB);
  EXPECT_EQ(keys, std::vector<Key>(24, Dummy(random)));
}

TEST(RecipeTest, ADeriverGivesTheSameForManyAndForgetsNothingOfTheCounts) {
  MadeCrowd crowd(6);
  Deriver deriver;
  KeyBatch batch;
  std::size_t total = 0, empty = 0;
  for (int i = 0; i < 1000; ++i) {
    const model::Person person = crowd.Person();
    const auto want = QueryKeys(person, Set::kStandard);
    ASSERT_EQ(deriver.Query(person, Set::kStandard, batch), want.size());
    for (std::size_t k = 0; k < want.size(); ++k) {
      ASSERT_EQ(batch[total + k].rule, want[k].rule);
      ASSERT_EQ(ToBytes(batch[total + k].text), want[k].text);
    }
    total += want.size();
    if (want.empty()) ++empty;
  }
  EXPECT_EQ(batch.size(), total);
  EXPECT_EQ(deriver.tally().without_keys, empty);
  EXPECT_GT(deriver.tally().name_too_short, 0U);
}

TEST(RecipeTest, TheDocumentsNameOutranksTheBookings) {
  model::Person person = MadePerson("BRANDOLE", "ILSE", "19870412");
  person.names.front().kind = model::NameKind::kBooking;
  EXPECT_THAT(Query(person), Contains("A4|BRANDOLE|ILSE|19870412"));
  person.names.push_back({"TESKOV", "IVEN", {}, model::NameKind::kDocument});
  EXPECT_THAT(OfRule(Query(person), "A4"),
              ElementsAre("A4|TESKOV|IVEN|19870412"));
  person.names = {{"TESKOV", "IVEN", {}, model::NameKind::kAlias}};
  EXPECT_THAT(Query(person), IsEmpty());
}

TEST(RecipeTest, TheEarlierCenturyFollowsUnderTheSameLimit) {
  model::Person person = MadeOrsina();
  const auto first = Query(person);
  person.dob = "19120412";
  const auto second = Query(person);
  person.dob = "19870412";
  person.dob_alt = "19120412";
  const auto both = Query(person);
  EXPECT_EQ(both.size(), 48U);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), both.begin()));
  // A1 has no date and stands once; A2 of the second date comes next.
  EXPECT_EQ(OfRule(both, "A1").size(), 1U);
  EXPECT_EQ(both[first.size()], second[1]);
  Deriver deriver;
  KeyBatch batch;
  deriver.Query(person, Set::kStandard, batch);
  EXPECT_EQ(deriver.tally().cut, 1U);
}

TEST(RecipeTest, YearOnlyLeavesTheYearRules) {
  model::Person person = MadePerson("VALDERMAN", "ORSINA", "1987");
  EXPECT_THAT(Query(person), ElementsAre("B7|ORSINA VALDERMAN|1987"));
  EXPECT_THAT(Query(person, Set::kNarrow),
              ElementsAre("B7F|ORSINA VALDERMAN|1987|F|QOR"));
}

TEST(RecipeTest, DatesThatAreNoneGiveNoDateKey) {
  for (const char* dob : {"", "87", "198704", "19870412 ", "1987041x",
                          "1987-04-12", "00000412", "0000"}) {
    EXPECT_THAT(Query(MadePerson("VALDERMAN", "ORSINA", dob)), IsEmpty())
        << dob;
  }
}

TEST(RecipeTest, YearsKeepFourDigitsAtBothEnds) {
  const auto years = [](const char* dob) {
    const auto unit =
        ListUnits(MadeEntry(MadePerson("VALDERMAN", "ORSINA", dob)), Set::kWide)
            .front();
    return OfRule(Spell(unit), "C2");
  };
  EXPECT_THAT(
      years("0002"),
      ElementsAre("C2|ORSINA VALDERMAN|0001", "C2|ORSINA VALDERMAN|0003",
                  "C2|ORSINA VALDERMAN|0004", "C2|ORSINA VALDERMAN|0005"));
  EXPECT_THAT(years("9999"), ElementsAre("C2|ORSINA VALDERMAN|9996",
                                         "C2|ORSINA VALDERMAN|9997",
                                         "C2|ORSINA VALDERMAN|9998"));
}

TEST(RecipeTest, FactorsAreSexOutermostAndTwoNationalitiesAtMost) {
  model::Person person = MadePerson("VALDERMAN", "ORSINA", "1987");
  person.sex = model::Sex::kOther;
  person.nationalities = {"XXX", "QVA", "", "QOR", "QTM"};
  const std::string key = "B7F|ORSINA VALDERMAN|1987|";
  EXPECT_THAT(
      Query(person, Set::kNarrow),
      ElementsAre(key + "F|QVA", key + "F|QOR", key + "M|QVA", key + "M|QOR"));
  person.nationalities = {"UNK"};
  EXPECT_THAT(Query(person, Set::kNarrow), IsEmpty());
}

TEST(RecipeTest, NothingForeignEntersAKeyText) {
  model::Person person = MadePerson(
      "VAL\x1f"
      "DER",
      "OR\x1f"
      "SINA",
      "19870412");
  person.nationalities = {
      "Q\x1f"
      "R",
      "qor", "QORQORQOR"};
  person.documents.push_back({model::DocumentClass::kPassport,
                              "KX44\x1f"
                              "10982",
                              "Q\x1f",
                              {}});
  for (const Set set : kAllSets) {
    for (const Key& key : QueryKeys(person, set)) {
      EXPECT_FALSE(RuleName(key.rule).ends_with('F'));
      EXPECT_NE(key.rule, 0x11);
      EXPECT_LE(FieldsOf(key.text).size(), 5U);
    }
  }
  EXPECT_THAT(Query(person), Contains("A2|KX4410982|19870412"));
}

TEST(RecipeTest, DocumentsHaveTheirNormalForm) {
  model::Person person;
  person.dob = "19870412";
  for (const char* number :
       {"0000", "0000000", "A123", "000A12", "77777", "", "---"}) {
    person.documents = {{model::DocumentClass::kPassport, number, "QOR", {}}};
    EXPECT_THAT(Query(person), IsEmpty()) << number;
  }
  person.documents = {{model::DocumentClass::kVisa, "00-1o2 34.5", "QOR", {}}};
  EXPECT_THAT(Query(person),
              ElementsAre("A1|102345|QOR|V", "A2|102345|19870412"));
  person.documents.front().issuer = "XXX";
  EXPECT_THAT(Query(person), ElementsAre("A2|102345|19870412"));
}

TEST(RecipeTest, TheFirstThreeDocumentsCount) {
  model::Person person;
  person.dob = "19870412";
  for (const char* number : {"00000", "AB111", "AB222", "AB333", "AB444"}) {
    person.documents.push_back(
        {model::DocumentClass::kIdentityCard, number, "QOR", {}});
  }
  EXPECT_THAT(Query(person),
              ElementsAre("A1|AB111|QOR|I", "A1|AB222|QOR|I", "A1|AB333|QOR|I",
                          "A2|AB111|19870412", "A2|AB222|19870412",
                          "A2|AB333|19870412"));
}

TEST(RecipeTest, OneWordMakesNoNameKey) {
  EXPECT_THAT(Query(MadePerson("SOLO", "", "19751209")), IsEmpty());
  EXPECT_THAT(Query(MadePerson("FNU", "KHALDANE", "19751209")), IsEmpty());
  EXPECT_THAT(Query(MadePerson("", "", "19751209")), IsEmpty());
  EXPECT_THAT(Query(MadePerson("---", "'", "19751209")), IsEmpty());
}

TEST(RecipeTest, WordsWithoutSkeletonMakeNoKeyOfADateAlone) {
  for (const std::string& key :
       Query(MadePerson("A", "B", "19870412"), Set::kWide)) {
    EXPECT_THAT(key, Not(::testing::StartsWith("C1|")));
    EXPECT_THAT(key, Not(::testing::StartsWith("C3F|T|")));
  }
}

TEST(RecipeTest, GluedTitlesAreCutForBookingsOnly) {
  model::Person person = MadePerson("MERIDI", "SAMIRMR", "20011224");
  EXPECT_THAT(Query(person), Contains("A4|MERIDI|SAMIRMR|20011224"));
  person.source = model::Source::kPnr;
  EXPECT_THAT(Query(person), Contains("A4|MERIDI|SAMIR|20011224"));
}

TEST(RecipeTest, OneTypoInTheSurnameMeetsInB3) {
  MadeCrowd crowd(8);
  for (int i = 0; i < 2000; ++i) {
    const std::string surname = crowd.Word(5, 11);
    std::string typo = surname;
    const std::size_t at = crowd.Upto(static_cast<unsigned>(typo.size()) - 2);
    switch (crowd.Upto(3)) {
      case 0:
        typo.erase(at, 1);
        break;
      case 1:
        typo.insert(at, crowd.Word(1, 1));
        break;
      case 2:
        typo[at] = crowd.Word(1, 1)[0];
        break;
      default:
        std::swap(typo[at], typo[at + 1]);
    }
    ASSERT_TRUE(Meet(MadePerson(surname, "ORSINA", "19870412"),
                     MadePerson(typo, "ORSINA", "19870412"), "B3"))
        << surname << " " << typo;
  }
}

TEST(RecipeTest, DayAndMonthSwappedMeetInB5) {
  EXPECT_TRUE(Meet(MadePerson("VALDERMAN", "ORSINA", "19870411"),
                   MadePerson("VALDERMAN", "ORSINA", "19871104"), "B5"));
  EXPECT_THAT(
      OfRule(Query(MadePerson("VALDERMAN", "ORSINA", "19870413")), "B5"),
      IsEmpty());
  EXPECT_THAT(
      OfRule(Query(MadePerson("VALDERMAN", "ORSINA", "19870404")), "B5"),
      IsEmpty());
}

TEST(RecipeTest, YearsUpToThreeOffMeetInC2) {
  for (int off = -4; off <= 4; ++off) {
    const std::string dob = std::to_string(1987 + off) + "0412";
    EXPECT_EQ(Meet(MadePerson("VALDERMAN", "ORSINA", "19870412"),
                   MadePerson("VALDERMAN", "ORSINA", dob), "C2", Set::kWide),
              off != 0 && off >= -3 && off <= 3);
  }
}

TEST(RecipeTest, AnEntryHasAUnitForEachNameAndDate) {
  model::ListEntry entry = MadeEntry(MadeOrsina());
  entry.names.push_back({{}, {}, "ORSINA BRANDOLE", model::NameKind::kAlias});
  entry.dobs = {"19870412", "1988"};
  const auto units = ListUnits(entry, Set::kStandard);
  ASSERT_EQ(units.size(), 4U);
  EXPECT_THAT(Spell(units[0]), Contains("A3|ORSINA VALDERMAN|19870412"));
  EXPECT_THAT(Spell(units[1]), Contains("B7|ORSINA VALDERMAN|1988"));
  EXPECT_THAT(Spell(units[2]), Contains("A3|BRANDOLE ORSINA|19870412"));
  EXPECT_THAT(Spell(units[3]), Contains("B7|BRANDOLE ORSINA|1988"));
}

TEST(RecipeTest, AnEntryHasSixteenUnitsAtMost) {
  model::ListEntry entry = MadeEntry(MadeOrsina());
  entry.names.resize(9, entry.names.front());
  entry.dobs = {"1987", "1988"};
  EXPECT_EQ(ListUnits(entry, Set::kWide).size(), 16U);
}

TEST(RecipeTest, AnEntryWithoutNameOrDateStillHasItsDocument) {
  model::ListEntry entry;
  entry.documents.push_back(
      {model::DocumentClass::kPassport, "KX4410982", "QOR", {}});
  const auto units = ListUnits(entry, Set::kStandard);
  ASSERT_EQ(units.size(), 1U);
  EXPECT_THAT(Spell(units[0]), ElementsAre("A1|KX4410982|QOR|P"));
}

TEST(RecipeTest, ABookingWithoutDateAndDocumentAsksNobody) {
  model::Person person = MadePerson("VALDERMAN", "ORSINA", "");
  EXPECT_TRUE(AsksPeers(person));
  person.source = model::Source::kPnr;
  EXPECT_FALSE(AsksPeers(person));
  person.documents = {{model::DocumentClass::kPassport, "00000", "QOR", {}}};
  EXPECT_FALSE(AsksPeers(person));
  person.documents = {{model::DocumentClass::kPassport, "KX4410982", "", {}}};
  EXPECT_TRUE(AsksPeers(person));
  person.documents.clear();
  person.dob = "1987";
  EXPECT_TRUE(AsksPeers(person));
}

TEST(RecipeTest, AHugeFieldGivesBoundedKeys) {
  std::string words;
  for (int i = 0; i < 8000; ++i) words += "VALDER" + std::to_string(i) + " ";
  model::Person person = MadePerson(words, words, "19870412");
  for (const Set set : kAllSets) {
    EXPECT_LE(QueryKeys(person, set).size(), ElementsPerPerson(set));
  }
}

TEST(LocalTest, NamesAloneAreForTheOwnListAndOnlyWithoutADate) {
  const model::Person person = MadePerson("VALDERMAN", "ORSINA", "19870412");
  const auto asked = Spell(LocalQueryKeys(person));
  EXPECT_THAT(OfRule(asked, "D1"), ElementsAre("D1|ORSINA VALDERMAN"));
  model::ListEntry entry = MadeEntry(person);
  EXPECT_THAT(OfRule(Spell(LocalListUnits(entry).front()), "D1"), IsEmpty());
  entry.dobs.clear();
  EXPECT_THAT(Spell(LocalListUnits(entry).front()),
              ElementsAre("D1|ORSINA VALDERMAN", "D2|ARSN FLTRMN"));
}

}  // namespace
}  // namespace entente::match
