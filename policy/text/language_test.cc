#include "policy/text/language.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "policy/fixture.h"
#include "policy/text/embedded.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

constexpr std::string_view kLanguages[] = {"en", "fr", "ru"};

const Language& Lang_(std::string_view code) {
  return *fixture::Must(Language::Of(code));
}

// The names of a message's places: `{n:day|days}` and `{#n:..}` are both `n`.
std::set<std::string> Places(const std::string& message) {
  std::set<std::string> out;
  for (std::size_t at = message.find('{'); at != std::string::npos;
       at = message.find('{', at + 1)) {
    std::string place = message.substr(at + 1, message.find('}', at) - at - 1);
    if (place.starts_with("de ")) place.erase(0, 3);
    if (place.starts_with('#')) place.erase(0, 1);
    out.insert(place.substr(0, place.find(':')));
  }
  return out;
}

TEST(MessageTest, RussianHasThreePluralForms) {
  const auto days = [](std::uint64_t n) {
    return Fill(Lang::kRussian, "{n:день|дня|дней}", {{"n", n}});
  };
  for (std::uint64_t n : {1U, 21U, 101U, 1001U}) {
    EXPECT_THAT(days(n), ::testing::EndsWith("день")) << n;
  }
  for (std::uint64_t n : {2U, 3U, 4U, 22U, 104U, 1002U}) {
    EXPECT_THAT(days(n), ::testing::EndsWith("дня")) << n;
  }
  for (std::uint64_t n : {0U, 5U, 11U, 12U, 13U, 14U, 19U, 20U, 111U, 112U}) {
    EXPECT_THAT(days(n), ::testing::EndsWith("дней")) << n;
  }
}

TEST(MessageTest, FrenchCountsZeroAsOneAndEnglishAsMany) {
  EXPECT_EQ(Fill(Lang::kFrench, "{n:jour|jours}", {{"n", 0U}}), "0\u00A0jour");
  EXPECT_EQ(Fill(Lang::kFrench, "{n:jour|jours}", {{"n", 2U}}), "2\u00A0jours");
  EXPECT_EQ(Fill(Lang::kEnglish, "{n:day|days}", {{"n", 0U}}), "0 days");
  EXPECT_EQ(Fill(Lang::kEnglish, "{n:day|days}", {{"n", 1U}}), "1 day");
}

TEST(MessageTest, NumbersAreGroupedAsTheLanguageDoes) {
  EXPECT_EQ(FormatNumber(Lang::kEnglish, 250000), "250,000");
  EXPECT_EQ(FormatNumber(Lang::kEnglish, 1827), "1,827");
  EXPECT_EQ(FormatNumber(Lang::kFrench, 1827), "1827");
  EXPECT_EQ(FormatNumber(Lang::kRussian, 60000000), "60\u00A0000\u00A0000");
  EXPECT_EQ(FormatNumber(Lang::kFrench, 7), "7");
}

TEST(MessageTest, FrenchElidesBeforeAVowel) {
  const auto of = [](const std::string& name) {
    return Fill(Lang::kFrench, "reçu {de name}", {{"name", name}});
  };
  EXPECT_EQ(of("Orsena"), "reçu d’Orsena");
  EXPECT_EQ(of("Valmara"), "reçu de Valmara");
  EXPECT_EQ(of("Éloria"), "reçu d’Éloria");
}

TEST(MessageTest, APlaceWithoutItsValueStaysInSight) {
  EXPECT_EQ(Fill(Lang::kEnglish, "{a} {b:x|y} {c", {{"b", std::string("t")}}),
            "{a} {b:x|y} {c");
  EXPECT_EQ(Lang_("en").Say("no.such"), "{?no.such}");
}

TEST(MessageTest, ATextWithItsOwnFullStopGetsNoSecond) {
  EXPECT_EQ(Fill(Lang::kEnglish, "Under: {a}. Next.", {{"a", "Act 1."}}),
            "Under: Act 1. Next.");
}

TEST(LanguageTest, AnUnknownLanguageIsRefused) {
  EXPECT_FALSE(Language::Of("de").ok());
  EXPECT_FALSE(Language::Of("").ok());
}

TEST(LanguageTest, ABadFileIsRefused) {
  for (std::string_view file :
       {"\"a\" = \"b\"\n", "[s]\na = \"b\"\n", "[s]\n\"a\" = \"b\" c\n",
        "[s]\n\"a\" = \"b\"\n\"a\" = \"c\"\n", "[s]\n\"a\" = \"b\"c\"\n",
        "[s]\nword\n"}) {
    EXPECT_FALSE(Language::Parse(Lang::kEnglish, file).ok()) << file;
  }
}

TEST(LanguageTest, AllLanguagesHaveTheSameWordsWithTheSamePlaces) {
  const Language& english = Lang_("en");
  for (std::string_view code : kLanguages) {
    const Language& other = Lang_(code);
    for (const auto& [key, text] : english.words()) {
      const auto found = other.words().find(key);
      ASSERT_NE(found, other.words().end()) << code << " " << key;
      // A month needs no place for a day that the sentence spells out.
      if (key != "say/date.first") {
        EXPECT_EQ(Places(found->second), Places(text)) << code << " " << key;
      }
      EXPECT_FALSE(found->second.empty()) << code << " " << key;
    }
    EXPECT_EQ(other.words().size(), english.words().size()) << code;
  }
}

