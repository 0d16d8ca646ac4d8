#include "node/ingest/tokenizer.h"

#include "node/ingest/service_chars.h"
#include "tests/testing/status_matchers.h"

namespace entente::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

struct Read {
  std::vector<std::string> segments;  // TAG|element,element: components by /
  std::vector<Start> starts;
  std::vector<Segment> raw;
  Start leftover;
};

std::string Show(const Segment& s) {
  std::string canonical;
  s.AppendCanonical(canonical);
  for (char& c : canonical) {
    if (c == '\x1D') c = '/';
    if (c == '\x1F') c = '|';
  }
  canonical.resize(canonical.size() - 2);  // the end marks
  return canonical;
}

Read Tokens(std::string_view text, std::size_t chunk = 4096,
            const Limits& limits = {}) {
  Read read;
  Tokenizer tokenizer(limits);
  std::size_t at = 0;
  for (;;) {
    switch (tokenizer.Next()) {
      case Tokenizer::Event::kNeedMore:
        if (at >= text.size()) {
          tokenizer.SetEnd();
        } else {
          tokenizer.Append(AsBytes(text.substr(at, chunk)));
          at += chunk;
        }
        break;
      case Tokenizer::Event::kStart:
        read.starts.push_back(tokenizer.start());
        break;
      case Tokenizer::Event::kSegment:
        read.raw.push_back(tokenizer.segment());
        read.segments.push_back(Show(tokenizer.segment()));
        break;
      case Tokenizer::Event::kEnd:
        read.leftover = tokenizer.leftover();
        return read;
    }
  }
}

TEST(TokenizerTest, CutsElementsAndComponents) {
  const Read read =
      Tokens("UNA:+.? 'UNB+UNOA:4+Q7'NAD+FL+++OLDENRAY:MARTA'DOC++'UNZ+1+1'");
  EXPECT_THAT(read.segments,
              ElementsAre("UNB|UNOA/4|Q7", "NAD|FL|||OLDENRAY/MARTA", "DOC||",
                          "UNZ|1|1"));
  ASSERT_THAT(read.starts, SizeIs(1));
  EXPECT_EQ(read.starts[0].una, Una::kGood);
  EXPECT_EQ(read.starts[0].junk_bytes, 0U);
}

// T1
TEST(TokenizerTest, SkipsTelexLinesBeforeTheInterchange) {
  const std::string text =
      "\x01QU QVAGOV7\r\n.QAAQ7XH 011200\r\nUNB IS COMING UNAWARE\r\n\x02"
      "UNA:+.? ' \r\n UNB+UNOA:4+Q7'UNZ+0+1'\r\n\x03";
  const Read read = Tokens(text);
  EXPECT_THAT(read.segments, ElementsAre("UNB|UNOA/4|Q7", "UNZ|0|1"));
  ASSERT_THAT(read.starts, SizeIs(1));
  EXPECT_EQ(read.starts[0].una, Una::kGood);
  EXPECT_EQ(read.starts[0].junk_bytes, read.starts[0].offset);
  EXPECT_EQ(read.starts[0].offset, text.find("UNA:"));
  EXPECT_EQ(read.leftover.junk_bytes, 0U);
}

TEST(TokenizerTest, JunkBehindAnInterchangeIsCounted) {
  const Read read =
      Tokens("UNB+UNOA:4+Q7'UNZ+0+1'NNNN\r\nUNB+UNOA:4+Q8'UNZ+0+2'\r\nbye");
  EXPECT_THAT(read.segments, ElementsAre("UNB|UNOA/4|Q7", "UNZ|0|1",
                                         "UNB|UNOA/4|Q8", "UNZ|0|2"));
  ASSERT_THAT(read.starts, SizeIs(2));
  EXPECT_EQ(read.starts[1].junk_bytes, 6U);
  EXPECT_EQ(read.starts[1].junk_offset, 22U);
  EXPECT_EQ(read.leftover.junk_bytes, 5U);
}

