// What the lines of a diff say, and how each key counts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/diff.h"
#include "policy/diff_oracle.h"
#include "policy/rewrite.h"

namespace entente::policy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

using Values = std::map<std::string, std::string>;

Agreement Edited(const Values& values) {
  return fixture::Must(Agreement::Parse(
      fixture::Must(Rewrite(fixture::DemoAgreement(), values))));
}

AgreementDiff DiffOf(const Agreement& before, const Agreement& after) {
  return Compare({before, oracle::Real()}, {after, oracle::Real()});
}
AgreementDiff FromDemo(const Values& values) {
  return DiffOf(oracle::Demo(), Edited(values));
}

std::vector<std::string> Texts(const AgreementDiff& diff) {
  std::vector<std::string> out;
  for (const DiffLine& line : diff.lines) {
    out.push_back(std::string(1, line.sign) + " " + line.place + "  " +
                  line.text);
  }
  return out;
}

// One edit of the demo, and the lines that it must give.
void ExpectLines(const Values& edit, const std::vector<std::string>& lines) {
  SCOPED_TRACE(edit.begin()->first);
  EXPECT_THAT(Texts(FromDemo(edit)), ::testing::ElementsAreArray(lines));
}

TEST(DiffWordsTest, NamesTheConditionThatChanged) {
  const std::string both = "QOR to QVA, and QVA to QOR: ";
  ExpectLines({{"clause.screen-terrorism.match_set", "narrow"}},
              {"+ screen-terrorism  " + both + "match set narrow",
               "- screen-terrorism  " + both + "match set standard"});
  ExpectLines({{"clause.disclose-terrorism.reviewers_asker", "2"}},
              {"- disclose-terrorism  " + both +
               "only 1 approval at the asker (was at least 1, now at least "
               "2)"});
  ExpectLines({{"clause.screen-terrorism.quota_per_day", "250001"}},
              {"+ screen-terrorism  " + both +
               "person 250001 in one day (was at most 250000, now at most "
               "250001)"});
  ExpectLines({{"clause.screen-terrorism.routes", "arrives,departs,transits"}},
              {"+ screen-terrorism  " + both + "travellers in transit"});
  ExpectLines({{"clause.onward-court.urgency", "routine,urgent"}},
              {"+ onward-court  QOR to QVA: routine requests"});
  ExpectLines({{"clause.onward-court.roles", "approver,dpo"}},
              {"+ onward-court  QOR to QVA: requests of the data protection "
               "officer"});
  ExpectLines({{"clause.onward-court.onward_to",
                "QVA.police,QVA.prosecutor,QVA.supreme-court"}},
              {"+ onward-court  QOR to QVA: to QVA.police"});
  ExpectLines({{"clause.disclose-terrorism.bases", "court-order"}},
              {"+ disclose-terrorism  " + both + "on the basis of court-order",
               "- disclose-terrorism  " + both + "on the basis of protocol-4"});
}

TEST(DiffWordsTest, SaysWhichFlagsNeedNoMoreCheck) {
  ExpectLines(
      {{"prohibition.human-rights.when",
        "death-penalty-risk,refoulement-risk,torture-risk"}},
      {"+ disclose-terrorism  QOR to QVA, and QVA to QOR: where "
       "identity-unconfirmed or political-offence is not checked absent (was "
       "under prohibition human-rights)",
       "+ onward-court  QOR to QVA: where identity-unconfirmed or "
       "political-offence is not checked absent (was under prohibition "
       "human-rights)",
       "= prohibition.human-rights  when: death-penalty-risk, "
       "identity-unconfirmed, political-offence, refoulement-risk, "
       "torture-risk -> death-penalty-risk, refoulement-risk, torture-risk"});
  ExpectLines({{"reservation.minors.when", "minor"}},
              {"+ disclose-terrorism  QVA to QOR: where own-national-minor is "
               "not checked absent, doc.number (was under reservation minors)",
               "+ disclose-terrorism  QVA asking QOR, of what is sent along: "
               "where own-national-minor is not checked absent, doc.number "
               "(was under reservation minors)",
               "- disclose-terrorism  QVA to QOR: where minor is not checked "
               "absent, doc.number (reservation minors)",
               "- disclose-terrorism  QVA asking QOR, of what is sent along: "
               "where minor is not checked absent, doc.number (reservation "
               "minors)",
               "= reservation.minors  when: own-national-minor -> minor"});
}

TEST(DiffWordsTest, AClauseThatTurnsRoundIsALossAndAGain) {
  const AgreementDiff diff = FromDemo({{"clause.onward-court.holder", "QVA"},
                                       {"clause.onward-court.asker", "QOR"}});
  EXPECT_THAT(
      Texts(diff),
      ElementsAre(
          "+ onward-court  QVA gives QOR all 3 fields, for terrorism, on "
          "urgent requests of an approver; 5 flags checked absent; case; 2+1 "
          "approvals",
          "- onward-court  QOR no longer gives QVA any of 3 fields, for "
          "terrorism"));
}

// --- Keys beside the acts.

