// What the groups of a passenger list give, and the traps seen in real ones
// (the T rows of matching.md 2.3).

#include "node/ingest/test_support.h"
#include "tests/testing/status_matchers.h"

namespace entente::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const model::Person& OnlyPerson(const Report& report) {
  static const model::Person none;
  EXPECT_EQ(report.messages.size(), 1U);
  if (report.messages.size() != 1) return none;
  EXPECT_EQ(report.messages[0].persons.size(), 1U);
  if (report.messages[0].persons.size() != 1) return none;
  return report.messages[0].persons[0];
}

TEST(PaxlstTest, BuildsAWholePersonAndDropsTheRest) {
  const Report report = Parse(Wrapped(
      "NAD+FL+++DOE:JOHN:WAYNE+20 MAIN ST+ANYCITY+VA+10053+USA'ATT+2++M'"
      "DTM+329:570121'MEA+CT++2'GEI+4+173'FTX+BAG+++UA123456:3'LOC+22+QBB'"
      "LOC+178+QAA'LOC+179+QBB'LOC+174+QVA'LOC+180+:::HARTFORD'"
      "COM+502-555-1234:TE'EMP+1+CR1:110:111'NAT+2+QOR'RFF+AVF:ABC123'"
      "RFF+ABO:BA1321'RFF+SEA:23C'DOC+P:110:111+MB140241'DTM+182:180101'"
      "DTM+36:281021'LOC+91+QVA'CNT+42:1'"));
  const model::Person& p = OnlyPerson(report);
  ASSERT_THAT(p.names, SizeIs(1));
  EXPECT_EQ(p.names[0].surname, "DOE");
  EXPECT_EQ(p.names[0].given, "JOHN WAYNE");
  EXPECT_EQ(p.names[0].full, "");
  EXPECT_EQ(p.dob, "19570121");
  EXPECT_EQ(p.sex, model::Sex::kMale);
  EXPECT_EQ(p.kind, model::PersonKind::kPassenger);
  EXPECT_THAT(p.nationalities, ElementsAre("QOR"));
  EXPECT_EQ(p.locator, "ABC123");
  EXPECT_EQ(p.reference, "BA1321");
  EXPECT_EQ(p.birthplace, "");
  EXPECT_EQ(p.source, model::Source::kApi);
  ASSERT_THAT(p.documents, SizeIs(1));
  EXPECT_EQ(p.documents[0].document_class, model::DocumentClass::kPassport);
  EXPECT_EQ(p.documents[0].number, "MB140241");
  EXPECT_EQ(p.documents[0].issuer, "QVA");
  EXPECT_EQ(p.documents[0].expiry, "20281021");
  EXPECT_THAT(report.diagnostics, IsEmpty());
  // S5: what is not in the record is nowhere.
  const Bytes encoded = Encode(p);
  for (const char* dropped : {"MAIN", "ANYCITY", "10053", "UA123456", "502-555",
                              "23C", "HARTFORD", "CR1", "180101"}) {
    EXPECT_EQ(AsText(encoded).find(dropped), std::string_view::npos) << dropped;
  }
}

TEST(PaxlstTest, ReadsTheFlight) {
  const Report report = Parse(Wrapped(Traveller("A", "B", "870412")));
  ASSERT_THAT(report.messages, SizeIs(1));
  ASSERT_THAT(report.messages[0].journeys, SizeIs(1));
  const model::Journey& j = report.messages[0].journeys[0];
  EXPECT_EQ(j.carrier, "Q7");
  EXPECT_EQ(j.number, "412");
  EXPECT_EQ(j.sender, "Q7APIS");
  ASSERT_THAT(j.legs, SizeIs(1));
  EXPECT_EQ(j.legs[0].from, "QAA");
  EXPECT_EQ(j.legs[0].to, "QBB");
  EXPECT_EQ(j.legs[0].departure, "202606011430");
  EXPECT_EQ(j.legs[0].arrival, "202606011905");
}

std::vector<model::Journey> Journeys(std::string_view flights) {
  std::string text = "UNB+UNOA:4+Q7+QVAGOV+260601:1210+R1'";
  text += "UNH+M1+PAXLST:D:05B:UN:IATA'BGM+745'";
  text += flights;
  text += Traveller("A", "B", "870412") + "UNT+1+M1'UNZ+1+R1'";
  const Report report = Parse(text);
  return report.messages.at(0).journeys;
}

