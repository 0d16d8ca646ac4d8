#include "policy/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/fixture.h"
#include "policy/rewrite.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Catalogues& Files() {
  static const Catalogues files = fixture::RealCatalogues();
  return files;
}

using Changes = std::vector<std::pair<std::string_view, std::string_view>>;

Agreement Changed(const Changes& changes) {
  std::string text = ToString(fixture::DemoAgreement());
  for (const auto& [from, to] : changes) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at != std::string::npos) text.replace(at, from.size(), to);
  }
  return fixture::Must(Agreement::Parse(AsBytes(text)));
}

std::vector<int> CodesOf(const Agreement& agreement) {
  std::vector<int> codes;
  for (const Finding& finding : Lint(agreement, Files())) {
    codes.push_back(finding.code);
  }
  return codes;
}

// The one remark: onward-court runs one way.
TEST(LintTest, TheDemoAgreementHasNoError) {
  EXPECT_THAT(CodesOf(Changed({})), ElementsAre(307));
  EXPECT_FALSE(HasErrors(Lint(Changed({}), Files())));
}

TEST(LintTest, TheExampleIsRefusedForItsPlaceholderHashes) {
  const Agreement example =
      fixture::Must(Agreement::Parse(fixture::HitAgreement()));
  EXPECT_THAT(CodesOf(example), ElementsAre(111, 111, 111, 111));
  const auto compiled =
      Compiled::Create(fixture::Verify(fixture::HitAgreement()), Files());
  EXPECT_EQ(ReasonOf(compiled.status()), "AG-111");
}

TEST(LintTest, AFindingSaysWhoAllowsWhat) {
  const Findings findings = Lint(
      Changed({{"mask_after_days = 183", "mask_after_days = 400"}}), Files());
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(Format(findings[0], "agreement.toml"),
            "AG-208 agreement.toml:92:19  disclose-terrorism: mask_after_days "
            "= 400, but QOR's profile eu-led-pnr allows at most 183.  Next: "
            "write 183 or less.");
}

struct MeaningError {
  const char* name;
  Changes changes;
  int code;
};

class MeaningErrorTest : public ::testing::TestWithParam<MeaningError> {};

TEST_P(MeaningErrorTest, IsFoundWithItsCode) {
  const Agreement agreement = Changed(GetParam().changes);
  EXPECT_THAT(CodesOf(agreement), Contains(GetParam().code));
  for (const Finding& finding : Lint(agreement, Files())) {
    EXPECT_GT(std::pair(finding.line, finding.column), std::pair(1, 1));
    EXPECT_FALSE(finding.message.empty());
    EXPECT_FALSE(finding.next.empty());
  }
  // The same rule holds at load.
  const auto compiled =
      Compiled::Create(fixture::Verify(Emit(agreement)), Files());
  EXPECT_FALSE(compiled.ok());
}

constexpr std::string_view kFieldsOfDisclose =
    "\"hit.source-grade\", \"person.birth-date\"";
constexpr std::string_view kFlags =
    "actions = [\"disclose\", \"onward\"]\npurposes = [\"any\"]";

