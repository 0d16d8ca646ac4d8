#include "node/ingest/files.h"

#include "crypto/base/codec.h"
#include "node/ingest/records.h"
#include "node/ingest/test_support.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Gathered final : public Sink, public EntrySink {
 public:
  void OnDiagnostic(const Diagnostic& d) override { diagnostics.push_back(d); }
  void OnMessage(const MessageReport&) override { FAIL(); }
  void OnJourney(const model::Journey& j) override { journeys.push_back(j); }
  void OnPerson(model::Person&& p) override { persons.push_back(std::move(p)); }
  void OnEntry(model::ListEntry&& e) override {
    entries.push_back(std::move(e));
  }

  // The lines on which a code was reported.
  std::vector<std::uint64_t> Lines(Code code) const {
    std::vector<std::uint64_t> lines;
    for (const Diagnostic& d : diagnostics) {
      if (d.code == code) lines.push_back(d.segment);
    }
    return lines;
  }
  std::string Fingerprint() const {
    std::string out;
    for (const auto& j : journeys) out += ToHex(Encode(j)) + "\n";
    for (const auto& p : persons) out += ToHex(Encode(p)) + "\n";
    for (const auto& e : entries) out += ToHex(Encode(e)) + "\n";
    for (const auto& d : diagnostics) {
      out += std::to_string(d.segment) + std::string(Info(d.code).id) +
             std::string(d.tag) + std::to_string(d.offset) + "\n";
    }
    return out;
  }

  std::vector<Diagnostic> diagnostics;
  std::vector<model::Journey> journeys;
  std::vector<model::Person> persons;
  std::vector<model::ListEntry> entries;
  Totals totals;
  absl::Status status;
};

template <class FileReader>
Gathered Read(FileFormat format, std::string_view text, Options options = {},
              std::size_t chunk = 1 << 20) {
  Gathered out;
  FileReader reader(format, options, out);
  for (std::size_t i = 0; i < text.size() && out.status.ok(); i += chunk) {
    out.status = reader.Feed(AsBytes(text.substr(i, chunk)));
  }
  const absl::Status end = reader.Finish();
  if (out.status.ok()) out.status = end;
  out.totals = reader.totals();
  return out;
}

Gathered Passengers(std::string_view text) {
  return Read<PassengerFileReader>(FileFormat::kCsv, text);
}
Gathered List(std::string_view text) {
  return Read<ListReader>(FileFormat::kCsv, text);
}
Gathered ListJson(std::string_view text) {
  return Read<ListReader>(FileFormat::kJsonl, text);
}

std::string Made(const char* name) {
  return testing::ReadFile(testing::SourceDir() / "tests/data/ingest" / name);
}

// ---- passengers -----------------------------------------------------------

TEST(PassengerFileTest, ReadsTheMadeList) {
  const Gathered got = Passengers(Made("passengers.csv"));
  ASSERT_OK(got.status);
  ASSERT_THAT(got.persons, SizeIs(4));
  EXPECT_EQ(got.totals.lines, 5U);
  EXPECT_EQ(got.totals.lines_skipped, 0U);
  EXPECT_THAT(got.Lines(Code::kDuplicate), ElementsAre(4U));
  EXPECT_THAT(got.Lines(Code::kLineShort), ElementsAre(6U));
  EXPECT_THAT(got.Lines(Code::kDobPartial), ElementsAre(6U));
  const model::Person& p = got.persons[0];
  EXPECT_EQ(p.names[0].surname, "VALDERMAN");
  EXPECT_EQ(p.dob, "19870412");
  EXPECT_EQ(p.sex, model::Sex::kFemale);
  EXPECT_EQ(p.reference, "1");
  EXPECT_EQ(p.source, model::Source::kFile);
  EXPECT_THAT(p.nationalities, ElementsAre("QOR"));
  ASSERT_THAT(p.documents, SizeIs(1));
  EXPECT_EQ(p.documents[0].number, "KX4410982");
  EXPECT_EQ(got.persons[2].names[0].given, "SAMIR \"HADI\"");
  EXPECT_EQ(got.persons[3].dob, "1975");
  ASSERT_THAT(got.journeys, SizeIs(2));  // the short line lacks `to`
  EXPECT_EQ(got.journeys[0].carrier, "Q7");
  EXPECT_EQ(got.journeys[0].number, "412");
  EXPECT_EQ(got.journeys[0].legs[0].departure, "20260601");
  EXPECT_EQ(got.journeys[0].legs[0].to, "QBB");
  EXPECT_EQ(got.journeys[1].legs[0].to, "");
}