TEST(PaxlstTest, ChainsOfStopsMakeLegs) {
  const auto chain = Journeys(
      "TDT+20+Q7250+++Q7'LOC+92+QAA'DTM+189:2602010220:201'LOC+92+QBB'"
      "DTM+232:2602010550:201'LOC+125+QBB'DTM+189:2602010650:201'LOC+87+QCC'"
      "DTM+232:2602020840:201'");
  ASSERT_THAT(chain, SizeIs(1));
  ASSERT_THAT(chain[0].legs, SizeIs(2));
  EXPECT_EQ(chain[0].legs[0].to, "QBB");
  EXPECT_EQ(chain[0].legs[0].arrival, "202602010550");
  EXPECT_EQ(chain[0].legs[1].from, "QBB");
  EXPECT_EQ(chain[0].legs[1].departure, "202602010650");
  EXPECT_EQ(chain[0].legs[1].to, "QCC");
}

TEST(PaxlstTest, EveryFlightNumberIsAJourney) {
  const auto two = Journeys(
      "TDT+20+Q7877+++Q7'LOC+92+QAA'LOC+92+QBB'TDT+20+Q7827+++Q7'LOC+92+QBB'"
      "LOC+92+QCC'TDT+20+Q7827+++Q7'LOC+125+QCC'LOC+87+QDD'LOC+130+QEE'");
  ASSERT_THAT(two, SizeIs(2));
  EXPECT_EQ(two[0].number, "877");
  ASSERT_THAT(two[1].legs, SizeIs(2));
  EXPECT_EQ(two[1].legs[1].to, "QDD");
}

TEST(PaxlstTest, AnIdThatDoesNotBeginWithTheCarrierStaysWhole) {
  const auto other = Journeys("TDT+20+X9412+++Q7'LOC+125+QAA'LOC+87+QBB'");
  EXPECT_EQ(other[0].carrier, "Q7");
  EXPECT_EQ(other[0].number, "X9412");
  const auto bare = Journeys("TDT+20+TN506'LOC+125+QAA'LOC+87+QBB'");
  EXPECT_EQ(bare[0].carrier, "TN");
  EXPECT_EQ(bare[0].number, "506");
  const auto odd = Journeys("TDT+20+CHARTER'LOC+125+QAA'LOC+87+QBB'");
  EXPECT_EQ(odd[0].carrier, "");
  EXPECT_EQ(odd[0].number, "CHARTER");
}

TEST(PaxlstTest, RolesBecomeKinds) {
  const Report report = Parse(Wrapped(
      "NAD+FL+++A:A'NAD+FM+++B:B'NAD+DDU+++C:C'NAD+DDT+++D:D'NAD+MS+++E:E'"
      "NAD+ZZZ+++F:F'ATT+2++M'DTM+329:800101'DOC+P+1'"));
  ASSERT_THAT(report.messages, SizeIs(1));
  const auto& persons = report.messages[0].persons;
  ASSERT_THAT(persons, SizeIs(4));
  EXPECT_EQ(persons[0].kind, model::PersonKind::kPassenger);
  EXPECT_EQ(persons[1].kind, model::PersonKind::kCrew);
  EXPECT_EQ(persons[2].kind, model::PersonKind::kTransit);
  EXPECT_EQ(persons[3].kind, model::PersonKind::kTransit);
  EXPECT_EQ(persons[3].dob, "");  // what follows ZZZ is ZZZ's
  EXPECT_THAT(persons[3].documents, IsEmpty());
  EXPECT_EQ(report.messages[0].report.crew, 2U);
  EXPECT_EQ(report.messages[0].report.passengers, 2U);
}

TEST(PaxlstTest, ReadsEveryVersionOfTheTable) {
  for (const char* version :
       {"D:02B", "D:05B", "D:12B", "D:13B", "D:15B", "D:99Z"}) {
    std::string text = Wrapped(Traveller("OLDENRAY", "MARTA", "870412"));
    text.replace(text.find("D:05B"), 5, version);
    const Report report = Parse(text);
    EXPECT_EQ(OnlyPerson(report).names[0].surname, "OLDENRAY") << version;
    EXPECT_EQ(report.messages[0].report.version, version);
    EXPECT_EQ(CountOf(report, Code::kVersionUnknown),
              std::string_view(version) == "D:99Z" ? 1U : 0U);
  }
}