INSTANTIATE_TEST_SUITE_P(
    All, MeaningErrorTest,
    ::testing::Values(
        MeaningError{"UnknownPurpose",
                     {{"purposes = [\"terrorism\"]", "purposes = [\"tax\"]"}},
                     110},
        MeaningError{
            "UnknownField", {{"\"hit.reason\"", "\"hit.reasons\""}}, 110},
        MeaningError{
            "UnknownProfile", {{"\"coe-108plus\"", "\"coe-108\""}}, 110},
        MeaningError{"UnknownFieldInReservation",
                     {{"fields = [\"doc.number\"]\nwhen",
                       "fields = [\"doc.numbers\"]\nwhen"}},
                     110},
        MeaningError{
            "Overlap",
            {{"action = \"onward\"\nholder = \"QOR\"\nasker = "
              "\"QVA\"\ndataset = \"list\"\npurposes = [\"terrorism\"]\nbases "
              "= [\"court-order\"]\nroles = [\"approver\"]",
              "action = \"onward\"\nholder = \"QOR\"\nasker = "
              "\"QVA\"\ndataset = \"list\"\npurposes = "
              "[\"terrorism\"]\nbases = [\"court-order\"]\nroles = "
              "[\"officer\"]"},
             {"action = \"disclose\"", "action = \"onward\""},
             {"offered_fields = [\"doc.issuer\", \"doc.number\", "
              "\"flight.arrival-date\", \"flight.number\"]\n",
              ""},
             {"reviewers_holder = 1", "reviewers_holder = 2"},
             {"quota_per_case = 10\n",
              "quota_per_case = 10\nonward_to = [\"QVA.court\"]\nthird_states "
              "= []\n"},
             {"bases = [\"protocol-4\"]\nroles = [\"officer\"]",
              "bases = [\"court-order\"]\nroles = [\"officer\"]"}},
            201},
        MeaningError{"CanNeverPermit",
                     {{"fields = [\"sensitive.any\"]",
                       "fields = [\"doc.number\", \"person.family-name\", "
                       "\"person.given-names\", \"sensitive.any\"]"}},
                     202},
        MeaningError{"SensitiveGranted",
                     {{kFieldsOfDisclose,
                       "\"hit.source-grade\", \"person.birth-date\", "
                       "\"person.family-name\", \"person.given-names\", "
                       "\"sensitive.health\"]\noffered_fields = []"},
                      {", \"person.family-name\", "
                       "\"person.given-names\"]\noffered_fields = "
                       "[\"doc.issuer\", \"doc.number\", "
                       "\"flight.arrival-date\", \"flight.number\"]",
                       ""}},
                     203},
        MeaningError{"FreeTextGranted",
                     {{"fields = [\"doc.issuer\", \"doc.number\", \"hit.info",
                       "fields = [\"case.narrative\", \"doc.issuer\", "
                       "\"doc.number\", \"hit.info"}},
                     204},
        MeaningError{"FlagsOnAScreening",
                     {{kFlags, "actions = [\"any\"]\npurposes = [\"any\"]"}},
                     205},
        MeaningError{"BasisLacksAProvision",
                     {{"QVA = \"Law 9/1998, art. 140\"\n", ""}},
                     206},
        MeaningError{
            "BasisUnused",
            {{"bases = [\"court-order\"]", "bases = [\"protocol-4\"]"}},
            207},
        MeaningError{"RetainsLongerThanTheProfile",
                     {{"retain_days = 183", "retain_days = 1097"},
                      {"\"eu-led-pnr\"", "\"eu-led-pnr\""}},
                     208},
        MeaningError{
            "OldRecordsWithoutACase",
            {{"record_age_max_hours = 48", "record_age_max_hours = 4393"}},
            208},
        MeaningError{"LessReviewThanTheProfile",
                     {{"review = \"both-sides\"\nreviewers_holder = "
                       "1\nreviewers_asker = 1",
                       "review = \"holder\"\nreviewers_holder = 1"}},
                     208},
        MeaningError{"FewerOnwardReviewers",
                     {{"reviewers_holder = 2", "reviewers_holder = 1"}},
                     208},
        MeaningError{"StandardSetUnderTheStrictProfile",
                     {{"\"eu-led-pnr\"", "\"eu-cjeu-strict\""}},
                     208},
        MeaningError{"LogTooShort", {{"log_years = 5", "log_years = 4"}}, 208},
        MeaningError{"AccessTooSlow",
                     {{"access_answer_days = 30", "access_answer_days = 31"}},
                     208},
        MeaningError{"ValidTooLong",
                     {{"until = \"2029-01-01", "until = \"2031-01-03"}},
                     208},
        MeaningError{"ExcludedPurpose",
                     {{"purposes = [\"terrorism\"]",
                       "purposes = [\"immigration.visa\", \"terrorism\"]"}},
                     209},
        MeaningError{"AnyPurposeInAClause",
                     {{"purposes = [\"terrorism\"]", "purposes = [\"any\"]"}},
                     210},
        MeaningError{"AnyFieldInAClause",
                     {{"fields = [\"doc.number\", \"person.family-name\", "
                       "\"person.given-names\"]",
                       "fields = [\"any\"]"}},
                     210},
        MeaningError{"ReceiverNotCovered",
                     {{"\"QVA.supreme-court\"", "\"QXX.court\""}},
                     211},
        MeaningError{"PartyAsThirdState",
                     {{"third_states = []", "third_states = [\"QVA\"]"}},
                     211},
        MeaningError{"WideScreening",
                     {{"match_set = \"standard\"", "match_set = \"wide\""}},
                     212},
        MeaningError{
            "DisclosureWithoutReview",
            {{"review = \"both-sides\"\nreviewers_holder = 1\nreviewers_asker "
              "= 1\nanswer_within_hours = 24\nquota_per_day = 200",
              "review = \"none\"\nquota_per_day = 200"}},
            213},
        MeaningError{"CaseShorterThanRetention",
                     {{"retain_days_case = 183", "retain_days_case = 6"}},
                     214},
        MeaningError{"MaskedAfterTheEnd",
                     {{"retain_days = 183\nretain_days_case = 1827",
                       "retain_days = 100\nretain_days_case = 100"}},
                     214},
        MeaningError{"EndsBeforeItBegins",
                     {{"until = \"2029-01-01", "until = \"2025-01-01"}},
                     216},
        MeaningError{"ReviewTooLate",
                     {{"review_by = \"2027-12-31", "review_by = \"2028-01-02"}},
                     216},
        MeaningError{"VersionOneReplacesSomething",
                     {{"replaces = \"none\"",
                       "replaces = \"sha256:"
                       "1111111111111111111111111111111111111111111111111111111"
                       "111111111\""}},
                     218},
        MeaningError{"ScreeningGivesMore",
                     {{"fields = [\"hit.handle\", \"hit.rule\", \"hit.tier\"]",
                       "fields = [\"hit.handle\", \"hit.reason\", "
                       "\"hit.rule\", \"hit.tier\"]"}},
                     219},
        MeaningError{"SensitiveOnlySometimes",
                     {{"actions = [\"any\"]", "actions = [\"disclose\"]"}},
                     220},
        MeaningError{"FieldOfAnotherDataset",
                     {{"\"doc.issuer\", \"doc.number\", \"hit.info-grade\"",
                       "\"doc.issuer\", \"doc.number\", \"flight.number\", "
                       "\"hit.info-grade\""}},
                     221},
        MeaningError{"OfferedFieldOfTheList",
                     {{"\"flight.number\"]", "\"hit.reason\"]"},
                      {"\"flight.arrival-date\", ", ""}},
                     221},
        MeaningError{"ProvisionOfNoParty",
                     {{"QVA = \"Law 9/1998, art. 140\"\n",
                       "QVA = \"Law 9/1998, art. 140\"\nQXX = \"Law 1\"\n"}},
                     222}),
    [](const auto& test) { return test.param.name; });

