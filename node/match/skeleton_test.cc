#include "node/match/skeleton.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "node/match/made_people.h"

namespace entente::match {
namespace {

// The steps of the page, one after the other, each in the plainest way.
std::string PlainSkeleton(const std::string& token) {
  std::string text = token;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == 'C' && std::string("EIY").find(text[i + 1]) != text.npos) {
      text[i] = 'S';
    }
  }
  for (const auto& [from, to] : std::vector<std::pair<std::string, char>>{
           {"SHCH", 'X'}, {"TSCH", 'X'}, {"SCH", 'X'}, {"TCH", 'X'},
           {"CH", 'X'},   {"SH", 'X'},   {"CZ", 'X'},  {"SZ", 'X'},
           {"ZH", 'J'},   {"DZ", 'J'},   {"DJ", 'J'},  {"PH", 'F'},
           {"KH", 'K'},   {"GH", 'G'},   {"TH", 'T'},  {"DH", 'T'},
           {"CK", 'K'},   {"QU", 'K'},   {"TS", 'S'},  {"TZ", 'S'}}) {
    for (std::size_t at = text.find(from); at != text.npos;
         at = text.find(from, at + 1)) {
      text.replace(at, from.size(), 1, to);
    }
  }
  std::string runs;
  for (const char c : text) {
    if (runs.empty() || runs.back() != c) runs.push_back(c);
  }
  const std::string consonants = "BPFVWCKQXSZDTGJMNLR";
  const std::string classes = "BPFFFKKKXSSTTGJMNLR";
  std::string out;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::size_t at = consonants.find(runs[i]);
    if (i == 0 && at == consonants.npos) {
      const bool before_vowel =
          runs.size() > 1 && std::string("AEIOU").find(runs[1]) != runs.npos;
      out.push_back(runs[0] == 'H'                   ? 'H'
                    : runs[0] == 'Y' && before_vowel ? 'J'
                                                     : 'A');
    }
    if (at == consonants.npos || (i > 0 && runs[i] == 'W')) continue;
    const bool repeated = !out.empty() && out.back() == classes[at];
    const bool open =
        i > 0 && std::string("AEIOUYH").find(runs[i - 1]) != runs.npos;
    if (!repeated || open) out.push_back(classes[at]);
  }
  return out.empty() ? token : out;
}

TEST(SkeletonTest, GivesTheExamplesOfThePage) {
  for (const auto& [token, want] :
       std::vector<std::pair<std::string_view, std::string_view>>{
           {"MOHAMMED", "MMT"},
           {"MUHAMMAD", "MMT"},
           {"MEHMET", "MMT"},
           {"SHCHERBENOV", "XRBNF"},
           {"TSCHERNOV", "XRNF"},
           {"VLADIMIR", "FLTMR"},
           {"WLADIMIR", "FLTMR"},
           {"CECILIA", "SSL"},
           {"YUSUF", "JSF"},
           {"YVES", "AFS"},
           {"XAVIER", "XFR"},
           {"OUWENS", "ANS"},
           {"MUELLER", "MLR"},
           {"", ""},
           {"7", "A"},
           {"X2", "X"}}) {
    EXPECT_EQ(Skeleton(token), want) << token;
  }
}

TEST(SkeletonTest, EqualsThePlainStepsOnRandomTokens) {
  MadeCrowd crowd(7);
  const std::string likely = "CHSTZKDPGJUQWYAEIO";
  for (int i = 0; i < 200'000; ++i) {
    std::string token = crowd.Word(1, 10);
    for (char& c : token) {
      if (crowd.Upto(3) != 0) c = likely[crowd.Upto(17)];
      if (crowd.Upto(40) == 0) c = '4';
    }
    ASSERT_EQ(Skeleton(token), PlainSkeleton(token)) << token;
  }
}

TEST(SkeletonTest, AppendsBehindWhatIsThere) {
  std::string out = "T";
  AppendSkeleton("TSCHERNOV", out);
  EXPECT_EQ(out, "TXRNF");
}

}  // namespace
}  // namespace entente::match
