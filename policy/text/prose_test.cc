#include "policy/text/prose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unicode/unistr.h>
#include <unicode/unorm2.h>

#include <regex>
#include <set>

#include "policy/fixture.h"
#include "policy/text/embedded.h"
#include "policy/toml.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kLanguages[] = {"en", "fr", "ru"};

const Catalogues& Files() {
  static const Catalogues files = fixture::RealCatalogues();
  return files;
}

std::string Text(const Agreement& agreement, std::string_view lang) {
  return fixture::Must(Prose(agreement, Files(), lang));
}

struct Named {
  std::string name;
  Bytes bytes;
};

// Every document that the repository shows.
std::vector<Named> Documents() {
  std::vector<Named> out;
  for (const char* folder : {"examples", "templates"}) {
    const auto path = testing::SourceDir() / "docs" / folder;
    if (!std::filesystem::exists(path)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.path().extension() != ".toml") continue;
      out.push_back({entry.path().filename().string(),
                     ToBytes(testing::ReadFile(entry.path()))});
    }
  }
  return out;
}

void Erase(std::string& text, const std::string& what) {
  for (std::size_t at = text.find(what);
       !what.empty() && at != std::string::npos; at = text.find(what, at)) {
    text.erase(at, what.size());
  }
}

// The text without what the parties wrote themselves.
std::string OwnWords(std::string text, const Agreement& a) {
  std::vector<std::string> theirs{a.title, a.instrument, a.id};
  const auto key = [&theirs](const KeyId& id) {
    theirs.push_back(std::string(id.label()) + " (" + std::string(id.kid()) +
                     ")");
  };
  for (const Basis& basis : a.bases) {
    theirs.push_back(basis.article);
    for (const Provision& provision : basis.provisions) {
      theirs.push_back(provision.text);
    }
  }
  for (const Clause& clause : a.clauses) theirs.push_back(clause.article);
  for (const Prohibition& p : a.prohibitions) theirs.push_back(p.article);
  for (const Reservation& r : a.reservations) theirs.push_back(r.article);
  for (const Party& party : a.parties) {
    theirs.insert(theirs.end(),
                  {party.code, party.name, party.authority,
                   party.data_protection_officer, party.supervisor});
    key(party.sign_legal);
    key(party.sign_technical);
    for (const KeyId& id : party.suspend) key(id);
  }
  // A longer text first: it may hold a shorter one.
  std::sort(theirs.begin(), theirs.end(),
            [](const std::string& one, const std::string& other) {
              return one.size() > other.size();
            });
  for (const std::string& text_of_theirs : theirs) Erase(text, text_of_theirs);
  return text;
}

// Keys of the format and codes of words, as they stand in any document.
std::set<std::string> Codes() {
  std::set<std::string> out;
  const auto words = [&out](const auto& list) {
    for (std::string_view word : list) out.emplace(word);
  };
  words(WordList<Action>::kWords);
  words(WordList<Review>::kWords);
  words(WordList<Caveat>::kWords);
  words(WordList<Flag>::kWords);
  words(WordList<Padding>::kWords);
  words(WordList<SuppressedHit>::kWords);
  for (const Purpose& purpose : Files().purposes.purposes()) {
    out.insert(purpose.code);
  }
  for (const Field& field : Files().fields.fields()) out.insert(field.code);
  for (const Profile& profile : Files().profiles.profiles()) {
    out.insert(profile.code);
  }
  for (const Named& document : Documents()) {
    toml::Document read;
    Findings findings;
    toml::Read(document.bytes, read, findings);
    for (const toml::Table& table : read.tables) {
      out.insert(table.name);
      out.emplace(table.Label());
      for (const toml::Entry& entry : table.entries) {
        out.insert(entry.key);
        for (const toml::Item& item : entry.value.items) out.insert(item.text);
      }
    }
  }
  out.insert("sensitive.any");
  out.insert("stop-exchange-freeze-data");
  out.insert("delete-except-open-cases");
  return out;
}

// A plain word of the language may happen to be the name of a key; one with a
// mark in it may not.
bool Marked(const std::string& code) {
  return code.find_first_of("-._") != std::string::npos;
}

TEST(ProseTest, NoKeyAndNoCodeStandsInAnyText) {
  const std::set<std::string> codes = Codes();
  ASSERT_GT(codes.size(), 150U);
  for (const Named& document : Documents()) {
    const Agreement a = fixture::Must(Agreement::Parse(document.bytes));
    for (std::string_view lang : kLanguages) {
      const std::string own = OwnWords(Text(a, lang), a);
      for (const std::string& code : codes) {
        if (!Marked(code)) continue;
        EXPECT_THAT(own, Not(HasSubstr(code))) << document.name << " " << lang;
      }
      EXPECT_EQ(own.find_first_of("{}=[]_`"), std::string::npos)
          << document.name << " " << lang
          << own.substr(own.find_first_of("{}=[]_`"), 40);
    }
  }
}

