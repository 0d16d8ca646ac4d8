// The envelope: verdicts, counts, series, content hash, limits.

#include "node/ingest/reader.h"

#include "node/ingest/test_support.h"
#include "tests/testing/status_matchers.h"

namespace entente::ingest {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string OneTraveller() {
  return Wrapped(Traveller("OLDENRAY", "MARTA", "870412"));
}

MessageReport Only(const Report& report) {
  EXPECT_EQ(report.messages.size(), 1U);
  return report.messages.empty() ? MessageReport{} : report.messages[0].report;
}

TEST(ReaderTest, ACleanMessageSaysNothing) {
  const std::string text = OneTraveller();
  const Report report = Parse(text);
  EXPECT_THAT(report.diagnostics, IsEmpty());
  const MessageReport m = Only(report);
  EXPECT_EQ(m.verdict, Verdict::kAccepted);
  EXPECT_EQ(m.type, "PAXLST");
  EXPECT_EQ(m.version, "D:05B");
  EXPECT_EQ(m.sender, "Q7APIS");
  EXPECT_EQ(m.prepared, "202606011210");
  EXPECT_EQ(m.list_kind, "745");
  EXPECT_EQ(m.carrier, "Q7");
  EXPECT_EQ(m.passengers, 1U);
  EXPECT_EQ(m.documents, 1U);
  EXPECT_EQ(m.interchange_offset, 0U);
  EXPECT_EQ(m.offset, text.find("UNH"));
  EXPECT_EQ(m.offset + m.size, text.find("UNZ"));
  EXPECT_EQ(report.totals.messages, 1U);
  EXPECT_EQ(report.totals.persons, 1U);
  EXPECT_EQ(report.totals.documents, 1U);
  EXPECT_EQ(report.totals.quarantined, 0U);
}

TEST(ReaderTest, KeepsListKindAndFunction) {
  std::string text = OneTraveller();
  text.replace(text.find("BGM+745"), 7, "BGM+745+CP");
  EXPECT_EQ(Only(Parse(text)).function, "CP");
  text.replace(text.find("BGM+745+CP"), 10, "BGM+336+G");
  EXPECT_EQ(Only(Parse(text)).list_kind, "336");
  EXPECT_EQ(Only(Parse(text)).function, "G");
}

TEST(ReaderTest, CallsComeInOrderAndOnlyOnce) {
  GatherSink sink;
  Reader reader({}, sink);
  EXPECT_OK(reader.Feed(AsBytes(OneTraveller())));
  EXPECT_OK(reader.Finish());
  EXPECT_THAT(reader.Feed(AsBytes("x")),
              testing::HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(reader.Finish(),
              testing::HasCode(absl::StatusCode::kFailedPrecondition));
}

// T6
TEST(ReaderTest, WrongCountsAndReferencesAreWarnings) {
  std::string text = OneTraveller();
  text.replace(text.find("UNT+"), std::string::npos, "UNT+99+OTHER'UNZ+7+R9'");
  const Report report = Parse(text);
  EXPECT_EQ(Only(report).verdict, Verdict::kAccepted);
  EXPECT_EQ(CountOf(report, Code::kCountDiffers), 2U);
  EXPECT_EQ(CountOf(report, Code::kReferenceDiffers), 2U);
  const Diagnostic* d = Find(report, Code::kCountDiffers);
  ASSERT_NE(d, nullptr);
  EXPECT_EQ(d->tag, "UNT");
  EXPECT_EQ(d->message, 1U);
  EXPECT_EQ(d->segment, 16U);
  EXPECT_EQ(d->element, 1U);
  EXPECT_EQ(d->offset, text.find("UNT"));
}

TEST(ReaderTest, GroupsAreOptionalAndCounted) {
  std::string text = OneTraveller();
  text.insert(text.find("UNH"),
              "UNG +PAXLST+Q7+QVAGOV+260601:1210+G1+UN+D:05B'");
  text.insert(text.find("UNZ"), "UNE+1+G1'");
  EXPECT_THAT(Parse(text).diagnostics, IsEmpty());
  text.replace(text.find("UNE+1+G1"), 8, "UNE+2+G9");
  const Report report = Parse(text);
  EXPECT_EQ(CountOf(report, Code::kCountDiffers), 1U);
  EXPECT_EQ(CountOf(report, Code::kReferenceDiffers), 1U);
}

TEST(ReaderTest, MissingEndsAreWarnings) {
  const std::string whole = OneTraveller();
  std::string no_unz = whole;
  no_unz.resize(no_unz.find("UNZ"));
  EXPECT_EQ(CountOf(Parse(no_unz), Code::kEnvelopeOpen), 1U);
  EXPECT_EQ(Only(Parse(no_unz)).passengers, 1U);
  EXPECT_FALSE(Only(Parse(no_unz)).truncated);
  std::string no_unt = whole;
  no_unt.erase(no_unt.find("UNT"), no_unt.find("UNZ") - no_unt.find("UNT"));
  EXPECT_EQ(CountOf(Parse(no_unt), Code::kEnvelopeOpen), 1U);
  EXPECT_EQ(Only(Parse(no_unt)).passengers, 1U);
}

TEST(ReaderTest, SeveralMessagesAndInterchanges) {
  std::string text = OneTraveller();
  const std::string message =
      text.substr(text.find("UNH"), text.find("UNZ") - text.find("UNH"));
  std::string second = message;
  second.replace(second.find("UNH+M1"), 6, "UNH+M2");
  second.replace(second.find("+M1'"), 4, "+M2'");
  text.insert(text.find("UNZ"), second);
  text.replace(text.find("UNZ+1"), 5, "UNZ+2");
  text += "\r\n" + OneTraveller();
  const Report report = Parse(text);
  EXPECT_THAT(report.diagnostics, IsEmpty());
  ASSERT_THAT(report.messages, SizeIs(3));
  EXPECT_EQ(report.messages[2].report.message, 3U);
  EXPECT_GT(report.messages[2].report.interchange_offset,
            report.messages[1].report.offset);
  EXPECT_EQ(report.totals.persons, 3U);
}

// T9
TEST(ReaderTest, ACutMessageKeepsItsPersons) {
  std::string text = Wrapped(Traveller("OLDENRAY", "MARTA", "870412") +
                             Traveller("TESHKOV", "IVEN", "590903"));
  text.resize(text.find("DTM+329:590903"));
  const Report report = Parse(text);
  EXPECT_EQ(Only(report).passengers, 2U);
  EXPECT_TRUE(Only(report).truncated);
  EXPECT_EQ(CountOf(report, Code::kTruncated), 1U);
  EXPECT_EQ(CountOf(report, Code::kEnvelopeOpen), 0U);
  EXPECT_EQ(report.messages[0].persons[1].names[0].surname, "TESHKOV");
  // Inside its NAD, nothing of it is kept.
  text.resize(text.find("TESHKOV") + 7);
  EXPECT_EQ(Only(Parse(text)).passengers, 1U);
}

// T7
TEST(ReaderTest, ComparesTheAnnouncedCount) {
  const std::string one = Traveller("OLDENRAY", "MARTA", "870412");
  EXPECT_EQ(CountOf(Parse(Wrapped(one + "CNT+42:1'")), Code::kCntDiffers), 0U);
  const Report report = Parse(Wrapped(one + "CNT+42:206'"));
  EXPECT_EQ(CountOf(report, Code::kCntDiffers), 1U);
  EXPECT_EQ(Only(report).verdict, Verdict::kAccepted);
  EXPECT_EQ(Only(report).announced, 206U);
  // 41 on a passenger list is read all the same; 3 counts something else.
  EXPECT_EQ(CountOf(Parse(Wrapped(one + "CNT+41:2'")), Code::kCntDiffers), 1U);
  EXPECT_EQ(CountOf(Parse(Wrapped(one + "CNT+3:2'")), Code::kCntDiffers), 0U);
  EXPECT_FALSE(Only(Parse(Wrapped(one + "CNT+3:2'"))).announces);
}

// T8
TEST(ReaderTest, ReportsSeriesAndLeavesCountingToTheCaller) {
  const std::string one = Traveller("OLDENRAY", "MARTA", "870412");
  const Report part = Parse(Wrapped(one + "CNT+42:5'", "+Q7412/260601+02"));
  const MessageReport m = Only(part);
  EXPECT_TRUE(m.InSeries());
  EXPECT_EQ(m.series.reference, "Q7412/260601");
  EXPECT_EQ(m.series.sender, "Q7APIS");
  EXPECT_EQ(m.series.message_type, "PAXLST");
  EXPECT_EQ(m.series.list_kind, "745");
  EXPECT_EQ(m.part, 2U);
  EXPECT_FALSE(m.final_part);
  EXPECT_EQ(CountOf(part, Code::kCntDiffers), 0U);
  EXPECT_EQ(part.messages[0].journeys[0].series, "Q7412/260601");

  EXPECT_TRUE(Only(Parse(Wrapped(one, "+REF+03:F"))).final_part);
  EXPECT_TRUE(Only(Parse(Wrapped(one, "+REF+01:C"))).InSeries());
  EXPECT_FALSE(Only(Parse(Wrapped(one, "+REF+01:F"))).InSeries());
  EXPECT_FALSE(Only(Parse(Wrapped(one, "+REF"))).InSeries());
  EXPECT_EQ(CountOf(Parse(Wrapped(one + "CNT+42:5'", "+REF+01:F")),
                    Code::kCntDiffers),
            1U);
}

TEST(ReaderTest, MessagesOfOtherTypesAreRefused) {
  std::string text = OneTraveller();
  text.replace(text.find("PAXLST"), 6, "PNRGOV");
  const Report report = Parse(text);
  EXPECT_EQ(Only(report).verdict, Verdict::kQuarantined);
  EXPECT_EQ(Only(report).reason, Code::kMessageType);
  ASSERT_NE(Find(report, Code::kMessageType), nullptr);
  EXPECT_EQ(Find(report, Code::kMessageType)->segment, 1U);
  EXPECT_EQ(Find(report, Code::kMessageType)->tag, "UNH");
  EXPECT_THAT(report.messages[0].persons, IsEmpty());
  EXPECT_THAT(report.messages[0].journeys, IsEmpty());
  EXPECT_EQ(report.totals.quarantined, 1U);
  EXPECT_EQ(report.totals.persons, 0U);
}

TEST(ReaderTest, NoUnhIsQuarantine) {
  std::string text = OneTraveller();
  text.erase(text.find("UNH"), text.find("BGM") - text.find("UNH"));
  const Report report = Parse(text);
  EXPECT_EQ(Only(report).reason, Code::kUnhMissing);
  EXPECT_THAT(report.messages[0].persons, IsEmpty());
}

TEST(ReaderTest, AnnouncedAndNotThereIsQuarantine) {
  EXPECT_EQ(Only(Parse(Wrapped("CNT+42:3'"))).reason, Code::kPersonsMissing);
  EXPECT_EQ(Only(Parse(Wrapped("NAD+FL+++:'"))).reason, Code::kPersonsMissing);
  EXPECT_EQ(Only(Parse(Wrapped("CNT+42:0'"))).verdict, Verdict::kAccepted);
  // A part of a series may hold none of those that the whole announces.
  EXPECT_EQ(Only(Parse(Wrapped("CNT+42:3'", "+REF+02:F"))).verdict,
            Verdict::kAccepted);
}

TEST(ReaderTest, InputWithoutAnInterchange) {
  const Report report = Parse("Dear sirs, please find attached\r\n");
  EXPECT_EQ(Only(report).reason, Code::kNoInterchange);
  EXPECT_EQ(CountOf(report, Code::kNoInterchange), 1U);
  const Report empty = Parse("");
  EXPECT_THAT(empty.messages, IsEmpty());
  EXPECT_EQ(CountOf(empty, Code::kNoInterchange), 1U);
}

TEST(ReaderTest, NoFlightIsAWarning) {
  const Report report = Parse(
      "UNB+UNOA:4+Q7+QVAGOV+260601:1210+R1'UNH+M1+PAXLST:D:05B:UN'BGM+745'"
      "NAD+FL+++A:B'DTM+329:800101'UNT+5+M1'UNZ+1+R1'");
  EXPECT_EQ(Only(report).verdict, Verdict::kAccepted);
  EXPECT_EQ(CountOf(report, Code::kJourneyMissing), 1U);
}

TEST(ReaderTest, UnknownAndMisplacedSegmentsAreSkippedOrRead) {
  std::string text = OneTraveller();
  text.insert(text.find("NAT+2"), "TVL+1:2'XQX+OLDENRAY'");
  const Report report = Parse(text);
  EXPECT_EQ(Only(report).passengers, 1U);
  ASSERT_EQ(CountOf(report, Code::kSegmentUnknown), 2U);
  EXPECT_EQ(Find(report, Code::kSegmentUnknown)->tag, "TVL");
  // A tag that is in no directory might be text: it is not repeated.
  EXPECT_EQ(report.diagnostics[1].tag, "");
}

TEST(ReaderTest, MisplacedEnvelopeSegmentsDoNotCutAMessage) {
  const std::string whole = Wrapped(Traveller("OLDENRAY", "MARTA", "870412") +
                                    Traveller("TESHKOV", "IVEN", "590903"));
  for (const char* stray :
       {"UNT+5+M1'", "UNE+1+G1'", "UNG+PAXLST+Q7+Q8+260601:1210+G1+UN+D:05B'",
        "UNH+M1+PAXLST:D:05B:UN:IATA'",
        "UNB+UNOA:4+Q7APIS+QVAGOV+260601:1210+R1'", "BGM+745'",
        "NAD+MS+++DESK'"}) {
    std::string text = whole;
    text.insert(text.find("NAT+2"), stray);
    const Report report = Parse(text);
    EXPECT_EQ(Only(report).passengers, 2U) << stray;
    EXPECT_EQ(Only(report).documents, 2U) << stray;
    EXPECT_GE(CountOf(report, Code::kSegmentMisplaced), 1U) << stray;
  }
}

TEST(ReaderTest, UnhBehindItsFirstSegmentIsAdopted) {
  std::string text = OneTraveller();
  const std::size_t unh = text.find("UNH");
  const std::size_t bgm = text.find("BGM");
  const std::string moved = text.substr(unh, bgm - unh);
  text.erase(unh, bgm - unh);
  text.insert(text.find("TDT"), moved);
  const Report report = Parse(text);
  EXPECT_EQ(Only(report).verdict, Verdict::kAccepted);
  EXPECT_EQ(Only(report).list_kind, "745");
  EXPECT_EQ(Only(report).passengers, 1U);
}

// T22 and duplicates.
TEST(ReaderTest, TheContentHashIgnoresSendingAndFollowsContent) {
  const std::string text = OneTraveller();
  const Hash hash = Only(Parse(text)).content;

  std::string again = text;
  again.replace(again.find("+R1'"), 4, "+R2'");
  again.replace(again.find("260601:1210"), 11, "260602:0115");
  again.replace(again.find("+M1+"), 4, "+M9+");
  again.insert(again.find("TDT"), "DTM+137:2606020115:201'");
  EXPECT_EQ(Only(Parse(again)).content, hash);

  // Other separators, line breaks, releases: the same content.
  std::string other = text.substr(text.find("UNB"));
  for (char& c : other) {
    if (c == '+') c = '*';
    if (c == '\'') c = '$';
  }
  EXPECT_EQ(Only(Parse("UNA:*.? $\r\n" + other)).content, hash);

  for (const char* change : {"MARTA", "870412", "QBB", "KX"}) {
    std::string changed = text;
    changed[changed.find(change)] = '9';
    EXPECT_NE(Only(Parse(changed)).content, hash) << change;
  }
  // An element that moves is another content.
  std::string moved = text;
  moved.replace(moved.find("OLDENRAY:MARTA"), 14, "OLDENRAY+MARTA");
  EXPECT_NE(Only(Parse(moved)).content, hash);
}

TEST(ReaderTest, LimitsQuarantineTheMessageAndTheNextOneIsRead) {
  struct Case {
    Code code;
    Options options;
    std::string body;
  };
  std::vector<Case> cases;
  const std::string one = Traveller("OLDENRAY", "MARTA", "870412");
  cases.push_back({Code::kLimitSegment,
                   {},
                   "FTX+AAA+++" + std::string(70'000, 'x') + "'" + one});
  Options options;
  options.limits.elements = 10;
  cases.push_back(
      {Code::kLimitElements, options, one + "NAD+1+2+3+4+5+6+7+8+9+10+11'"});
  options = {};
  options.limits.components = 10;
  cases.push_back(
      {Code::kLimitComponents, options, one + "NAD+1:2:3:4:5:6:7:8:9:10:11'"});
  options = {};
  options.limits.persons = 2;
  cases.push_back({Code::kLimitPersons, options, one + one + one});
  options = {};
  options.limits.message_bytes = 1000;
  cases.push_back({Code::kLimitMessage, options,
                   one + one + one + one + one + one + one + one + one + one});
  for (const Case& c : cases) {
    const std::string text = Wrapped(c.body) + OneTraveller();
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{4096}}) {
      const Report report = ParseInChunks(text, chunk, c.options);
      ASSERT_THAT(report.messages, SizeIs(2)) << Info(c.code).id;
      EXPECT_EQ(report.messages[0].report.reason, c.code);
      EXPECT_THAT(report.messages[0].persons, IsEmpty());
      EXPECT_EQ(CountOf(report, c.code), 1U);
      EXPECT_EQ(report.messages[1].report.verdict, Verdict::kAccepted);
      EXPECT_THAT(report.messages[1].persons, SizeIs(1));
    }
  }
}

TEST(ReaderTest, AnInterchangePastItsLimit) {
  Options options;
  options.limits.interchange_bytes = 600;
  std::string text = OneTraveller();
  const std::string message =
      text.substr(text.find("UNH"), text.find("UNZ") - text.find("UNH"));
  for (int i = 0; i < 3; ++i) text.insert(text.find("UNZ"), message);
  const Report report = Parse(text + OneTraveller(), options);
  ASSERT_THAT(report.messages, SizeIs(5));
  EXPECT_EQ(report.messages[0].report.verdict, Verdict::kAccepted);
  EXPECT_EQ(report.messages[3].report.reason, Code::kLimitInterchange);
  EXPECT_EQ(report.messages[4].report.verdict, Verdict::kAccepted);
}

TEST(ReaderTest, LimitsGoDownOnly) {
  Options options;
  options.limits.persons = 1'000'000;
  std::string body;
  for (int i = 0; i < 10'001; ++i) body += "NAD+FL+++A:B'";
  EXPECT_EQ(Only(Parse(Wrapped(body), options)).reason, Code::kLimitPersons);
}

TEST(ReaderTest, AFloodOfDiagnosticsIsSummed) {
  std::string body = Traveller("OLDENRAY", "MARTA", "870412");
  for (int i = 0; i < 5'000; ++i) body += "TVL+1'";
  const Report report = Parse(Wrapped(body));
  EXPECT_EQ(CountOf(report, Code::kSegmentUnknown), 5'000U);
  EXPECT_LT(report.diagnostics.size(), 100U);
  std::uint64_t sum = 0;
  for (const Diagnostic& d : report.diagnostics) sum += d.count;
  EXPECT_EQ(sum, 5'000U);
}

}  // namespace
}  // namespace entente::ingest