TEST(PassengerFileTest, TakesColumnsInAnyOrderAndAnySeparator) {
  for (const char* text : {"full,dob\nORSINA VALDERMAN,1987-04-12\n",
                           "dob;full\r\n1987-04-12;ORSINA VALDERMAN\r\n",
                           "\xEF\xBB\xBF full\tdob \nORSINA VALDERMAN\t"
                           "12/04/1987"}) {
    const Gathered got = Passengers(text);
    ASSERT_OK(got.status);
    ASSERT_THAT(got.persons, SizeIs(1)) << text;
    EXPECT_EQ(got.persons[0].names[0].full, "ORSINA VALDERMAN");
    EXPECT_EQ(got.persons[0].dob, "19870412");
  }
}

TEST(PassengerFileTest, JsonLinesGiveTheSame) {
  const Gathered got = Read<PassengerFileReader>(
      FileFormat::kJsonl,
      "{\"pax_id\":1,\"surname\":\"VALDERMAN\",\"given\":\"ORSINA\",\"dob\":"
      "\"1987-04-12\",\"sex\":\"F\",\"carrier\":\"Q7\",\"flight\":412,"
      "\"flight_date\":\"2026-06-01\",\"from\":\"QAA\",\"to\":null}\r\n\r\n"
      "{\"surname\":\"TESHKOV\",\"seat\":\"12A\"}\n"
      "[1]\n{\"surname\":{\"a\":1}}\n{\"surname\":\"A\",\"surname\":\"B\"}\n"
      "{\"surname\":1.5}\n{\"surname\":\"TESHKOV\"}");
  ASSERT_OK(got.status);
  ASSERT_THAT(got.persons, SizeIs(2));
  EXPECT_EQ(got.persons[0].reference, "1");
  EXPECT_EQ(got.journeys[0].number, "412");
  EXPECT_THAT(got.Lines(Code::kColumnUnknown), ElementsAre(3U));
  EXPECT_THAT(got.Lines(Code::kLineJson), ElementsAre(4U, 5U, 6U, 7U));
  EXPECT_EQ(got.totals.lines_skipped, 5U);
}