// In a text in Cyrillic letters, a forgotten word shows.
TEST(ProseTest, TheRussianTextHasNoOtherLatinWords) {
  for (const Named& document : Documents()) {
    const Agreement a = fixture::Must(Agreement::Parse(document.bytes));
    const std::string own = OwnWords(Text(a, "ru"), a);
    const std::set<std::string> known{"API", "PNR", "UTC", "SHA", "A",
                                      "B",   "C",   "X",   "H"};
    const std::regex latin("[A-Za-z]+");
    const std::regex hash("[0-9a-f]{64}");
    const std::string text = std::regex_replace(own, hash, "");
    for (std::sregex_iterator it(text.begin(), text.end(), latin), end;
         it != end; ++it) {
      EXPECT_EQ(known.count(it->str()), 1U) << document.name << it->str();
    }
  }
}

TEST(ProseTest, TheTextIsInNormalFormC) {
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* nfc = unorm2_getNFCInstance(&error);
  Agreement a = fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
  a.parties[0].name = "\u0301Orsena";  // would join the letter before it
  for (std::string_view lang : kLanguages) {
    const icu::UnicodeString text = icu::UnicodeString::fromUTF8(Text(a, lang));
    EXPECT_TRUE(
        unorm2_isNormalized(nfc, text.getBuffer(), text.length(), &error));
    EXPECT_TRUE(U_SUCCESS(error));
  }
}

// What a signer saw is in the log by its hash, so a change of the text is a
// change that somebody must mean. `entente agreement show` prints these.
TEST(ProseTest, TheTextOfTheDemoAgreementIsPinned) {
  const Agreement a = fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
  EXPECT_EQ(ToHex(ProseHash(Text(a, "en"))),
            "900aac24212092bb01507b71c3f53f0d97ea9bbd52d85b1d9e6894864e85d13c");
  EXPECT_EQ(ToHex(ProseHash(Text(a, "fr"))),
            "0bb4b73e7730c0d877c2f271c66f069a8ac354beab4cd24819d6bc840d28507f");
  EXPECT_EQ(ToHex(ProseHash(Text(a, "ru"))),
            "9253e89323ff1b0d8e221e6a45b8c4575bf6da64813874df0e148827501bebd0");
}

TEST(ProseTest, SaysWhoMayAskWhomAboutWhat) {
  const Agreement a = fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
  const std::string en = Text(a, "en");
  EXPECT_THAT(en, HasSubstr("Clause 2. Article 7\nValmara may pass on what it "
                            "received from Orsena to the bodies named below."));
  EXPECT_THAT(en,
              HasSubstr("Only to: public prosecutor (Valmara); supreme court "
                        "(Valmara)."));
  EXPECT_THAT(en, HasSubstr("2 people of the releasing party and 1 person of "
                            "the receiving party must confirm"));
  EXPECT_THAT(en, HasSubstr("Handling code H1: not to be used in court."));
  EXPECT_THAT(Text(a, "fr"), HasSubstr("ce qu’elle a reçu d’Orsena."));
  EXPECT_THAT(Text(a, "ru"),
              HasSubstr("удаляет данные через 183\u00A0дня после получения, по "
                        "открытому делу — через 1827\u00A0дней."));
}

TEST(ProseTest, SaysSoWhenTheDocumentPinsOtherFiles) {
  const Agreement example =
      fixture::Must(Agreement::Parse(fixture::HitAgreement()));
  const Agreement demo =
      fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
  EXPECT_THAT(Text(example, "en"), HasSubstr("CAUTION"));
  EXPECT_THAT(Text(demo, "en"), Not(HasSubstr("CAUTION")));
}

TEST(ProseTest, AWordWithoutANameIsRefused) {
  Agreement a = fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
  a.clauses[0].fields.emplace_back("doc.colour");
  const auto text = Prose(a, Files(), "fr");
  EXPECT_EQ(ReasonOf(text.status()), "AG-110");
  EXPECT_THAT(MessageOf(text.status()), HasSubstr("doc.colour"));
  EXPECT_FALSE(Prose(a, Files(), "de").ok());
}

// The text without the hash of the document, which any change changes.
std::string WithoutHash(const Agreement& a, std::string_view lang) {
  std::string text = Text(a, lang);
  Erase(text, ToHex(DocumentHash(Emit(a))));
  return text;
}

