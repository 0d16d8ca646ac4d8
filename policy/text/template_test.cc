#include "policy/text/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "crypto/primitive/hash.h"
#include "policy/fixture.h"
#include "policy/lint.h"
#include "policy/text/embedded.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string KeyText(const std::string& label) {
  return MakeKeyId(label, fixture::ExampleKey(label).public_key()).text;
}

// The answers of invented parties with keys of their own.
Answers AnswersOf(std::string_view name,
                  const std::vector<std::string>& parties,
                  const std::string& profile) {
  Answers out;
  for (const Question& question : fixture::Must(Questions(name, parties))) {
    out[question.path] = "answer to " + question.path;
  }
  out["id"] = "QOR-QVA-2027-009";
  out["validity.from"] = "2027-03-01T00:00:00Z";
  for (const std::string& code : parties) {
    const std::string party = "party." + code + ".";
    out[party + "legal_profile"] = profile;
    out[party + "assessment_date"] = "2026-12-01";
    out[party + "assessment_hash"] = HashText(primitive::Sha256(AsBytes(code)));
    out[party + "sign_legal"] = KeyText(code + "-legal");
    out[party + "sign_technical"] = KeyText(code + "-tech");
    out[party + "suspend"] = KeyText(code + "-legal") + "," +
                             KeyText(code + "-dpo") + "," +
                             KeyText(code + "-duty");
  }
  // Labels are small letters.
  for (auto& [path, value] : out) {
    if (!value.starts_with("ed25519:")) continue;
    for (char& c : value) c = static_cast<char>(std::tolower(c));
  }
  return out;
}

std::vector<std::string> Parties(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back({'Q', static_cast<char>('M' + i / 26),
                   static_cast<char>('A' + i % 26)});
  }
  return out;
}

TEST(TemplateTest, ThereAreTheFourOfTheDesign) {
  EXPECT_THAT(TemplateNames(),
              ElementsAre("missing-persons", "multilateral-working-group",
                          "terrorism-minimal", "trafficking"));
  EXPECT_FALSE(Template("tax").ok());
}

TEST(TemplateTest, EachIsADocumentThatPinsTheCataloguesOfThisBuild) {
  const Catalogues files = fixture::RealCatalogues();
  for (const std::string& name : TemplateNames()) {
    const Bytes bytes = fixture::Must(Template(name));
    EXPECT_EQ(bytes, fixture::DocFile("templates/" + name + ".toml"));
    ASSERT_OK_AND_ASSIGN(const Agreement agreement, Agreement::Parse(bytes));
    EXPECT_EQ(Emit(agreement), bytes);
    EXPECT_FALSE(HasErrors(Lint(agreement, files))) << name;
  }
}

// Under every legal profile, for two parties and for many.
TEST(TemplateTest, FilledItLintsWithoutErrors) {
  const Catalogues files = fixture::RealCatalogues();
  for (const std::string& name : TemplateNames()) {
    for (const Profile& profile : files.profiles.profiles()) {
      for (std::size_t count : {2U, 3U, 18U}) {
        const std::vector<std::string> parties = Parties(count);
        const auto filled =
            FillTemplate(name, parties, AnswersOf(name, parties, profile.code));
        ASSERT_OK(filled.status());
        const Agreement agreement = fixture::Must(Agreement::Parse(*filled));
        EXPECT_EQ(agreement.parties.size(), count);
        for (const Finding& finding : Lint(agreement, files)) {
          EXPECT_FALSE(IsError(finding)) << Format(finding, name);
        }
      }
    }
  }
}

TEST(TemplateTest, NothingOfTheSamplePartiesIsLeft) {
  for (const std::string& name : TemplateNames()) {
    const std::vector<std::string> parties{"QVA", "QOR"};
    const std::string text = ToString(fixture::Must(
        FillTemplate(name, parties, AnswersOf(name, parties, "coe-108plus"))));
    for (const char* sample : {"QM", "qm", "to be named", "First", "first",
                               "Second", "second party", "TEMPLATE"}) {
      EXPECT_THAT(text, Not(HasSubstr(sample))) << name;
    }
  }
}

TEST(TemplateTest, EveryMissingAnswerIsNamed) {
  const std::vector<std::string> parties{"QOR", "QVA"};
  const Answers all = AnswersOf("trafficking", parties, "icao-floor");
  const auto none = FillTemplate("trafficking", parties, {});
  for (const Question& question :
       fixture::Must(Questions("trafficking", parties))) {
    EXPECT_THAT(MessageOf(none.status()), HasSubstr(question.path));
    Answers fewer = all;
    fewer.erase(question.path);
    EXPECT_FALSE(FillTemplate("trafficking", parties, fewer).ok())
        << question.path;
    fewer[question.path] = "";
    EXPECT_FALSE(FillTemplate("trafficking", parties, fewer).ok())
        << question.path;
  }
}

TEST(TemplateTest, DatesFollowFromTheFirstUnlessAnswered) {
  const std::vector<std::string> parties{"QOR", "QVA"};
  Answers answers = AnswersOf("terrorism-minimal", parties, "icao-floor");
  const auto dates = [&] {
    return fixture::Must(Agreement::Parse(
        fixture::Must(FillTemplate("terrorism-minimal", parties, answers))));
  };
  EXPECT_EQ(dates().validity.until, dates().validity.from + 731 * 86400);
  EXPECT_EQ(dates().parties[1].history_from, dates().validity.from);
  answers["validity.until"] = "2028-04-01T00:00:00Z";
  answers["clause.disclose-terrorism.quota_per_day"] = "7";
  EXPECT_EQ(dates().validity.until - dates().validity.from, 397 * 86400);
  EXPECT_EQ(dates().clauses[0].quota_per_day, 7U);
}