// T2: every set of characters that was seen, from UNA.
TEST(TokenizerTest, TakesAnySeparatorsFromUna) {
  struct Set {
    std::string_view una;
    std::string_view body;
  };
  for (const Set& set : {
           Set{"UNA:+.? '", "UNB+UNOA:4+Q7'NAD+FL+++A?+B:C'UNZ+1+1'"},
           Set{"UNA:*.? $", "UNB*UNOA:4*Q7$NAD*FL***A+B:C$UNZ*1*1$"},
           Set{"UNA:*.? #", "UNB*UNOA:4*Q7#NAD*FL***A+B:C#UNZ*1*1#"},
           Set{"UNA:-.? *", "UNB-UNOA:4-Q7*NAD-FL---A+B:C*UNZ-1-1*"},
           Set{"UNA:-.? '", "UNB-UNOA:4-Q7'NAD-FL---A+B:C'UNZ-1-1'"},
           Set{"UNA:(.) -", "UNB(UNOA:4(Q7-NAD(FL(((A+B:C-UNZ(1(1-"},
           Set{"UNA:+,\\ '", "UNB+UNOA:4+Q7'NAD+FL+++A\\+B:C'UNZ+1+1'"},
           Set{"UNA:+.?*'", "UNB+UNOA:4+Q7'NAD+FL+++A?+B:C'UNZ+1+1'"},
           Set{"UNA:+.? \"", "UNB+UNOA:4+Q7\"NAD+FL+++A?+B:C\"UNZ+1+1\""},
       }) {
    const Read read = Tokens(std::string(set.una) + std::string(set.body));
    ASSERT_THAT(read.starts, SizeIs(1)) << set.una;
    EXPECT_EQ(read.starts[0].una, Una::kGood) << set.una;
    EXPECT_THAT(read.segments,
                ElementsAre("UNB|UNOA/4|Q7", "NAD|FL|||A+B/C", "UNZ|1|1"))
        << set.una;
  }
}

// T2 and step 2: no UNA.
TEST(TokenizerTest, SniffsWithoutUna) {
  for (const char* text : {
           "UNB+UNOA:4+Q7'NAD+FL+++A?+B:C'UNZ+1+1'",
           "UNB+SIRE:4+Q7\"NAD+FL+++A?+B:C\"UNZ+1+1\"",
           "UNB*IATA:4*Q7$NAD*FL***A+B:C$UNZ*1*1$",
           "UNB+UNOA:4+Q7*NAD+FL+++A?+B:C*UNZ+1+1*",
           "UNB+UNOA:4+Q7#NAD+FL+++A\\+B:C#UNZ+1+1#",
           "UNB+UNOA:4+Q7\u2019NAD+FL+++A?+B:C\u2019UNZ+1+1\u2019",
           "UNB+UNOA>4+Q7-NAD+FL+++A?+B>C-UNZ+1+1-",
       }) {
    const Read read = Tokens(text);
    ASSERT_THAT(read.starts, SizeIs(1)) << text;
    EXPECT_EQ(read.starts[0].una, Una::kMissing);
    ASSERT_THAT(read.segments, SizeIs(3)) << text;
    EXPECT_EQ(read.segments[1], "NAD|FL|||A+B/C") << text;
  }
}

TEST(TokenizerTest, NoRepetitionWithoutUna) {
  const Read read = Tokens("UNB+UNOA:4+APIS*C3K:ZZ'UNZ+0+1'");
  EXPECT_EQ(read.segments[0], "UNB|UNOA/4|APIS*C3K/ZZ");
}

// T3
TEST(TokenizerTest, DoesNotBelieveABadUna) {
  for (const char* una : {"UNA:+.?'", "UNA:+.? \u2019", "UNA:++? '",
                          "UNA:+.?X'", "UNA:+.? '9", "UNA"}) {
    const Read read =
        Tokens(std::string(una) + "UNB+UNOA:4+Q7'NAD+FL+++A:B'UNZ+1+1'");
    ASSERT_THAT(read.starts, SizeIs(1)) << una;
    EXPECT_EQ(read.starts[0].una, Una::kBad) << una;
    EXPECT_THAT(read.segments,
                ElementsAre("UNB|UNOA/4|Q7", "NAD|FL|||A/B", "UNZ|1|1"))
        << una;
  }
}

// T4, T5
TEST(TokenizerTest, LinesMayBreakAnywhere) {
  const std::string whole =
      "UNA:+.? 'UNB+UNOA:4+Q7'UNH+1+PAXLST:D:05B'NAD+FL+++OLDENRAY:MARTA'"
      "UNT+3+1'UNZ+1+1'";
  const std::vector<std::string> want = Tokens(whole).segments;
  for (std::size_t at = 1; at < whole.size(); ++at) {
    std::string broken = whole;
    broken.insert(at, "\r\n");
    EXPECT_EQ(Tokens(broken).segments, want) << at;
  }
  EXPECT_EQ(Tokens("UNA:+.? '\n UNB+UNOA:4+Q7' UNH +1+PAXLST:D:05B'\n  "
                   "NAD+FL+++OLDENRAY:MARTA'  UNT+3+1'\n UNZ +1+1'\n")
                .segments,
            want);
}

// T10, step 5
TEST(TokenizerTest, ATerminatorEndsOnlyBeforeATag) {
  const Read read = Tokens(
      "UNA:+.? 'UNB+UNOA:4+Q7'NAD+FL+++O'NAIRNE:SEAN'FTX+AAA+++10 PCT "
      "DISCOUNT'COM+MOLLY_LOUUNT+50'NAD+FL+++D'ABC:X'UNZ+1+1'");
  EXPECT_THAT(read.segments,
              ElementsAre("UNB|UNOA/4|Q7", "NAD|FL|||O'NAIRNE/SEAN",
                          "FTX|AAA|||10 PCT DISCOUNT", "COM|MOLLY_LOUUNT|50",
                          "NAD|FL|||D'ABC/X", "UNZ|1|1"));
  EXPECT_EQ(read.raw[1].terminators_in_text, 1U);
  EXPECT_EQ(read.raw[2].terminators_in_text, 0U);
}