// Nothing that is signed stays unsaid: another value of any key is another
// text. Labels of rows are names inside the document and are not shown.
TEST(ProseTest, AnotherValueIsAnotherText) {
  const std::string demo = ToString(fixture::DemoAgreement());
  const Agreement before = fixture::Must(Agreement::Parse(AsBytes(demo)));
  const std::pair<std::string_view, std::string_view> swaps[] = {
      {"true", "false"},
      {"false", "true"},
      {"\"octave-8\"", "\"octave-4\""},
      {"\"no-hit\"", "\"refused\""},
      {"\"standard\"", "\"narrow\""},
      {"\"holder\"", "\"both\""},
      {"\"api\"", "\"pnr\""},
      {"\"list\"", "\"pnr\""},
      {"\"H0\"", "\"H1\""},
      {"\"H1\"", "\"H2\""},
      {"\"H2\"", "\"H0\""},
      {"\"stop\"", "\"alarm\""},
      {"\"eu-led-pnr\"", "\"icao-floor\""},
      {"\"coe-108plus\"", "\"icao-floor\""},
      {"[\"terrorism\"]", "[\"terrorism.travel\"]"},
      {"[\"any\"]", "[\"disclose\"]"},
      {"[\"any\"]", "[\"serious\"]"},
      {"[\"any\"]", "[\"doc.issuer\"]"},
      {"[\"doc.number\"]", "[\"doc.issuer\"]"},
      {"[\"always\"]", "[\"minor\"]"},
      {"[\"sensitive.any\"]", "[\"sensitive.health\"]"},
      {"[\"officer\"]", "[\"dpo\"]"},
      {"[\"approver\"]", "[\"dpo\"]"},
      {"[\"urgent\"]", "[\"vital\"]"},
      {"[]", "[\"QTA\"]"},
      {"[]", "[\"protect-source\"]"},
      {"\"none\"", "\"sha256:" + std::string(64, '7') + "\""},
      {"2026-01-01", "2026-01-02"},
      {"2029-01-01", "2029-01-02"},
      {"2027-12-31", "2027-12-30"},
      {"2025-1", "2024-1"},
      {"\"ed25519:q", "\"ed25519:x"},
      {"\"sha256:", "\"sha256:00"},
      {"Protocol", "Annex"},
      {"Article", "Section"},
      {"Act", "Bill"},
      {"Law", "Bill"},
      {"Code", "Bill"},
      {"Declaration", "Statement"},
      {"of Orsena", "of Old Orsena"},
      {"of Valmara", "of Old Valmara"},
      {"Orsena", "Orsenna"},
      {"Valmara", "Valmarra"},
      {"dpo@", "officer@"},
      {"\"arrives\", \"departs\"", "\"arrives\", \"transits\""},
      {"\"routine\", \"urgent\"", "\"urgent\", \"vital\""},
      {"\"node\", \"officer\"", "\"officer\""},
      {"\"disclose\", \"onward\"", "\"disclose\", \"export\""},
      {"\"ask-before-action\"", "\"not-for-detention\""},
      {"\"QVA.prosecutor\"", "\"QVA.police\""},
      {"\"doc.issuer\", \"doc.number\"", "\"doc.expiry\", \"doc.number\""},
      {"\"doc.number\", \"person", "\"doc.issuer\", \"person"},
      {"\"own-national-minor\"", "\"own-national\""},
      {"\"death-penalty-risk\"", "\"protected-person\""}};
  std::set<int> changed;
  int lines = 0;
  std::size_t start = 0;
  while (start < demo.size()) {
    const std::size_t end = demo.find('\n', start);
    const std::string line = demo.substr(start, end - start);
    ++lines;
    std::vector<std::string> others;
    for (const auto& [from, to] : swaps) {
      const std::size_t at = line.find(from, line.find(" = "));
      if (at == std::string::npos) continue;
      others.push_back(line);
      others.back().replace(at, from.size(), to);
      if (from == "\"sha256:") others.back().erase(line.size() - 1, 2);
    }
    const std::size_t equals = line.find(" = ");
    if (equals != std::string::npos && std::isdigit(line[equals + 3])) {
      const auto n = std::stoull(line.substr(equals + 3));
      for (const auto other : {n + 1, n - 1}) {
        others.push_back(line.substr(0, equals + 3) + std::to_string(other));
      }
    }
    for (const std::string& other : others) {
      std::string text = demo;
      text.replace(start, line.size(), other);
      const auto after = Agreement::Parse(AsBytes(text));
      if (!after.ok() || !Prose(*after, Files(), "en").ok()) continue;
      changed.insert(lines);
      for (std::string_view lang : kLanguages) {
        EXPECT_NE(WithoutHash(*after, lang), WithoutHash(before, lang))
            << lang << " " << other;
      }
    }
    start = end + 1;
  }
  // Most lines of the document; headers, labels and the keys with one value
  // cannot change alone.
  EXPECT_GE(changed.size(), 120U);
}

}  // namespace
}  // namespace entente::policy