TEST(PaxlstTest, ReadsTheOldForm) {
  const Report report = Parse(
      "UNA:+.? 'UNB+UNOA:1+SAMPLE:NZ+QVACS:QV+020131:2359+0201312359++CEDI'"
      "UNG+PAXLST+S:NZ+T:US+020131:2359+0201312359+NZ+001:000'"
      "UNH+0201312359+PAXLST:001:000:NZ+SA812/020131/2300+01:F'"
      "CTA+IC+:DESK? ONE+1-555'TDT++SA812+40+SA'LOC+005+QZQAA:50'"
      "DTM+136+020131+1030+M05'LOC+PT+QZQBB:50'LOC+008+QZQCC:50'"
      "DTM+132+020131+2200+M05'UNS+D'"
      "PDT+P/E54321A:980831:IE+O?'LANREY:KRIS:ANN:331231:F+PAX+QZQAA:QZQCC'"
      "PDT+P/75641:940409:IR+O?'SHANE:IAN:M+PAX+QZQAA:QZQCC'"
      "PDT+/12345++++CRW'UNT+11+0201312359'UNE+1+0201312359'"
      "UNZ+1+0201312359'");
  ASSERT_THAT(report.messages, SizeIs(1));
  const Report::Message& m = report.messages[0];
  EXPECT_EQ(m.report.version, "001:000");
  ASSERT_THAT(m.persons, SizeIs(3));
  EXPECT_EQ(m.persons[0].names[0].surname, "O'LANREY");
  EXPECT_EQ(m.persons[0].names[0].given, "KRIS ANN");
  EXPECT_EQ(m.persons[0].dob, "19331231");
  EXPECT_EQ(m.persons[0].sex, model::Sex::kFemale);
  ASSERT_THAT(m.persons[0].documents, SizeIs(1));
  EXPECT_EQ(m.persons[0].documents[0].number, "E54321A");
  EXPECT_EQ(m.persons[0].documents[0].issuer, "IRL");
  EXPECT_EQ(m.persons[0].documents[0].expiry, "19980831");
  EXPECT_EQ(m.persons[1].names[0].given, "IAN M");
  EXPECT_EQ(m.persons[1].dob, "");
  ASSERT_THAT(m.journeys, SizeIs(1));
  EXPECT_EQ(m.journeys[0].carrier, "SA");
  ASSERT_THAT(m.journeys[0].legs, SizeIs(2));
  EXPECT_EQ(m.journeys[0].legs[0].from, "QAA");
  EXPECT_EQ(m.journeys[0].legs[0].departure, "200201311030");
  EXPECT_EQ(m.journeys[0].legs[1].to, "QCC");
}

// T11
TEST(PaxlstTest, EmptyFieldsAreAbsentAndQuiet) {
  const Report report = Parse(Wrapped(
      "NAD+FL+++OLDENRAY:MARTA'ATT+2++'DTM+329:'NAT+2+'RFF+AVF:'LOC+174+'"
      "DOC++'DTM+36:'LOC+91+'DOC+P'DTM+36:'CNT+42:1'"));
  const model::Person& p = OnlyPerson(report);
  EXPECT_EQ(p.dob, "");
  EXPECT_EQ(p.sex, model::Sex::kUnknown);
  EXPECT_THAT(p.nationalities, IsEmpty());
  EXPECT_THAT(p.documents, IsEmpty());
  for (const Diagnostic& d : report.diagnostics) {
    EXPECT_EQ(d.severity(), Severity::kInfo) << Text(d);
  }
}

// T12
TEST(PaxlstTest, DatesOfBirthInEveryForm) {
  for (const auto& [sent, want] :
       std::vector<std::pair<std::string, std::string>>{
           {"870412", "19870412"},
           {"19870412", "19870412"},
           {"19870412:102", "19870412"},
           {"12APR1987", "19870412"},
           {" 870412", "19870412"},
           {"991131", "1999"},
           {"198704:610", "1987"},
           {"1987:602", "1987"},
           {"870400", "1987"},
           {"20270101", ""},
           {"NONE", ""}}) {
    EXPECT_EQ(
        OnlyPerson(Parse(Wrapped("NAD+FL+++A:B'DTM+329:" + sent + "'"))).dob,
        want)
        << sent;
  }
}