TEST(LanguageTest, EveryPluralHasAllItsForms) {
  for (std::string_view code : kLanguages) {
    const std::size_t bars = code == "ru" ? 2 : 1;
    for (const auto& [key, text] : Lang_(code).words()) {
      for (std::size_t at = text.find('{'); at != std::string::npos;
           at = text.find('{', at + 1)) {
        const std::string place = text.substr(at, text.find('}', at) - at);
        if (place.find(':') == std::string::npos) continue;
        EXPECT_EQ(static_cast<std::size_t>(
                      std::count(place.begin(), place.end(), '|')),
                  bars)
            << code << " " << key;
      }
    }
  }
}

template <class E>
void ExpectNames(const Language& language, std::string_view section,
                 std::size_t from, std::size_t count) {
  for (std::size_t i = from; i < count; ++i) {
    EXPECT_NE(language.Find(section, WordList<E>::kWords[i]), nullptr)
        << section << " " << WordList<E>::kWords[i];
  }
}

TEST(LanguageTest, EveryWordOfTheFormatAndTheCataloguesHasAName) {
  const Catalogues catalogues = fixture::RealCatalogues();
  for (std::string_view code : kLanguages) {
    const Language& language = Lang_(code);
    SCOPED_TRACE(code);
    ExpectNames<Action>(language, "action", 0, kClauseActions);
    ExpectNames<Dataset>(language, "dataset", 0, 3);
    ExpectNames<Role>(language, "role", 0, 4);
    ExpectNames<Route>(language, "route", 0, 4);
    ExpectNames<Urgency>(language, "urgency", 0, 3);
    ExpectNames<MatchSet>(language, "match", 1, 4);
    ExpectNames<Nationals>(language, "nationals", 0, 4);
    ExpectNames<Handling>(language, "handling", 0, 3);
    ExpectNames<Caveat>(language, "caveat", 0, 4);
    ExpectNames<Flag>(language, "flag", 0, 10);
    for (const Purpose& purpose : catalogues.purposes.purposes()) {
      const std::string group = purpose.code.substr(0, purpose.code.find('.'));
      EXPECT_NE(language.Find("purpose", purpose.code), nullptr)
          << purpose.code;
      EXPECT_NE(language.Find("group", group), nullptr) << group;
    }
    for (const Field& field : catalogues.fields.fields()) {
      EXPECT_NE(language.Find("field", field.code), nullptr) << field.code;
    }
    for (const Profile& profile : catalogues.profiles.profiles()) {
      EXPECT_NE(language.Find("profile", profile.code), nullptr)
          << profile.code;
    }
  }
}

// A translation that says the same for two words cannot tell them apart.
TEST(LanguageTest, NoTwoWordsOfASectionHaveOneName) {
  for (std::string_view code : kLanguages) {
    std::set<std::string> seen;
    for (const auto& [key, text] : Lang_(code).words()) {
      const std::string section = key.substr(0, key.find('/'));
      if (section == "say") continue;
      EXPECT_TRUE(seen.insert(section + "/" + text).second)
          << code << " " << key << ": " << text;
    }
  }
}

TEST(LanguageTest, EnglishNamesAreThoseOfTheCatalogues) {
  const Catalogues catalogues = fixture::RealCatalogues();
  const auto lower = [](std::string title) {
    title[0] = static_cast<char>(std::tolower(title[0]));
    return title;
  };
  for (const Purpose& purpose : catalogues.purposes.purposes()) {
    EXPECT_EQ(*Lang_("en").Find("purpose", purpose.code),
              lower(purpose.title_en));
  }
  for (const Field& field : catalogues.fields.fields()) {
    EXPECT_EQ(*Lang_("en").Find("field", field.code), lower(field.title_en));
  }
}

TEST(LanguageTest, DatesAreWrittenAsTheLanguageDoes) {
  EXPECT_EQ(Lang_("en").Date(1798761600), "1 January 2027");
  EXPECT_EQ(Lang_("fr").Date(1798761600), "1er janvier 2027");
  EXPECT_EQ(Lang_("fr").Date(1798761600 + 86400), "2 janvier 2027");
  EXPECT_EQ(Lang_("ru").Date(1798761600 + 86400), "2 января 2027 года");
  EXPECT_EQ(Lang_("ru").Instant(1803902400), "1 марта 2027 года, 12:00 UTC");
  EXPECT_EQ(Lang_("fr").Instant(1803902400), "1er mars 2027 à 12:00 UTC");
  EXPECT_EQ(Lang_("en").Instant(1803902407), "1 March 2027, 12:00:07 UTC");
}

TEST(EmbeddedTest, TheFilesAreThoseOfTheSource) {
  const Catalogues built = fixture::Must(BuiltInCatalogues());
  const Catalogues files = fixture::RealCatalogues();
  EXPECT_EQ(built.purposes.hash(), files.purposes.hash());
  EXPECT_EQ(built.fields.hash(), files.fields.hash());
  EXPECT_EQ(built.profiles.hash(), files.profiles.hash());
  EXPECT_EQ(built.recipe.hash(), files.recipe.hash());
  for (const std::string& name : EmbeddedNames("lang")) {
    EXPECT_EQ(EmbeddedFile("lang/" + name),
              testing::ReadFile(testing::SourceDir() / "policy" / "text" /
                                "lang" / (name + ".toml")));
  }
  EXPECT_EQ(EmbeddedFile("lang/xx"), "");
}

}  // namespace
}  // namespace entente::policy
