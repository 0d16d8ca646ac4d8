#include "node/ingest/dates.h"

#include "tests/testing/status_matchers.h"

namespace entente::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kDay = "20260601";

std::string Dob(std::string_view text) {
  return ReadBirth(text, kDay, Child::kNo).dob;
}

TEST(BirthTest, ReadsEveryWayOfWriting) {
  for (const char* text :
       {"870412", "19870412", "1987-04-12", "12/04/1987", "12.4.1987",
        "12APR87", "12APR1987", "12 Apr 1987", " 870412 ", "8704 12",
        "87 04 12", "1987 04 12", "1987/4/12", "12 APRIL 1987"}) {
    const Birth birth = ReadBirth(text, kDay, Child::kNo);
    EXPECT_EQ(birth.dob, "19870412") << text;
    EXPECT_EQ(birth.dob_alt, "") << text;
    EXPECT_EQ(birth.notes, DateNotes{}) << text;
  }
}

TEST(BirthTest, KeepsTheYearOfAnImpossibleDay) {
  for (const char* text :
       {"19991131", "991131", "19990001", "19990100", "19990000", "00/07/1999",
        "30FEB1999", "1999", "1999-07", "07/1999", "JUL 1999", "circa 1999",
        "ca. 1999", "about 1999"}) {
    const Birth birth = ReadBirth(text, kDay, Child::kNo);
    EXPECT_EQ(birth.dob, "1999") << text;
    EXPECT_TRUE(birth.notes.partial) << text;
  }
  EXPECT_EQ(Dob("20000229"), "20000229");
  EXPECT_EQ(Dob("19000229"), "1900");
}

TEST(BirthTest, LeavesOutTheFutureAndWhatIsNoDate) {
  EXPECT_EQ(Dob("20260601"), "20260601");
  EXPECT_EQ(Dob("20260602"), "");
  EXPECT_TRUE(ReadBirth("20260602", kDay, Child::kNo).notes.future);
  EXPECT_TRUE(ReadBirth("2027", kDay, Child::kNo).notes.future);
  for (const char* text :
       {"SOON", "12", "00000000", "0001", "12XYZ1987", "1987-04-12-01-02",
        "1978/1982", "19870412Z", "?", "123456789012345678901234567890"}) {
    const Birth birth = ReadBirth(text, kDay, Child::kNo);
    EXPECT_EQ(birth.dob, "") << text;
    EXPECT_TRUE(birth.notes.unread) << text;
  }
  EXPECT_EQ(ReadBirth("", kDay, Child::kNo).notes, DateNotes{});
  EXPECT_EQ(ReadBirth("   ", kDay, Child::kNo).notes, DateNotes{});
}

TEST(BirthTest, TwoDigitYearsGoByTheJourney) {
  // Only one century fits.
  EXPECT_EQ(Dob("590903"), "19590903");
  EXPECT_FALSE(ReadBirth("590903", kDay, Child::kNo).notes.century);
  // 1904-05-31 is more than 120 years before the journey.
  EXPECT_EQ(Dob("040531"), "20040531");
  EXPECT_FALSE(ReadBirth("040531", kDay, Child::kNo).notes.century);
  // Both fit, and the younger one is no small child.
  const Birth adult = ReadBirth("100101", kDay, Child::kNo);
  EXPECT_EQ(adult.dob, "20100101");
  EXPECT_EQ(adult.dob_alt, "");
  EXPECT_TRUE(adult.notes.century);
}

TEST(BirthTest, ASmallChildMayBeAnElder) {
  const Birth open = ReadBirth("180517", kDay, Child::kNo);
  EXPECT_EQ(open.dob, "20180517");
  EXPECT_EQ(open.dob_alt, "19180517");
  EXPECT_TRUE(open.notes.century);
  const Birth said = ReadBirth("180517", kDay, Child::kSaid);
  EXPECT_EQ(said.dob, "20180517");
  EXPECT_EQ(said.dob_alt, "");
  // Nine years and a day short of ten; then ten.
  EXPECT_EQ(ReadBirth("160602", kDay, Child::kNo).dob_alt, "19160602");
  EXPECT_EQ(ReadBirth("160601", kDay, Child::kNo).dob_alt, "");
  // Year only.
  EXPECT_EQ(ReadBirth("181131", kDay, Child::kNo).dob, "2018");
  EXPECT_EQ(ReadBirth("181131", kDay, Child::kNo).dob_alt, "1918");
}