TEST(PaxlstTest, TheDepartureDecidesTheCentury) {
  const model::Person open =
      OnlyPerson(Parse(Wrapped("NAD+FL+++A:B'DTM+329:180517'")));
  EXPECT_EQ(open.dob, "20180517");
  EXPECT_EQ(open.dob_alt, "19180517");
  for (const char* child : {"NAD+FL+++A:B'ATT+2++FI'DTM+329:180517'",
                            "NAD+FL+++A:B MSTR'DTM+329:180517'",
                            "NAD+FL+++A:MISS B'DTM+329:180517'"}) {
    const model::Person p = OnlyPerson(Parse(Wrapped(child)));
    EXPECT_EQ(p.dob, "20180517") << child;
    EXPECT_EQ(p.dob_alt, "") << child;
  }
  // No departure: the date of the message, then the caller's.
  const std::string_view bare =
      "UNB+UNOA:4+Q7+QVAGOV+180601:1210+R1'UNH+M1+PAXLST:D:05B:UN'BGM+745'"
      "NAD+FL+++A:B'DTM+329:190517'UNT+5+M1'UNZ+1+R1'";
  EXPECT_EQ(OnlyPerson(Parse(bare)).dob, "19190517");
  std::string undated(bare);
  undated.erase(undated.find("180601:1210"), 11);
  Options options;
  options.reference_date = "20180601";
  EXPECT_EQ(OnlyPerson(Parse(undated, options)).dob, "19190517");
  EXPECT_EQ(OnlyPerson(Parse(undated)).dob, "20190517");
}

// T13
TEST(PaxlstTest, NamesStayAsSent) {
  const auto name = [](std::string_view c080) {
    std::string body = "NAD+FL+++";
    body += c080;
    body += "'DTM+329:800101'";
    return OnlyPerson(Parse(Wrapped(body))).names.at(0);
  };
  EXPECT_EQ(name("MARTA:OLDENRAY").surname, "MARTA");
  EXPECT_EQ(name("OLDENRAY").surname, "OLDENRAY");
  EXPECT_EQ(name("OLDENRAY").given, "");
  EXPECT_EQ(name("OLDENRAY:").given, "");
  EXPECT_EQ(name("FNU:KHALDANE").surname, "FNU");
  EXPECT_EQ(name(":XXX").given, "XXX");
  EXPECT_EQ(name("OLDENRAY:JACKIMRS").given, "JACKIMRS");
  EXPECT_EQ(name("OLDENRAY:SEAN PATRICK MR").given, "SEAN PATRICK MR");
  EXPECT_EQ(name("Oldenray:Marta::Ilse").given, "Marta Ilse");
  EXPECT_EQ(name("OLD\x07NRAY:M").surname, "OLD NRAY");
}

// T14
TEST(PaxlstTest, FiAndMiAreInfants) {
  const model::Person p =
      OnlyPerson(Parse(Wrapped("NAD+FL+++A:B'ATT+2++MI'DTM+329:250103'")));
  EXPECT_EQ(p.sex, model::Sex::kMale);
  EXPECT_EQ(p.kind, model::PersonKind::kInfant);
}

// T15
TEST(PaxlstTest, CountriesAreMadeOne) {
  const Report report = Parse(
      Wrapped("NAD+FL+++A:B'NAT+2+PH'NAT+2+PHL'NAT+2+GBD'NAT+1+QTA'NAT+2+XXX'"
              "DOC+P+KX1'LOC+91+D'"));
  const model::Person& p = OnlyPerson(report);
  EXPECT_THAT(p.nationalities, ElementsAre("PHL", "GBR"));
  EXPECT_EQ(p.documents[0].issuer, "DEU");
  const Report odd = Parse(Wrapped("NAD+FL+++A:B'NAT+2+ZZZ'NAT+2+4'"));
  EXPECT_THAT(OnlyPerson(odd).nationalities, ElementsAre("ZZZ"));
  EXPECT_EQ(CountOf(odd, Code::kCountryUnknown), 2U);
}

// T16
TEST(PaxlstTest, SeveralDocumentsAndTwoDatesOnOne) {
  const Report report = Parse(Wrapped(
      "NAD+FL+++A:B'DOC+P:110:111+KX1'DTM+182:200101'DTM+36:300101'LOC+91+QOR'"
      "DOC+V+V2'LOC+91+QVA'DTM+36:290101'DTM+36:280101'DOC+P:110:111+KX1'"
      "DTM+36:300101'LOC+91+QOR'DOC++KX9'"));
  const auto& documents = OnlyPerson(report).documents;
  ASSERT_THAT(documents, SizeIs(3));  // the repeated one once
  EXPECT_EQ(documents[0].expiry, "20300101");
  EXPECT_EQ(documents[1].document_class, model::DocumentClass::kVisa);
  EXPECT_EQ(documents[1].expiry, "20290101");
  EXPECT_EQ(documents[2].document_class, model::DocumentClass::kOther);
}