TEST(TokenizerTest, PhoneNumbersSurviveADashAsTerminator) {
  const Read read = Tokens(
      "UNA:(.) -UNB(UNOA:4(Q7-COM(404-555-1212:TE-NAD(FL(((A:B-UNZ(1(1-");
  EXPECT_THAT(read.segments, ElementsAre("UNB|UNOA/4|Q7", "COM|404-555-1212/TE",
                                         "NAD|FL|||A/B", "UNZ|1|1"));
}

// T18
TEST(TokenizerTest, JoinsFreeTextBeyondTheTable) {
  const Read read = Tokens(
      "UNA:-.? 'UNB-UNOA:4-Q7'FTX-AAA---A-B-C-D-E'COM-1-2-3-4-5:TE'"
      "NAD-FL---A-B-C-D-E-F-G'UNZ-1-1'");
  EXPECT_THAT(read.segments, ElementsAre("UNB|UNOA/4|Q7", "FTX|AAA|||A|B|C-D-E",
                                         "COM|1|2|3-4-5/TE",
                                         "NAD|FL|||A|B|C|D|E|F|G", "UNZ|1|1"));
}

// Step 6
TEST(TokenizerTest, AReleaseBeforeAnOrdinaryCharacterIsText) {
  const Read read =
      Tokens("UNA:+.? 'UNB+UNOA:4+Q7'FTX+?A??B?:C?'D?+E'DOC+P+X?'UNZ+1+1'");
  EXPECT_THAT(read.segments, ElementsAre("UNB|UNOA/4|Q7", "FTX|?A?B:C'D+E",
                                         "DOC|P|X'UNZ|1|1"));
  EXPECT_EQ(read.raw[1].dangling_releases, 1U);
  const Read repeated = Tokens("UNA:+.?*'UNB+UNOA:4+Q?*7'UNZ+0+1'");
  EXPECT_EQ(repeated.segments[0], "UNB|UNOA/4|Q*7");
}

// T17, step 7
TEST(TokenizerTest, GuessesTheCharacterSetOfEachSegment) {
  const Read read = Tokens(
      "UNA:+.? 'UNB+UNOA:4+Q7'NAD+FL+++\xC5\xA0T\xC4\x9APAN:\xC3\x9D'"
      "NAD+FL+++M\xDCLLER:J\xD6RG'UNZ+1+1'");
  EXPECT_EQ(read.segments[1], "NAD|FL|||ŠTĚPAN/Ý");
  EXPECT_FALSE(read.raw[1].latin1);
  EXPECT_EQ(read.segments[2], "NAD|FL|||MÜLLER/JÖRG");
  EXPECT_TRUE(read.raw[2].latin1);
}

TEST(TokenizerTest, TagsAreComparedUpperCase) {
  const Read read = Tokens("UNA:+.? 'UNB+UNOA:4+Q7'nad+FL+++A:B'unz+1+1'X");
  EXPECT_EQ(read.segments[1], "NAD|FL|||A/B");
  EXPECT_EQ(read.segments[2], "UNZ|1|1");
  EXPECT_EQ(read.leftover.junk_bytes, 1U);
}

TEST(TokenizerTest, TheNextInterchangeNeedsNoUnz) {
  const Read read = Tokens(
      "UNA:+.? 'UNB+UNOA:4+Q7'UNH+1+PAXLST'UNT+2+1'\r\n"
      "UNA:*.? $UNB*UNOA:4*Q8$UNZ*0*1$");
  EXPECT_THAT(read.segments,
              ElementsAre("UNB|UNOA/4|Q7", "UNH|1|PAXLST", "UNT|2|1",
                          "UNB|UNOA/4|Q8", "UNZ|0|1"));
  ASSERT_THAT(read.starts, SizeIs(2));
  EXPECT_EQ(read.starts[1].una, Una::kGood);
  const Read other =
      Tokens("UNB+UNOA:4+Q7'UNH+1+PAXLST'UNT+2+1'UNB*UNOA:4*Q8'UNZ*0*1'");
  ASSERT_THAT(other.starts, SizeIs(2));
  EXPECT_EQ(other.segments.back(), "UNZ|0|1");
}