TEST(BirthTest, WithoutAReferenceBothCenturiesStayOpen) {
  const Birth birth = ReadBirth("590903", "", Child::kNo);
  EXPECT_EQ(birth.dob, "20590903");
  EXPECT_EQ(birth.dob_alt, "19590903");
  EXPECT_EQ(ReadBirth("20990101", "", Child::kNo).dob, "20990101");
}

TEST(BirthTest, ACenturyOnTheEdgeOfTheJourney) {
  EXPECT_EQ(Dob("260601"), "20260601");
  EXPECT_EQ(Dob("260602"), "19260602");
  EXPECT_TRUE(ReadBirth("990101", "19980101", Child::kNo).notes.future);
}

TEST(ListBirthsTest, GivesOneYearEachFiveAtMost) {
  EXPECT_THAT(ReadListBirths("1978/1980", kDay).dobs,
              ElementsAre("1978", "1979", "1980"));
  EXPECT_THAT(ReadListBirths("1978-1982", kDay).dobs,
              ElementsAre("1978", "1979", "1980", "1981", "1982"));
  EXPECT_THAT(ReadListBirths("between 1973 and 1981", kDay).dobs,
              ElementsAre("1975", "1976", "1977", "1978", "1979"));
  EXPECT_THAT(ReadListBirths("1973 to 1974", kDay).dobs,
              ElementsAre("1973", "1974"));
  EXPECT_THAT(ReadListBirths("circa 1980", kDay).dobs, ElementsAre("1980"));
  EXPECT_THAT(ReadListBirths("00/07/1988", kDay).dobs, ElementsAre("1988"));
  EXPECT_THAT(ReadListBirths("1959-09-03", kDay).dobs, ElementsAre("19590903"));
  EXPECT_THAT(ReadListBirths("180517", kDay).dobs,
              ElementsAre("20180517", "19180517"));
  EXPECT_THAT(ReadListBirths("1982/1978", kDay).dobs, IsEmpty());
  EXPECT_TRUE(ReadListBirths("1982/1978", kDay).notes.unread);
  EXPECT_THAT(ReadListBirths("", kDay).dobs, IsEmpty());
}

TEST(ExpiryTest, IsADayOrNothing) {
  EXPECT_EQ(ReadExpiry("310411"), "20310411");
  EXPECT_EQ(ReadExpiry("790411"), "20790411");
  EXPECT_EQ(ReadExpiry("800411"), "19800411");
  EXPECT_EQ(ReadExpiry("20310411"), "20310411");
  EXPECT_EQ(ReadExpiry("311131"), "");
  EXPECT_EQ(ReadExpiry("2031"), "");
  EXPECT_EQ(ReadExpiry(""), "");
}

TEST(DayTest, TakesTwoSpellingsOnly) {
  EXPECT_EQ(ReadDay("2026-06-01"), "20260601");
  EXPECT_EQ(ReadDay("20260601"), "20260601");
  for (const char* text : {"2026-02-30", "01/06/2026", "260601", "2026", "",
                           "2026/06/01", "2026-06-1"}) {
    EXPECT_EQ(ReadDay(text), "") << text;
  }
}

TEST(MomentTest, GoesByTheNumberOfDigits) {
  EXPECT_EQ(ReadMoment("2606011430"), "202606011430");
  EXPECT_EQ(ReadMoment("202606011430"), "202606011430");
  EXPECT_EQ(ReadMoment("260601"), "20260601");
  EXPECT_EQ(ReadMoment("20260601"), "20260601");
  EXPECT_EQ(ReadMoment(" 260601 1430"), "202606011430");
  EXPECT_EQ(ReadMoment("2606012560"), "20260601");  // no such hour
  EXPECT_EQ(ReadMoment("2613011430"), "");
  EXPECT_EQ(ReadMoment("26060114"), "");
  EXPECT_EQ(ReadMoment("soon"), "");
}

}  // namespace
}  // namespace entente::ingest