// T17
TEST(PaxlstTest, LettersOfEveryAlphabetAreTaken) {
  const Report report =
      Parse(Wrapped("NAD+FL+++\xC5\xA0T\xC4\x9APAN:\xC3\x9D'DTM+329:800101'"
                    "NAD+FL+++M\xDCLLER:J\xD6RG'DTM+329:800101'"
                    "NAD+FL+++ТЕШКОВ:ИВЕН'DTM+329:800101'"));
  ASSERT_THAT(report.messages[0].persons, SizeIs(3));
  EXPECT_EQ(report.messages[0].persons[0].names[0].surname, "ŠTĚPAN");
  EXPECT_EQ(report.messages[0].persons[1].names[0].surname, "MÜLLER");
  EXPECT_EQ(report.messages[0].persons[2].names[0].surname, "ТЕШКОВ");
  EXPECT_EQ(CountOf(report, Code::kCharsetGuessed), 1U);
}

TEST(PaxlstTest, FieldsOfOnePersonAreBounded) {
  std::string body = "NAD+FL+++A:B'";
  for (int i = 0; i < 12; ++i) {
    body += "NAT+2+QM" + std::string(1, static_cast<char>('A' + i)) + "'";
  }
  for (int i = 0; i < 60; ++i) {
    body += "DOC+P+" + std::to_string(10'000 + i) + "'DTM+36:300101'";
  }
  const Report report = Parse(Wrapped(body));
  EXPECT_THAT(OnlyPerson(report).nationalities, SizeIs(10));
  EXPECT_THAT(OnlyPerson(report).documents, SizeIs(50));
  EXPECT_EQ(CountOf(report, Code::kLimitFields), 12U);
  std::string stops = "TDT+20+Q7412+++Q7'";
  for (int i = 0; i < 60; ++i) {
    stops += "LOC+92+Q" + std::to_string(100 + i) + "'";
  }
  ASSERT_THAT(Journeys(stops), SizeIs(1));
  EXPECT_THAT(Journeys(stops)[0].legs, SizeIs(49));
}

TEST(PaxlstTest, APersonOfNothingIsLeftOut) {
  const Report report = Parse(Wrapped("NAD+FL+++:'ATT+2++F'NAD+FL+++A:B'"));
  EXPECT_EQ(OnlyPerson(report).names[0].surname, "A");
  EXPECT_EQ(CountOf(report, Code::kPersonEmpty), 1U);
}

TEST(PaxlstTest, AMissingNadDoesNotMixTwoPersons) {
  std::string body = Traveller("OLDENRAY", "MARTA", "870412");
  std::string second = Traveller("TESHKOV", "IVEN", "590903");
  second.erase(0, second.find('\'') + 1);  // its NAD
  const Report report = Parse(Wrapped(body + second));
  const model::Person& p = OnlyPerson(report);
  EXPECT_EQ(p.dob, "19870412");
  EXPECT_THAT(p.documents, SizeIs(1));
  EXPECT_THAT(p.nationalities, SizeIs(1));
  EXPECT_GE(CountOf(report, Code::kSegmentMisplaced), 1U);
}

TEST(PaxlstTest, FlightSegmentsBehindPersonsFillOnlyWhatIsMissing) {
  const std::string text =
      "UNB+UNOA:4+Q7+QVAGOV+260601:1210+R1'UNH+M1+PAXLST:D:05B:UN'BGM+745'"
      "TDT+20+Q7412+++Q7'LOC+125+QAA'DTM+189:2606011430:201'" +
      Traveller("A", "B", "870412") +
      "LOC+87+QBB'DTM+232:2606011905:201'LOC+125+QCC'UNT+1+M1'UNZ+1+R1'";
  const Report report = Parse(text);
  ASSERT_THAT(report.messages[0].journeys, SizeIs(1));
  const auto& legs = report.messages[0].journeys[0].legs;
  ASSERT_THAT(legs, SizeIs(1));
  EXPECT_EQ(legs[0].from, "QAA");
  EXPECT_EQ(legs[0].to, "QBB");
  EXPECT_EQ(legs[0].arrival, "202606011905");
  EXPECT_GE(CountOf(report, Code::kSegmentMisplaced), 3U);
}

}  // namespace
}  // namespace entente::ingest