struct KeyCase {
  std::string path;
  std::string value;
  Bearing bearing;
};

TEST(DiffKeysTest, EachKeyCountsInItsDirection) {
  const auto wider = Bearing::kWider;
  const auto narrower = Bearing::kNarrower;
  const auto other = Bearing::kOther;
  const std::vector<KeyCase> cases{
      {"clause.disclose-terrorism.retain_days", "184", wider},
      {"clause.disclose-terrorism.retain_days", "182", narrower},
      {"clause.disclose-terrorism.retain_days_case", "1828", wider},
      {"clause.disclose-terrorism.retain_days_case", "1000", narrower},
      {"clause.disclose-terrorism.mask_after_days", "184", wider},
      {"clause.disclose-terrorism.mask_after_days", "90", narrower},
      {"clause.disclose-terrorism.handling", "H0", wider},
      {"clause.disclose-terrorism.handling", "H2", narrower},
      {"clause.disclose-terrorism.caveats", "", wider},
      {"clause.disclose-terrorism.caveats", "protect-source", wider},
      {"clause.disclose-terrorism.caveats", "ask-before-action,protect-source",
       narrower},
      {"clause.disclose-terrorism.article", "Article 5", other},
      {"clause.disclose-terrorism.answer_within_hours", "48", other},
      {"clause.screen-terrorism.list_rows_max", "100001", wider},
      {"clause.screen-terrorism.list_rows_max", "99999", narrower},
      {"clause.screen-terrorism.rescreen", "false", narrower},
      {"clause.screen-terrorism.exclude_nationals", "none", wider},
      {"clause.screen-terrorism.exclude_nationals", "asker", wider},
      {"clause.screen-terrorism.exclude_nationals", "both", narrower},
      {"validity.until", "2028-12-31T00:00:00Z", narrower},
      {"validity.from", "2025-12-31T00:00:00Z", wider},
      {"validity.from", "2026-02-01T00:00:00Z", other},
      {"screening.epoch_hours", "200", wider},
      {"screening.epoch_hours", "24", narrower},
      {"screening.epoch_grace_hours", "25", wider},
      {"screening.tag_set_padding", "octave-4", narrower},
      {"screening.suppressed_hit", "refused", wider},
      {"party.QOR.history_from", "2025-11-30T00:00:00Z", wider},
      {"party.QOR.history_from", "2025-12-02T00:00:00Z", narrower},
      {"party.QOR.assessment_renew_days", "366", wider},
      {"party.QOR.name", "Orsena and the Isles", other},
      {"rights.access_answer_days", "31", wider},
      {"rights.erasure_propagates_hours", "12", narrower},
      {"rights.overdue_receipt_stops_questions", "false", wider},
      {"rights.false_hit_notice", "false", wider},
      {"audit.log_years", "4", wider},
      {"audit.log_years", "6", narrower},
      {"audit.split_view", "alarm", wider},
      {"audit.mutual_inspection_per_year", "0", wider},
      {"ending.delete_within_days", "31", wider},
      {"ending.proof_of_deletion", "false", wider},
      {"match_recipe",
       "sha256:"
       "1111111111111111111111111111111111111111111111111111111111111111",
       wider},
      {"title", "Another title", other},
  };
  for (const KeyCase& c : cases) {
    SCOPED_TRACE(c.path + " = " + c.value);
    const AgreementDiff diff = FromDemo({{c.path, c.value}});
    ASSERT_EQ(diff.lines.size(), 1U);
    EXPECT_EQ(diff.lines[0].bearing, c.bearing) << diff.lines[0].text;
    EXPECT_EQ(diff.lines[0].sign, '=');
    ASSERT_EQ(diff.keys.size(), 1U);
    EXPECT_EQ(diff.keys[0].path, c.path);
    EXPECT_THAT(diff.wider, IsEmpty());
    EXPECT_EQ(diff.NeedsOpinions(), c.bearing == wider);
    EXPECT_EQ(diff.lines[0].text.find("counts as wider") != std::string::npos,
              c.bearing == wider);
  }
}

// Every key of the document is either in the boxes or told: nothing that can be
// written is lost.
TEST(DiffKeysTest, NoKeyChangesInSilence) {
  const std::set<std::string> chain{"id", "version", "replaces"};
  int tried = 0;
  const Agreement demo = oracle::Demo();
  for (const auto& [path, position] : demo.where) {
    if (path.find('[') != std::string::npos || chain.count(path) != 0) continue;
    for (const char* value :
         {"7",
          "8",
          "true",
          "false",
          "QVA",
          "other words",
          "octave-1",
          "alarm",
          "refused",
          "H2",
          "2026-06-01T00:00:00Z",
          "2025-06-01",
          "narrow",
          "none",
          "any",
          "doc.number",
          "officer",
          "minor",
          "urgent",
          "export",
          "ed25519:x:11111111111111111111111111111111",
          "protocol-5",
          "terrorism.travel",
          "departs",
          "eu-led-pnr",
          "QVA.police",
          "dpo",
          "protect-source",
          "pnr",
          "onward",
          "court-order",
          "sha256:"
          "1111111111111111111111111111111111111111111111111111111111111111"}) {
      const auto bytes = Rewrite(fixture::DemoAgreement(), {{path, value}});
      if (!bytes.ok() || *bytes == fixture::DemoAgreement()) continue;
      const auto next = Agreement::Parse(*bytes);
      if (!next.ok()) continue;
      ++tried;
      EXPECT_NE(DiffOf(demo, *next).verdict, DiffVerdict::kSame)
          << path << " = " << value;
      break;
    }
  }
  EXPECT_GT(tried, 100);
}

