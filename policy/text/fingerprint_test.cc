#include "policy/text/fingerprint.h"

#include <gtest/gtest.h>

#include <set>

#include "crypto/primitive/hash.h"
#include "policy/fixture.h"
#include "policy/text/embedded.h"

namespace entente::policy {
namespace {

std::string Page() {
  return testing::ReadFile(testing::SourceDir() / "docs" / "protocol" /
                           "agreement-fingerprint.md");
}

TEST(WordListTest, HasEveryWordOnceSortedShortAndTellingInFourLetters) {
  std::set<std::string_view> starts;
  std::string_view before;
  for (std::size_t i = 0; i < kWordCount; ++i) {
    const std::string_view word = FingerprintWord(i);
    EXPECT_GE(word.size(), 4U) << word;
    EXPECT_LE(word.size(), 8U) << word;
    EXPECT_EQ(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz"),
              std::string_view::npos)
        << word;
    EXPECT_LT(before, word);
    EXPECT_TRUE(starts.insert(word.substr(0, 4)).second) << word;
    before = word;
  }
}

TEST(WordListTest, HasOneOfWordsThatSoundAlikeAtMost) {
  std::set<std::string_view> all;
  for (std::size_t i = 0; i < kWordCount; ++i) all.insert(FingerprintWord(i));
  const std::vector<std::vector<std::string_view>> alike{
      {"flower", "flour"},  {"their", "there"},   {"week", "weak"},
      {"whole", "hole"},    {"night", "knight"},  {"write", "right"},
      {"brake", "break"},   {"cereal", "serial"}, {"mail", "male"},
      {"plain", "plane"},   {"road", "rode"},     {"weather", "whether"},
      {"meat", "meet"},     {"pair", "pear"},     {"peace", "piece"},
      {"desert", "dessert"}};
  for (const auto& group : alike) {
    std::size_t there = 0;
    for (std::string_view word : group) there += all.count(word);
    EXPECT_LE(there, 1U) << group[0];
  }
}

TEST(WordListTest, IsTheOneThatThePagePins) {
  const std::string_view list = EmbeddedFile("text/words");
  EXPECT_NE(Page().find(ToHex(primitive::Sha256(AsBytes(list)))),
            std::string::npos)
      << ToHex(primitive::Sha256(AsBytes(list)));
}

TEST(FingerprintTest, TheVectorsOfThePageHold) {
  const std::string page = Page();
  const Hash example = DocumentHash(fixture::HitAgreement());
  const Hash demo = DocumentHash(fixture::DemoAgreement());
  Hash ones;
  ones.fill(0xFF);
  for (const Hash& hash : {Hash{}, ones, example, demo}) {
    const std::string row =
        "| `" + ToHex(hash) + "` | " + FingerprintText(hash) + " |";
    EXPECT_NE(page.find(row), std::string::npos) << row;
  }
}

TEST(FingerprintTest, EachOfTheFirst88BitsChangesItsOwnWord) {
  const Hash hash = DocumentHash(fixture::HitAgreement());
  const auto before = FingerprintWords(hash);
  for (std::size_t bit = 0; bit < 256; ++bit) {
    Hash other = hash;
    other[bit / 8] =
        static_cast<std::uint8_t>(other[bit / 8] ^ (0x80U >> (bit % 8)));
    const auto after = FingerprintWords(other);
    for (std::size_t i = 0; i < kFingerprintWords; ++i) {
      EXPECT_EQ(after[i] != before[i], bit / kBitsOfAWord == i) << bit;
    }
    EXPECT_NE(FingerprintGroups(other), FingerprintGroups(hash));
  }
}

TEST(FingerprintTest, TheFirstAndTheLastBitsStandInOrder) {
  Hash hash{};
  hash[1] = 0x20;  // bit 10, the lowest of the first word
  EXPECT_EQ(FingerprintWords(hash)[0], FingerprintWord(1));
  hash = {};
  hash[0] = 0x80;
  EXPECT_EQ(FingerprintWords(hash)[0], FingerprintWord(1024));
  hash = {};
  hash[10] = 0x01;  // bit 87
  EXPECT_EQ(FingerprintWords(hash)[7], FingerprintWord(1));
}

TEST(FingerprintTest, WhatWasHeardMatchesInAnyCaseAndShortened) {
  const Hash hash = DocumentHash(fixture::HitAgreement());
  const std::string text = FingerprintText(hash);
  std::string loud = text;
  std::string brief;
  for (char& c : loud) c = static_cast<char>(std::toupper(c));
  for (std::string_view word : FingerprintWords(hash)) {
    brief += std::string(word.substr(0, 4)) + "-";
  }
  EXPECT_TRUE(FingerprintMatches(hash, text));
  EXPECT_TRUE(FingerprintMatches(hash, loud));
  EXPECT_TRUE(FingerprintMatches(hash, brief));
  EXPECT_FALSE(FingerprintMatches(hash, ""));
  EXPECT_FALSE(FingerprintMatches(hash, text + " extra"));
  EXPECT_FALSE(FingerprintMatches(hash, text.substr(text.find(' ') + 1)));
  EXPECT_FALSE(FingerprintMatches(Hash{}, text));
  EXPECT_FALSE(FingerprintMatches(hash, "a b c d e f g h"));
}

}  // namespace
}  // namespace entente::policy
