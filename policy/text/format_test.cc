#include "policy/text/format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "policy/agreement.h"
#include "policy/fixture.h"

namespace entente::policy {
namespace {

std::string Formatted(std::string_view text) {
  return ToString(fixture::Must(FormatAgreement(AsBytes(text))));
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> out;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    out.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

TEST(FormatTest, TheOneSpellingStaysAsItIs) {
  for (const Bytes& document :
       {fixture::DemoAgreement(), fixture::HitAgreement(),
        fixture::DocFile("templates/missing-persons.toml")}) {
    EXPECT_EQ(fixture::Must(FormatAgreement(document)), document);
  }
}

TEST(FormatTest, AnotherSpellingBecomesTheOne) {
  const std::string demo = ToString(fixture::DemoAgreement());
  std::string loose = "\xEF\xBB\xBF# a draft\r\n\r\n";
  for (const std::string& line : Lines(demo)) {
    const std::size_t equals = line.find(" = ");
    std::string changed =
        equals == std::string::npos
            ? "  " + line + " "
            : "\t" + line.substr(0, equals) + "=" + line.substr(equals + 3);
    if (line == "quota_per_day = 250000") changed = "quota_per_day = +0250_000";
    if (line == "name = \"Orsena\"") changed = "name = 'Orsena' # invented";
    if (line == "urgency = [\"routine\", \"urgent\"]") {
      changed =
          "urgency = [\n  'urgent', # first\n  \"routine\",\n"
          "  \"urgent\",\n]";
    }
    loose += changed + "\r\n\n";
  }
  EXPECT_FALSE(Agreement::Parse(AsBytes(loose)).ok());
  EXPECT_EQ(Formatted(loose), demo);
}

// Tables, rows and keys in any order.
TEST(FormatTest, AnyOrderBecomesTheOne) {
  const std::string demo = ToString(fixture::DemoAgreement());
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::vector<std::string>> tables(1);
    for (const std::string& line : Lines(demo)) {
      if (line.starts_with('[')) tables.emplace_back();
      if (!line.empty()) tables.back().push_back(line);
    }
    std::shuffle(tables.begin() + 1, tables.end(), random);
    std::string mixed;
    for (std::vector<std::string>& table : tables) {
      const auto first = table.begin() + (&table == tables.data() ? 0 : 1);
      std::shuffle(first, table.end(), random);
      for (const std::string& line : table) mixed += line + "\n";
    }
    ASSERT_EQ(Formatted(mixed), demo);
  }
}

TEST(FormatTest, WhatItDoesNotKnowStaysForLint) {
  const std::string text = Formatted(
      "colour = \"red\"\nversion = 1\nversion = 2\n[extra]\na = true\n"
      "[rights]\nfalse_hit_notice = true\n");
  EXPECT_EQ(text,
            "version = 1\nversion = 2\ncolour = \"red\"\n\n[rights]\n"
            "false_hit_notice = true\n\n[extra]\na = true\n");
  const Findings findings = ParseAgreement(AsBytes(text)).findings;
  EXPECT_TRUE(std::any_of(findings.begin(), findings.end(),
                          [](const Finding& f) { return f.code == 104; }));
}

TEST(FormatTest, WhatCanOnlyBeGuessedIsRefusedWithItsLine) {
  for (std::string_view line :
       {"version", "= 1", "version = ", "version = -1", "version = 1.5",
        "title = \"open", "title = \"a\\n\"", "title = 'a\"b'", "a = [1]",
        "a = [\"b\" \"c\"]", "a = [\"b\"", "[table", "[]", "a = 1 b = 2",
        "version = 99999999999999999", "a = \"b\" \"c\""}) {
    const auto formatted =
        FormatAgreement(AsBytes("id = \"A\"\n" + std::string(line) + "\n"));
    ASSERT_FALSE(formatted.ok()) << line;
    EXPECT_EQ(MessageOf(formatted.status()).substr(0, 5), "line ") << line;
  }
  EXPECT_FALSE(FormatAgreement(Bytes(kMaxDocumentBytes + 1, '\n')).ok());
}

// Hostile bytes end in a refusal or in something that is its own format.
TEST(FormatTest, FormattingTwiceIsFormattingOnce) {
  const Bytes demo = fixture::DemoAgreement();
  std::mt19937 random(5);
  int accepted = 0;
  for (int i = 0; i < 3000; ++i) {
    Bytes changed = demo;
    for (int n = 0; n < 3; ++n) {
      constexpr std::string_view kMarks = "\n =\"[],#'";
      changed[random() % changed.size()] =
          random() % 3 == 0
              ? static_cast<std::uint8_t>(random())
              : static_cast<std::uint8_t>(kMarks[random() % kMarks.size()]);
    }
    const auto once = FormatAgreement(changed);
    if (!once.ok()) continue;
    ++accepted;
    const auto twice = FormatAgreement(*once);
    ASSERT_TRUE(twice.ok()) << AsText(*once);
    EXPECT_EQ(*twice, *once);
  }
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace entente::policy
