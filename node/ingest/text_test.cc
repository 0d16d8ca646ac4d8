#include "node/ingest/text.h"

#include "tests/testing/status_matchers.h"

namespace entente::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Utf8Test, TakesWellFormedTextOnly) {
  for (const char* good :
       {"", "ASCII", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
        "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "ТЕШКОВ",
        "long ascii, then é"}) {
    EXPECT_TRUE(IsUtf8(good)) << good;
  }
  for (const char* bad :
       {"\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82",
        "A\xFF", "\xC3\x28"}) {
    EXPECT_FALSE(IsUtf8(bad)) << bad;
  }
}

TEST(Utf8Test, Latin1BecomesUtf8) {
  EXPECT_EQ(FromLatin1("M\xDCLLER \xFF"), "MÜLLER ÿ");
  EXPECT_TRUE(IsUtf8(FromLatin1("\x80\xBF\xC0\xFE")));
}

TEST(KeptTest, ControlCharactersBecomeBlanks) {
  EXPECT_EQ(Kept("  A B  "), "A B");
  EXPECT_EQ(Kept("\tA\x1B[2JB\x7F"), "A [2JB");
  EXPECT_EQ(Kept("A\xC2\x9B"
                 "2JB"),
            "A  2JB");  // CSI of eight bits
  EXPECT_EQ(Kept("\xC2\xA0"
                 "A\xC3\x9C"),
            "\xC2\xA0"
            "AÜ");
  EXPECT_EQ(Kept(std::string_view("A\0B", 3)), "A B");
  EXPECT_EQ(Kept(" \r\n "), "");
}

TEST(TextTest, CountsAreShortAndPlain) {
  std::uint64_t n = 7;
  EXPECT_TRUE(ReadCount(" 0042 ", n));
  EXPECT_EQ(n, 42U);
  EXPECT_TRUE(ReadCount("0", n));
  EXPECT_EQ(n, 0U);
  for (const char* bad : {"", "-1", "+1", "1x", "1 2", "1234567890"}) {
    EXPECT_FALSE(ReadCount(bad, n)) << bad;
  }
}

TEST(TextTest, ListsSplitAtTheirSeparators) {
  EXPECT_THAT(SplitList("QOR;QVA / QTA,QMA"),
              ElementsAre("QOR", "QVA", "QTA", "QMA"));
  EXPECT_THAT(SplitList(" ; "), IsEmpty());
  EXPECT_THAT(SplitList(""), IsEmpty());
}

}  // namespace
}  // namespace entente::ingest