TEST(LintTest, OneKeyInTwoSigningPlaces) {
  // Signatures are not at stake here: the document alone is wrong.
  const std::string legal = Changed({}).parties[0].sign_legal.text;
  const Bytes twice = fixture::Must(
      Rewrite(fixture::DemoAgreement(), {{"party.QOR.sign_technical", legal}}));
  EXPECT_THAT(CodesOf(fixture::Must(Agreement::Parse(twice))), Contains(217));
}

TEST(LintTest, SuspendNeedsTheLegalKeyAndAnotherOne) {
  const Agreement demo = Changed({});
  const Party& qor = demo.parties[0];
  for (const std::string& suspend :
       {qor.sign_legal.text,
        qor.sign_technical.text + "," + qor.sign_legal.text,
        qor.suspend[0].text + "," + qor.suspend[1].text}) {
    const Bytes changed = fixture::Must(
        Rewrite(fixture::DemoAgreement(), {{"party.QOR.suspend", suspend}}));
    EXPECT_THAT(CodesOf(fixture::Must(Agreement::Parse(changed))),
                ElementsAre(217, 307))
        << suspend;
  }
}

TEST(LintTest, AnotherPartysKeyCannotStop) {
  const Agreement demo = Changed({});
  const Bytes changed = fixture::Must(
      Rewrite(fixture::DemoAgreement(),
              {{"party.QOR.suspend", demo.parties[0].sign_legal.text + "," +
                                         demo.parties[1].sign_legal.text}}));
  EXPECT_THAT(CodesOf(fixture::Must(Agreement::Parse(changed))), Contains(217));
}

TEST(LintTest, VersionsChainByHash) {
  const Bytes first = fixture::DemoAgreement();
  const Agreement previous = fixture::Must(Agreement::Parse(first));
  const auto next = [&](const std::string& hash, const std::string& version) {
    return fixture::Must(Agreement::Parse(fixture::Must(
        Rewrite(first, {{"version", version}, {"replaces", hash}}))));
  };
  const LintContext context{&previous, DocumentHash(first)};
  const std::string hash = HashText(DocumentHash(first));
  EXPECT_FALSE(HasErrors(Lint(next(hash, "2"), Files(), context)));
  EXPECT_TRUE(HasErrors(Lint(next(hash, "3"), Files(), context)));
  EXPECT_TRUE(HasErrors(Lint(next(HashText(Hash{}), "2"), Files(), context)));
}

}  // namespace
}  // namespace entente::policy
