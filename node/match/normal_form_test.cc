#include "node/match/normal_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "node/match/made_people.h"
#include "node/match/warm_up.h"
#include "tests/testing/status_matchers.h"

namespace entente::match {
namespace {

std::vector<std::string> WordsOf(std::string_view field) {
  const std::string folded = Fold(field);
  std::vector<std::string_view> words;
  Words(folded, words);
  return {words.begin(), words.end()};
}

std::vector<std::string> CoreOf(std::vector<std::string_view> words,
                                std::size_t least) {
  std::vector<std::string_view> core;
  Core(words, least, core);
  return {core.begin(), core.end()};
}

std::string CutTitle(std::string folded) {
  CutGluedTitle(folded);
  return folded;
}

void AppendUtf8(char32_t c, std::string& out) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0U | (c >> 6U)));
    out.push_back(static_cast<char>(0x80U | (c & 0x3FU)));
  } else {
    out.push_back(static_cast<char>(0xE0U | (c >> 12U)));
    out.push_back(static_cast<char>(0x80U | ((c >> 6U) & 0x3FU)));
    out.push_back(static_cast<char>(0x80U | (c & 0x3FU)));
  }
}

TEST(NormalFormTest, EveryCodePointAloneAndBetweenLettersIsAsThePlainStepsSay) {
  for (char32_t c = 0; c < 0x3000; ++c) {
    for (const std::string_view before : {"", "a", "\u00e9"}) {
      std::string field(before);
      AppendUtf8(c, field);
      field += "e";
      ASSERT_EQ(Fold(field), FoldPlainly(field))
          << std::hex << std::uint32_t{c};
    }
  }
}

TEST(NormalFormTest, RandomTextIsAsThePlainStepsSay) {
  MadeCrowd crowd(3);
  // First code point and size of the blocks that the letters are drawn from.
  constexpr std::pair<char32_t, unsigned> kBlocks[] = {
      {0x20, 0x5F},   {0xA0, 0x5F},   {0x100, 0x7F},  {0x1E00, 0xFF},
      {0x300, 0x6F},  {0x370, 0x8F},  {0x400, 0xFF},  {0x600, 0xFF},
      {0x2010, 0x1F}, {0x5D0, 0x1A},  {0x900, 0x7F},  {0xE00, 0x5B},
      {0x1100, 0xFF}, {0xAC00, 0xFF}, {0x4E00, 0xFF}, {0xFF00, 0x5E}};
  for (int i = 0; i < 20'000; ++i) {
    std::string field;
    const unsigned blocks = i % 2 == 0 ? 8 : 15;
    for (unsigned size = crowd.Upto(8); size > 0; --size) {
      const auto& [first, span] = kBlocks[crowd.Upto(blocks)];
      AppendUtf8(first + crowd.Upto(span), field);
    }
    ASSERT_EQ(Fold(field), FoldPlainly(field)) << ToHex(AsBytes(field));
  }
}

TEST(NormalFormTest, AnyBytesGiveWordsOfLettersAndDigits) {
  MadeCrowd crowd(11);
  for (int i = 0; i < 20'000; ++i) {
    std::string field;
    for (unsigned size = crowd.Upto(12); size > 0; --size) {
      field.push_back(static_cast<char>(crowd.Upto(255)));
    }
    const std::string folded = Fold(field);
    ASSERT_EQ(folded, FoldPlainly(field)) << ToHex(AsBytes(field));
    ASSERT_EQ(Fold(folded), folded);
    ASSERT_EQ(folded.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 "),
              std::string::npos);
    ASSERT_FALSE(folded.starts_with(' ') || folded.ends_with(' ') ||
                 folded.find("  ") != std::string::npos);
  }
}

TEST(NormalFormTest, MalformedUtf8IsABlank) {
  EXPECT_EQ(Fold("VAL\xFF"
                 "DER"),
            "VAL DER");
  EXPECT_EQ(Fold("VALDER\xC3"), "VALDER");
  EXPECT_EQ(Fold("\xC0\xAFVALDER"), "VALDER");  // overlong
  EXPECT_EQ(Fold(std::string_view("VAL\0DER", 7)), "VAL DER");
  EXPECT_EQ(Fold("VAL\x1F"
                 "DER"),
            "VAL DER");
}

TEST(NormalFormTest, ThreadsFoldAlike) {
  const std::string want = Fold("王小明 Щербенов");
  std::vector<std::string> have(4);
  std::vector<std::thread> threads;
  for (std::string& one : have) {
    threads.emplace_back([&one] {
      if (WarmUp().ok()) one = Fold("王小明 Щербенов");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(have, ::testing::Each(want));
  EXPECT_FALSE(want.empty());
}

TEST(NormalFormTest, PlaceholdersGoAndTitlesGoUnlessNothingElseIsThere) {
  EXPECT_THAT(WordsOf("MR IVEN"), ::testing::ElementsAre("IVEN"));
  EXPECT_THAT(WordsOf("Sheikh Salman Dr."), ::testing::ElementsAre("SALMAN"));
  EXPECT_THAT(WordsOf("MASTER"), ::testing::ElementsAre("MASTER"));
  EXPECT_THAT(WordsOf("MISS PROF"), ::testing::ElementsAre("MISS", "PROF"));
  EXPECT_THAT(WordsOf("FNU MR"), ::testing::ElementsAre("MR"));
  EXPECT_THAT(WordsOf("FNU XXX"), ::testing::IsEmpty());
  EXPECT_THAT(WordsOf("UNKNOWN IVEN NA"), ::testing::ElementsAre("IVEN"));
}

TEST(NormalFormTest, ParticlesGoUnlessTooLittleWouldBeLeft) {
  EXPECT_THAT(CoreOf({"IVEN", "VAN", "DER", "BRANDOLE"}, 2),
              ::testing::ElementsAre("IVEN", "BRANDOLE"));
  EXPECT_THAT(CoreOf({"AL", "MERIDI"}, 2),
              ::testing::ElementsAre("AL", "MERIDI"));
  EXPECT_THAT(CoreOf({"AL", "MERIDI"}, 1), ::testing::ElementsAre("MERIDI"));
  EXPECT_THAT(CoreOf({"DE", "LA"}, 1), ::testing::ElementsAre("DE", "LA"));
  EXPECT_THAT(CoreOf({"DE"}, 2), ::testing::ElementsAre("DE"));
  EXPECT_THAT(CoreOf({}, 2), ::testing::IsEmpty());
}

TEST(NormalFormTest, GluedTitlesAreCutFromTheLastWordOnly) {
  EXPECT_EQ(CutTitle("SAMIRMR"), "SAMIR");
  EXPECT_EQ(CutTitle("JACKIMRS"), "JACKI");
  EXPECT_EQ(CutTitle("IVENMSTR"), "IVEN");
  EXPECT_EQ(CutTitle("ILSE RUTHMISS"), "ILSE RUTH");
  EXPECT_EQ(CutTitle("ILSEMS"), "ILSE");
  EXPECT_EQ(CutTitle("ADAMS"), "ADAMS");    // three letters before MS
  EXPECT_EQ(CutTitle("ALMRS"), "ALMRS");    // two before MRS
  EXPECT_EQ(CutTitle("AMR"), "AMR");        // one before MR
  EXPECT_EQ(CutTitle("IV3NMR"), "IV3NMR");  // not letters only
  EXPECT_EQ(CutTitle("SAMIRMR IVEN"), "SAMIRMR IVEN");
  EXPECT_EQ(CutTitle("MR"), "MR");
  EXPECT_EQ(CutTitle(""), "");
}

}  // namespace
}  // namespace entente::match