TEST(PassengerFileTest, UnknownColumnsAreRefusedWithTheirNames) {
  const Gathered got = Passengers("pax_id,surname,meal,seat\n1,A,KSML,12A\n");
  EXPECT_THAT(got.status, testing::HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(MessageOf(got.status), HasSubstr("`meal`, `seat`"));
  EXPECT_THAT(got.persons, IsEmpty());
}

TEST(PassengerFileTest, AForgottenHeaderIsNotRepeatedInTheError) {
  for (const char* text :
       {"1,valderman,orsina\n2,teshkov,iven\n", "surname,VALDERMAN ORSINA\n"}) {
    const Gathered got = Passengers(text);
    EXPECT_THAT(got.status,
                testing::HasCode(absl::StatusCode::kInvalidArgument));
    const std::string shown = got.status.ToString();
    EXPECT_THAT(shown, Not(HasSubstr("alderman")));
    EXPECT_THAT(shown, Not(HasSubstr("VALDERMAN")));
  }
}

TEST(PassengerFileTest, HeadersMustBeSound) {
  for (const char* text : {"", "\n\n", "surname,surname\n"}) {
    EXPECT_THAT(Passengers(text).status,
                testing::HasCode(absl::StatusCode::kInvalidArgument))
        << text;
  }
  // Refused once, refused for good.
  Gathered sink;
  PassengerFileReader reader(FileFormat::kCsv, {}, sink);
  EXPECT_FALSE(reader.Feed(AsBytes("meal\n")).ok());
  EXPECT_FALSE(reader.Feed(AsBytes("surname\nA\n")).ok());
  EXPECT_FALSE(reader.Finish().ok());
  EXPECT_THAT(sink.persons, IsEmpty());
}

TEST(PassengerFileTest, BadLinesAreSkippedAndNumbered) {
  const Gathered got = Passengers(
      "surname,given\n"
      "A,1\n"
      "B,2,3\n"       // 3: too long
      "C\"x,2\n"      // 4: a quote inside
      "\"D\"x,2\n"    // 5: behind a quote
      "\"E\nF\",2\n"  // 6 and 7: fine
      "G,\xFF\n"      // 8: not UTF-8
      ",\n"           // 9: empty
      "H,2\n"         // 10
      "\"I,2\n"       // 11: never closed
      "J,2\n");       // 12
  ASSERT_OK(got.status);
  ASSERT_THAT(got.persons, SizeIs(4));
  EXPECT_EQ(got.persons[1].names[0].surname, "E F");
  EXPECT_EQ(got.persons[3].names[0].surname, "J");
  EXPECT_THAT(got.Lines(Code::kLineLong), ElementsAre(3U));
  EXPECT_THAT(got.Lines(Code::kLineQuote), ElementsAre(4U, 5U, 11U));
  EXPECT_THAT(got.Lines(Code::kLineEncoding), ElementsAre(8U));
  EXPECT_EQ(got.totals.lines_skipped, 5U);
}

TEST(PassengerFileTest, ALineWithoutEndIsSkippedInBoundedMemory) {
  Options options;
  options.limits.line_bytes = 100;
  std::string text = "surname\nA\n\"" + std::string(500, 'x') + "\nB\n" +
                     std::string(300, 'y') + "\nC\n\"\n";
  for (int i = 0; i < 50; ++i) text += "D\n";
  const Gathered got =
      Read<PassengerFileReader>(FileFormat::kCsv, text, options, 7);
  ASSERT_OK(got.status);
  EXPECT_THAT(got.Lines(Code::kLimitLine), ElementsAre(3U, 5U, 7U));
  EXPECT_THAT(got.persons, SizeIs(4));  // D is repeated
}

TEST(PassengerFileTest, AnEmptyPersonIsNotTaken) {
  const Gathered got = Passengers("pax_id,surname,dob\n1,,1987-04-12\n");
  EXPECT_THAT(got.persons, IsEmpty());
  EXPECT_THAT(got.Lines(Code::kPersonEmpty), ElementsAre(2U));
}

TEST(PassengerFileTest, PersonsTravelOnTheLastJourneyGiven) {
  const Gathered got = Passengers(
      "surname,carrier,flight,flight_date,from,to\n"
      "A,Q7,Q7412,2026-06-01,QAA,QBB\nB,Q7,412,20260601,QAA,QBB\n"
      "C,Q7,413,2026-06-01,QBB,QAA\nD,,,,,\nE,Q7,413,yesterday,QBB,QAA\n");
  EXPECT_THAT(got.persons, SizeIs(5));
  ASSERT_THAT(got.journeys, SizeIs(4));
  EXPECT_EQ(got.journeys[1].number, "413");
  EXPECT_EQ(got.journeys[2].number, "");
  EXPECT_THAT(got.Lines(Code::kJourneyMissing), ElementsAre(5U));
  EXPECT_THAT(got.Lines(Code::kDateUnread), ElementsAre(6U));
}

// ---- watchlists -----------------------------------------------------------

TEST(WatchlistTest, ReadsTheMadeCsv) {
  const Gathered got = List(Made("watchlist.csv"));
  ASSERT_OK(got.status);
  ASSERT_THAT(got.entries, SizeIs(4));
  const model::ListEntry& first = got.entries[0];
  EXPECT_EQ(first.entry_id, "W1");
  EXPECT_EQ(first.names[0].surname, "Teškov");
  EXPECT_THAT(first.dobs, ElementsAre("19590903"));
  EXPECT_EQ(first.ground, "art-4a");
  EXPECT_EQ(first.source_grade, "B");
  EXPECT_EQ(first.info_grade, "2");
  EXPECT_EQ(first.expires, "20270101");
  EXPECT_EQ(got.entries[1].names[0].full, "ABU SALMAN AL MERIDI");
  EXPECT_THAT(got.entries[1].dobs, ElementsAre("2001"));
  EXPECT_EQ(got.entries[2].names[0].given, "Ilse; Ruth");
  EXPECT_THAT(got.entries[2].dobs, ElementsAre("1988"));
  EXPECT_EQ(got.entries[3].sex, model::Sex::kOther);
  EXPECT_EQ(got.totals.entries, 4U);
}

TEST(WatchlistTest, ReadsTheMadeJsonl) {
  const Gathered got = ListJson(Made("watchlist.jsonl"));
  ASSERT_OK(got.status);
  ASSERT_THAT(got.entries, SizeIs(2));
  EXPECT_THAT(got.entries[0].names, SizeIs(2));
  EXPECT_EQ(got.entries[0].names[1].full, "ТЕШКОВ ИВЕН");
  EXPECT_EQ(got.entries[0].names[1].kind, model::NameKind::kAlias);
  EXPECT_THAT(got.entries[0].dobs, ElementsAre("19590903", "1959"));
  EXPECT_THAT(got.entries[1].dobs, ElementsAre("1980"));
  EXPECT_EQ(got.totals.lines_skipped, 2U);
  EXPECT_THAT(got.Lines(Code::kLineJson), ElementsAre(3U));
  EXPECT_THAT(got.Lines(Code::kPersonEmpty), ElementsAre(4U));
}

constexpr std::string_view kHead =
    "entry_id,surname,given,full,dob,sex,nationality,doc_number,doc_issuer,"
    "doc_type,ground,grade,expires\n";

TEST(WatchlistTest, LinesOfOneEntryAreItsVariants) {
  const Gathered got = List(
      std::string(kHead) +
      "W1,Teskov,Iven,,1959-09-03,M,QVA,4500118273,QVA,P,terrorism.travel,B2,"
      "2027-01-01\n"
      "W2,Brandole,Ilse,,1988,F,QOR,,,,serious-crime.drugs,A,20261231\n"
      "W1,Teshkov,Iven,,1958/1960,M,QVA;QOR,,,,,,\n"
      "W1,Teskov,Iven,,1959-09-03,F,QVA,4500118273,QVA,P,terrorism.travel,B2,"
      "20270101\n");
  ASSERT_OK(got.status);
  ASSERT_THAT(got.entries, SizeIs(2));
  const model::ListEntry& w1 = got.entries[0];
  ASSERT_THAT(w1.names, SizeIs(2));
  EXPECT_EQ(w1.names[1].surname, "Teshkov");
  EXPECT_THAT(w1.dobs, ElementsAre("19590903", "1958", "1959", "1960"));
  EXPECT_THAT(w1.nationalities, ElementsAre("QVA", "QOR"));
  EXPECT_THAT(w1.documents, SizeIs(1));
  EXPECT_EQ(w1.sex, model::Sex::kUnknown);  // its lines disagree
  EXPECT_EQ(got.entries[1].info_grade, "");
  EXPECT_EQ(got.entries[1].expires, "20261231");
}

// S22
TEST(WatchlistTest, AnEntryNeedsGroundGradeAndExpiry) {
  const Gathered got =
      List(std::string(kHead) +
           "W1,A,B,,1980,,,,,,,B2,2027-01-01\n"
           "W2,A,B,,1980,,,,,,terrorism.travel,,2027-01-01\n"
           "W3,A,B,,1980,,,,,,terrorism.travel,B2,\n"
           "W3,C,D,,1980,,,,,,,,\n"
           "W4,A,B,,1980,,,,,,terrorism.travel,B2,2027-01-01\n");
  ASSERT_THAT(got.entries, SizeIs(1));
  EXPECT_EQ(got.entries[0].entry_id, "W4");
  EXPECT_THAT(got.Lines(Code::kEntryIncomplete), ElementsAre(2U, 3U, 4U));
  EXPECT_EQ(got.totals.lines_skipped, 4U);
}

TEST(WatchlistTest, MalformedStandingIsRefusedByTheLine) {
  const Gathered got =
      List(std::string(kHead) +
           "W1,A,B,,1980,,,,,,Terrorism!,B2,2027-01-01\n"
           "W2,A,B,,1980,,,,,,terrorism.travel,D2,2027-01-01\n"
           "W3,A,B,,1980,,,,,,terrorism.travel,B5,2027-01-01\n"
           "W4,A,B,,1980,,,,,,terrorism.travel,b2,2027-01-01\n"
           "W5,A,B,,1980,,,,,,terrorism.travel,B2,2027-02-30\n"
           "W6,A,B,,1980,,,,,,terrorism.travel,B2,never\n"
           ",A,B,,1980,,,,,,terrorism.travel,B2,2027-01-01\n"
           "W7,,,,1980,,,,,,terrorism.travel,B2,2027-01-01\n"
           "W8,A,B,,1980,,,,,,terrorism.travel,B2,2027-01-01\n"
           "W8,C,D,,1980,,,,,,terrorism.travel,B3,2027-01-01\n");
  ASSERT_THAT(got.entries, SizeIs(1));
  EXPECT_THAT(got.entries[0].names, SizeIs(1));
  EXPECT_THAT(got.Lines(Code::kGroundBad), ElementsAre(2U));
  EXPECT_THAT(got.Lines(Code::kGradeBad), ElementsAre(3U, 4U, 5U));
  EXPECT_THAT(got.Lines(Code::kExpiresBad), ElementsAre(6U, 7U));
  EXPECT_THAT(got.Lines(Code::kEntryIdMissing), ElementsAre(8U));
  EXPECT_THAT(got.Lines(Code::kPersonEmpty), ElementsAre(9U));
  EXPECT_THAT(got.Lines(Code::kEntryConflict), ElementsAre(11U));
}

TEST(WatchlistTest, NeededColumnsAndUnknownOnes) {
  EXPECT_THAT(MessageOf(List("entry_id,full,ground,grade\n").status),
              HasSubstr("`expires` is missing"));
  EXPECT_THAT(
      MessageOf(List("entry_id,full,ground,grade,expires,religion\n").status),
      HasSubstr("`religion`"));
}

TEST(WatchlistTest, JsonMustHaveTheExactForm) {
  const std::string good =
      "{\"entry_id\":\"W1\",\"names\":[{\"full\":\"A B\"}],\"ground\":"
      "\"terrorism.travel\",\"grade\":\"B2\",\"expires\":\"2027-01-01\"";
  EXPECT_THAT(ListJson(good + "}").entries, SizeIs(1));
  EXPECT_THAT(ListJson(good + ",\"dobs\":[1980,\"1981\"]}").entries[0].dobs,
              ElementsAre("1980", "1981"));
  for (const char* tail :
       {",\"dobs\":\"1980\"}", ",\"dobs\":[{}]}", ",\"dobs\":[[1]]}",
        ",\"entry_id\":\"W1\"}", ",\"documents\":[{\"number\":[1]}]}",
        ",\"documents\":[\"P1\"]}", ",\"names\":[]}", "", "}}", "} {}",
        ",\"sex\":true}"}) {
    const Gathered got = ListJson(good + tail);
    EXPECT_THAT(got.entries, IsEmpty()) << tail;
    EXPECT_THAT(got.Lines(Code::kLineJson), ElementsAre(1U)) << tail;
  }
  for (const char* tail : {",\"religion\":\"x\"}",
                           ",\"documents\":[{\"number\":\"1\",\"x\":1}]}"}) {
    EXPECT_THAT(ListJson(good + tail).Lines(Code::kColumnUnknown),
                ElementsAre(1U))
        << tail;
  }
  EXPECT_THAT(
      ListJson(
          "{\"entry_id\":\"W1\",\"names\":[{\"full\":\"A\",\"given\":\"B\"}"
          "],\"ground\":\"a\",\"grade\":\"B\",\"expires\":\"20270101\"}")
          .entries,
      IsEmpty());
  EXPECT_THAT(ListJson(std::string(60'000, '[')).Lines(Code::kLineJson),
              ElementsAre(1U));
}

TEST(WatchlistTest, TheNumberOfEntriesIsBounded) {
  Options options;
  options.limits.entries = 2;
  std::string text(kHead);
  for (int i = 0; i < 4; ++i) {
    text += "W" + std::to_string(i) +
            ",A,B,,1980,,,,,,terrorism.travel,B2,2027-01-01\n";
  }
  const Gathered got = Read<ListReader>(FileFormat::kCsv, text, options);
  EXPECT_THAT(got.entries, SizeIs(2));
  EXPECT_THAT(got.Lines(Code::kLimitEntries), ElementsAre(4U, 5U));
}

TEST(WatchlistTest, TheVariantsOfAnEntryAreBounded) {
  std::string text(kHead);
  for (int i = 0; i < 502; ++i) {
    text += "W1,A" + std::to_string(i) +
            ",B,,1980,,,,,,terrorism.travel,B2,2027-01-01\n";
  }
  const Gathered got = List(text);
  ASSERT_THAT(got.entries, SizeIs(1));
  EXPECT_THAT(got.entries[0].names, SizeIs(500));
  EXPECT_THAT(got.Lines(Code::kLimitFields), ElementsAre(502U, 503U));
}

TEST(FilesTest, ChunksChangeNothing) {
  for (const std::size_t chunk :
       {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{4096}}) {
    const auto pax = Made("passengers.csv");
    EXPECT_EQ(Read<PassengerFileReader>(FileFormat::kCsv, pax, {}, chunk)
                  .Fingerprint(),
              Passengers(pax).Fingerprint());
    const auto csv = Made("watchlist.csv");
    EXPECT_EQ(Read<ListReader>(FileFormat::kCsv, csv, {}, chunk).Fingerprint(),
              List(csv).Fingerprint());
    const auto jsonl = Made("watchlist.jsonl");
    EXPECT_EQ(
        Read<ListReader>(FileFormat::kJsonl, jsonl, {}, chunk).Fingerprint(),
        ListJson(jsonl).Fingerprint());
  }
}

TEST(FilesTest, CallsBehindTheEndAreRefused) {
  Gathered sink;
  ListReader reader(FileFormat::kJsonl, {}, sink);
  EXPECT_OK(reader.Finish());
  EXPECT_THAT(reader.Finish(),
              testing::HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(reader.Feed(AsBytes("x")),
              testing::HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST(RecordsTest, TheSeparatorIsToldByTheHeader) {
  EXPECT_EQ(FindSeparator("a,b;c,d"), ',');
  EXPECT_EQ(FindSeparator("a;b;c"), ';');
  EXPECT_EQ(FindSeparator("a\tb"), '\t');
  EXPECT_EQ(FindSeparator("\"a,b,c\";d"), ';');
  EXPECT_EQ(FindSeparator("full"), ',');
}

}  // namespace
}  // namespace entente::ingest
