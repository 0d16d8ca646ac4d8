#include "node/ingest/codes.h"

#include "tests/testing/status_matchers.h"

namespace entente::ingest {
namespace {

TEST(SexTest, ReadsCodesInfantsAndTheUnknown) {
  EXPECT_EQ(ReadSex("F").sex, model::Sex::kFemale);
  EXPECT_EQ(ReadSex(" m ").sex, model::Sex::kMale);
  EXPECT_EQ(ReadSex("X").sex, model::Sex::kOther);
  EXPECT_EQ(ReadSex("FI").sex, model::Sex::kFemale);
  EXPECT_TRUE(ReadSex("FI").infant);
  EXPECT_EQ(ReadSex("MI").sex, model::Sex::kMale);
  EXPECT_TRUE(ReadSex("MI").infant);
  EXPECT_FALSE(ReadSex("M").infant);
  for (const char* unknown : {"", "U", "<", "  "}) {
    EXPECT_EQ(ReadSex(unknown).sex, model::Sex::kUnknown);
    EXPECT_TRUE(ReadSex(unknown).known) << unknown;
  }
  EXPECT_EQ(ReadSex("1").sex, model::Sex::kUnknown);
  EXPECT_FALSE(ReadSex("1").known);
}

TEST(CountryTest, MapsTwoLettersAndTheBritishVariants) {
  EXPECT_EQ(ReadCountry("PH").code, "PHL");
  EXPECT_EQ(ReadCountry("de").code, "DEU");
  EXPECT_EQ(ReadCountry("D").code, "DEU");
  EXPECT_EQ(ReadCountry("AF").code, "AFG");
  EXPECT_EQ(ReadCountry("ZW").code, "ZWE");
  EXPECT_EQ(ReadCountry("UK").code, "GBR");
  for (const char* british : {"GBD", "GBN", "GBO", "GBP", "GBS"}) {
    EXPECT_EQ(ReadCountry(british).code, "GBR") << british;
  }
}

TEST(CountryTest, KeepsThreeLetterCodesOfStatesAndOrganisations) {
  for (const char* code : {"QOR", "QVA", "QMA", "QZZ", "XXA", "XXB", "XXC",
                           "UNO", "UNA", "XPO", "EUE", "FRA"}) {
    EXPECT_EQ(ReadCountry(code).code, code);
    EXPECT_TRUE(ReadCountry(code).known) << code;
  }
}

TEST(CountryTest, NamesTheUnknownAndKeepsOnlyLetters) {
  EXPECT_EQ(ReadCountry("XXX").code, "");
  EXPECT_EQ(ReadCountry("UNK").code, "");
  EXPECT_EQ(ReadCountry("").code, "");
  EXPECT_TRUE(ReadCountry("").known);
  EXPECT_EQ(ReadCountry("ZZZ").code, "ZZZ");
  EXPECT_FALSE(ReadCountry("ZZZ").known);
  EXPECT_FALSE(ReadCountry("QAA").known);
  EXPECT_EQ(ReadCountry("ZZ").code, "ZZ");
  EXPECT_EQ(ReadCountry("ORSENA").code, "");
  EXPECT_FALSE(ReadCountry("ORSENA").known);
  EXPECT_EQ(ReadCountry("1").code, "");
}

TEST(DocumentClassTest, GoesByTheFirstLetter) {
  EXPECT_EQ(ReadDocumentClass("P"), model::DocumentClass::kPassport);
  EXPECT_EQ(ReadDocumentClass("pn"), model::DocumentClass::kPassport);
  for (const char* id : {"I", "AC", "C"}) {
    EXPECT_EQ(ReadDocumentClass(id), model::DocumentClass::kIdentityCard);
  }
  EXPECT_EQ(ReadDocumentClass("V"), model::DocumentClass::kVisa);
  EXPECT_EQ(ReadDocumentClass("R"), model::DocumentClass::kResidence);
  EXPECT_EQ(ReadDocumentClass(""), model::DocumentClass::kOther);
  EXPECT_EQ(ReadDocumentClass("K"), model::DocumentClass::kOther);
}

}  // namespace
}  // namespace entente::ingest