TEST(TemplateTest, ReceiversAreThoseOfEveryParty) {
  const std::vector<std::string> parties{"QOR", "QTA", "QVA"};
  const Agreement agreement = fixture::Must(Agreement::Parse(
      fixture::Must(FillTemplate("multilateral-working-group", parties,
                                 AnswersOf("multilateral-working-group",
                                           parties, "eu-cjeu-strict")))));
  EXPECT_THAT(
      agreement.clauses[1].onward_to,
      ElementsAre("QOR.prosecutor", "QTA.prosecutor", "QVA.prosecutor"));
}

TEST(TemplateTest, PartiesMustBeTwoOrMoreAndDifferent) {
  for (const std::vector<std::string>& parties : {std::vector<std::string>{},
                                                  {"QOR"},
                                                  {"QOR", "QOR"},
                                                  {"QOR", "qva"},
                                                  Parties(65)}) {
    EXPECT_FALSE(Questions("trafficking", parties).ok());
    EXPECT_FALSE(FillTemplate("trafficking", parties, {}).ok());
  }
}

TEST(AnswersTest, ReadsPathsAndValues) {
  const Answers answers = fixture::Must(ParseAnswers(
      "# of Orsena\n\nid = QOR-1\nparty.QOR.name = Or = sena\nopen =\n"));
  EXPECT_THAT(answers,
              ElementsAre(std::pair("id", "QOR-1"), std::pair("open", ""),
                          std::pair("party.QOR.name", "Or = sena")));
  EXPECT_FALSE(ParseAnswers("id\n").ok());
  EXPECT_FALSE(ParseAnswers("id = a\nid = b\n").ok());
}

// Legal profiles, catalogues and templates are data that people rely on: they
// change only together with their pins (`sha256sum -c docs/pins.sha256`).
TEST(PinsTest, TheFilesHaveTheirPinnedHashes) {
  std::istringstream pins(
      testing::ReadFile(testing::SourceDir() / "docs" / "pins.sha256"));
  std::set<std::string> pinned;
  std::string hash;
  std::string path;
  while (pins >> hash >> path) {
    pinned.insert(path);
    EXPECT_EQ(ToHex(DocumentHash(
                  AsBytes(testing::ReadFile(testing::SourceDir() / path)))),
              hash)
        << path;
  }
  for (const char* folder : {"docs/catalogues", "docs/templates"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(testing::SourceDir() / folder)) {
      if (entry.path().extension() != ".toml") continue;
      EXPECT_EQ(pinned.count(std::string(folder) + "/" +
                             entry.path().filename().string()),
                1U)
          << entry.path();
    }
  }
}

// The table of agreements.md 2.6, cell by cell.
TEST(PinsTest, TheProfilesAreThoseOfTheDesign) {
  struct Row {
    const char* code;
    std::uint32_t retain, retain_case, mask, age, onward, log, access, renew,
        valid;
    bool standard;
    Review review;
    bool air_link;
  };
  const Row rows[] = {{"icao-floor", 1827, 1827, 730, 17544, 1, 3, 60, 366,
                       1827, true, Review::kHolder, false},
                      {"coe-108plus", 1096, 1827, 365, 8784, 1, 3, 30, 366,
                       1827, true, Review::kHolder, false},
                      {"eu-led-pnr", 1827, 1827, 183, 4392, 2, 5, 30, 366, 1827,
                       true, Review::kBothSides, false},
                      {"eu-cjeu-strict", 183, 1827, 183, 4392, 2, 5, 30, 366,
                       1096, false, Review::kBothSides, true}};
  const Profiles profiles = fixture::RealCatalogues().profiles;
  ASSERT_EQ(profiles.profiles().size(), std::size(rows));
  for (const Row& row : rows) {
    SCOPED_TRACE(row.code);
    const Profile* p = profiles.Find(row.code);
    ASSERT_NE(p, nullptr);
    EXPECT_EQ(p->retain_days, row.retain);
    EXPECT_EQ(p->retain_days_case, row.retain_case);
    EXPECT_EQ(p->mask_after_days, row.mask);
    EXPECT_EQ(p->record_age_max_hours_no_case, row.age);
    EXPECT_EQ(p->onward_reviewers_holder, row.onward);
    EXPECT_EQ(p->log_years, row.log);
    EXPECT_EQ(p->access_answer_days, row.access);
    EXPECT_EQ(p->assessment_renew_days, row.renew);
    EXPECT_EQ(p->validity_days, row.valid);
    EXPECT_TRUE(p->screen_match_sets.Has(MatchSet::kNarrow));
    EXPECT_EQ(p->screen_match_sets.Has(MatchSet::kStandard), row.standard);
    EXPECT_FALSE(p->screen_match_sets.Has(MatchSet::kWide));
    EXPECT_EQ(p->disclose_review, row.review);
    EXPECT_EQ(p->air_link_flag, row.air_link);
    EXPECT_THAT(p->purposes_never, ElementsAre("immigration"));
  }
}

}  // namespace
}  // namespace entente::policy