TEST(TokenizerTest, OffsetsAreThoseOfTheInput) {
  const std::string text =
      "\x01junk\r\nUNA:+.? '\r\nUNB+UNOA:4+Q7'\r\n  NAD+FL\r\n+++A:B'\r\nUNZ+1"
      "+1'\r\n";
  for (const std::size_t chunk :
       {std::size_t{1}, std::size_t{3}, text.size()}) {
    const Read read = Tokens(text, chunk);
    ASSERT_THAT(read.raw, SizeIs(3));
    EXPECT_EQ(read.starts[0].offset, text.find("UNA"));
    EXPECT_EQ(read.raw[0].offset, text.find("UNB"));
    EXPECT_EQ(read.raw[1].offset, text.find("NAD"));
    EXPECT_EQ(read.raw[1].end, text.find("B'") + 2);
    EXPECT_EQ(read.raw[2].offset, text.find("UNZ"));
    EXPECT_EQ(read.raw[2].end, text.find("1'") + 2);
  }
}

TEST(TokenizerTest, ACutSegmentIsMarked) {
  const Read read = Tokens("UNA:+.? 'UNB+UNOA:4+Q7'NAD+FL+++A:B'DOC+P+12");
  ASSERT_THAT(read.raw, SizeIs(3));
  EXPECT_TRUE(read.raw[1].terminated);
  EXPECT_FALSE(read.raw[2].terminated);
}

TEST(TokenizerTest, LimitsMarkTheSegmentAndGoOn) {
  Limits limits;
  limits.segment_bytes = 40;
  limits.elements = 5;
  limits.components = 3;
  const std::string text =
      "UNA:+.? 'UNB+UNOA:4+Q7'FTX+AAA+++" + std::string(200, 'x') +
      "'NAD+1+2+3+4+5'NAD+1+2+3+4+5+6'NAD+1:2:3'NAD+1:2:3:4'UNZ+1+1'";
  for (const std::size_t chunk :
       {std::size_t{1}, std::size_t{7}, text.size()}) {
    const Read read = Tokens(text, chunk, limits);
    ASSERT_THAT(read.raw, SizeIs(7));
    EXPECT_TRUE(read.raw[1].too_long);
    EXPECT_EQ(read.raw[1].elements(), 0U);
    EXPECT_EQ(read.raw[1].offset, text.find("FTX"));
    EXPECT_FALSE(read.raw[2].too_many_elements);
    EXPECT_TRUE(read.raw[3].too_many_elements);
    EXPECT_FALSE(read.raw[4].too_many_components);
    EXPECT_TRUE(read.raw[5].too_many_components);
    EXPECT_EQ(read.segments[6], "UNZ|1|1");
  }
}

TEST(TokenizerTest, ManyBlanksAndEndlessJunkCostNoMemoryAndLittleTime) {
  std::string text = "UNA:+.? 'UNB+UNOA:4+Q7'";
  text += std::string(60'000, ' ');
  text += "NAD+FL+++A:B'" + std::string(60'000, ' ') + "UNZ+1+1'";
  EXPECT_THAT(Tokens(text, 1).segments, SizeIs(3));
  EXPECT_THAT(Tokens(std::string(300'000, 'U'), 1).segments, SizeIs(0));
}

// Each one makes the tokenizer look for service characters anew.
TEST(TokenizerTest, ManyShortInterchangesCostLittleTime) {
  std::string text;
  while (text.size() < 1'000'000) {
    text += "UNA:+.? 'UNB+UNOA:4+Q'UNA:*.? $UNB*UNOA:4*Q$UNB+SIRE:4+Q'";
  }
  const Read read = Tokens(text, 16'384);
  EXPECT_GT(read.starts.size(), 50'000U);
}

TEST(TokenizerTest, BlanksBehindATerminatorNeedNoMemory) {
  Limits limits;
  limits.segment_bytes = 1000;
  const std::string text = "UNA:+.? 'UNB+UNOA:4+Q7'" +
                           std::string(200'000, ' ') + "XX'NAD+FL'UNZ+1+1'";
  for (const std::size_t chunk : {std::size_t{50}, text.size()}) {
    const Read read = Tokens(text, chunk, limits);
    ASSERT_THAT(read.segments, SizeIs(4));
    EXPECT_EQ(read.segments[2], "NAD|FL");
  }
}

TEST(ServiceCharsTest, UnaWithoutComponentOrTerminatorIsBad) {
  EXPECT_TRUE(ParseUna(":+.? 'UNB").has_value());
  EXPECT_TRUE(ParseUna(":+.  'UNB").has_value());  // no release character
  EXPECT_FALSE(ParseUna(" +.? 'UNB").has_value());
  EXPECT_FALSE(ParseUna(":+.?  UNB").has_value());
  EXPECT_FALSE(ParseUna(":+.?").has_value());
  EXPECT_FALSE(ParseUna(":+.\x07 'UNB").has_value());
  EXPECT_FALSE(ParseUna(":+.\xFF 'UNB").has_value());
}

}  // namespace
}  // namespace entente::ingest