// --- Parties.

Agreement WithTamrin() {
  Agreement a = oracle::Demo();
  Party qta = a.parties[1];
  qta.code = "QTA";
  qta.name = "Tamrin";
  qta.sign_legal =
      fixture::ExampleSigner("qta-legal-2026", "QTA", SignerRole::kLegal)
          .key_id;
  qta.sign_technical =
      fixture::ExampleSigner("qta-tech-2026", "QTA", SignerRole::kTechnical)
          .key_id;
  a.parties.insert(a.parties.begin() + 1, qta);  // codes in order
  for (Basis& basis : a.bases) {
    basis.provisions.insert(basis.provisions.begin() + 1,
                            {"QTA", "Border Act, s. 4"});
  }
  return a;
}

TEST(DiffPartiesTest, APartyThatJoinsIsNamedInEveryNewFlow) {
  const AgreementDiff diff = DiffOf(oracle::Demo(), WithTamrin());
  EXPECT_EQ(diff.verdict, DiffVerdict::kWider);
  EXPECT_THAT(Texts(diff),
              IsSupersetOf({HasSubstr("QTA gives QOR and QVA"),
                            HasSubstr("party.QTA  new in the agreement")}));
  for (const DiffTuple& tuple : NewlyAllowed(diff)) {
    EXPECT_TRUE(tuple.holder == "QTA" || tuple.asker == "QTA");
    EXPECT_EQ(tuple.fields, tuple.anew);
  }
  EXPECT_THAT(NewlyForbidden(diff), IsEmpty());
}

TEST(DiffPartiesTest, APartyThatLeavesTakesItsFlowsAlong) {
  const AgreementDiff diff = DiffOf(WithTamrin(), oracle::Demo());
  EXPECT_EQ(diff.verdict, DiffVerdict::kNarrower);
  EXPECT_THAT(NewlyAllowed(diff), IsEmpty());
  EXPECT_FALSE(NewlyForbidden(diff).empty());
}

// As many states as the largest organisation that would use one agreement.
TEST(DiffPartiesTest, FiftySevenPartiesAreNamedOnce) {
  Agreement before = oracle::Demo();
  before.clauses.erase(before.clauses.begin() + 1);  // between two of them
  before.reservations.clear();
  before.parties.resize(57, before.parties[0]);
  for (std::size_t i = 0; i < before.parties.size(); ++i) {
    before.parties[i].code = {'Q', static_cast<char>('M' + i / 26),
                              static_cast<char>('A' + i % 26)};
  }
  Agreement after = before;
  after.clauses[0].record_age_max_hours = 100;
  after.clauses[0].fields.push_back("person.nationality");
  const AgreementDiff diff = DiffOf(before, after);
  EXPECT_THAT(
      Texts(diff),
      ElementsAre("+ disclose-terrorism  each of 57 parties gives every other "
                  "person.nationality, for terrorism, on routine and urgent "
                  "requests of an officer; 5 flags checked absent; case; 1+1 "
                  "approvals",
                  "- disclose-terrorism  each of 57 parties to every other: "
                  "records of 101 to 168 hours (was at most 168, now at most "
                  "100)"));
  EXPECT_THAT(NewlyAllowed(diff), ::testing::SizeIs(57 * 56 * 6));
}

// --- Documents that lint would refuse.

TEST(DiffTotalTest, UnknownWordsGrantNothingAndBreakNothing) {
  Agreement odd = oracle::Demo();
  odd.clauses[0].fields = {"no.such-field"};
  odd.clauses[1].holder = "QZZ";
  odd.clauses[2].purposes = {"any"};
  odd.clauses.push_back(odd.clauses[1]);  // overlaps, and has its id
  odd.reservations[0].by = "QZZ";
  odd.prohibitions[0].fields = {"sensitive.any", "no.such-field"};
  odd.parties[0].legal_profile = "none-of-ours";
  odd.bases.clear();
  const AgreementDiff diff = DiffOf(oracle::Demo(), odd);
  EXPECT_THAT(NewlyAllowed(diff), IsEmpty());
  EXPECT_FALSE(NewlyForbidden(diff).empty());
  EXPECT_EQ(DiffOf(odd, odd).verdict, DiffVerdict::kSame);
  const Agreement nothing;
  EXPECT_THAT(DiffOf(nothing, nothing).lines, IsEmpty());
  EXPECT_THAT(DiffOf(oracle::Demo(), nothing).wider, IsEmpty());
}

}  // namespace
}  // namespace entente::policy
