#include "policy/agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "policy/fixture.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

using fixture::DemoAgreement;
using fixture::HitAgreement;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Example() { return ToString(HitAgreement()); }

// The example with one replacement; fails the test when `from` is not there.
std::string With(std::string_view from, std::string_view to) {
  std::string text = Example();
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

Findings FindingsOf(std::string_view text) {
  return ParseAgreement(AsBytes(text)).findings;
}

std::vector<int> CodesOf(std::string_view text) {
  std::vector<int> codes;
  for (const Finding& finding : FindingsOf(text)) codes.push_back(finding.code);
  return codes;
}

TEST(AgreementTest, ReadsThePublishedExample) {
  const Bytes bytes = HitAgreement();
  EXPECT_EQ(bytes.size(), 5805U);
  EXPECT_EQ(ToHex(DocumentHash(bytes)),
            "174d8e9a63227ba960d5266f48efdffded5cdbae3b34783e19c82218f8ee2fa7");
  ASSERT_OK_AND_ASSIGN(const Agreement agreement, Agreement::Parse(bytes));
  EXPECT_EQ(Emit(agreement), bytes);
  EXPECT_EQ(agreement.parties.size(), 2U);
  EXPECT_EQ(agreement.clauses.size(), 3U);
  const Clause& onward = agreement.clauses[1];
  EXPECT_EQ(onward.reviewers_holder, 2U);
  EXPECT_THAT(onward.onward_to,
              ElementsAre("QVA.prosecutor", "QVA.supreme-court"));
  EXPECT_TRUE(onward.caveats.Has(Caveat::kProtectSource));
  EXPECT_EQ(agreement.validity.from, 1798761600);
  EXPECT_EQ(agreement.parties[0].sign_legal.label(), "qor-legal-2026");
  EXPECT_EQ(agreement.parties[0].sign_legal.kid(),
            "fa389106d1f5544f2498ca5d0ae51013");
}

TEST(AgreementTest, EmitsWhatItReadOfTheDemoAgreement) {
  const Bytes bytes = DemoAgreement();
  ASSERT_OK_AND_ASSIGN(const Agreement agreement, Agreement::Parse(bytes));
  EXPECT_EQ(Emit(agreement), bytes);
}

TEST(AgreementTest, KnowsWhereEachValueStands) {
  ASSERT_OK_AND_ASSIGN(const Agreement agreement,
                       Agreement::Parse(HitAgreement()));
  EXPECT_EQ(agreement.PositionOf("clause.disclose-terrorism.routes[1]"),
            (Position{77, 22}));
  EXPECT_EQ(agreement.PositionOf("version"), (Position{3, 11}));
}

TEST(AgreementTest, TellsPlaceValueAndNextStep) {
  const Findings findings = FindingsOf(
      With("[\"arrives\", \"departs\"]", "[\"departs\", \"arrives\"]"));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(Format(findings[0], "agreement.toml"),
            "AG-108 agreement.toml:77:22  disclose-terrorism: \"arrives\" must "
            "stand before \"departs\".  Next: `entente agreement format` shows "
            "the one spelling.");
}

TEST(AgreementTest, ReportsEveryErrorAtOnceInFileOrder) {
  std::string text = With("version = 1", "version = 01");
  const auto replace = [&](std::string_view from, std::string_view to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("epoch_hours = 168", "epoch_hours = 745");
  replace("log_years = 5", "log_years = \"5\"");
  EXPECT_THAT(CodesOf(text), ElementsAre(102, 107, 107));
}

struct LoadError {
  const char* name;
  std::string_view from;
  std::string_view to;
  int code;
};

class LoadErrorTest : public ::testing::TestWithParam<LoadError> {};

TEST_P(LoadErrorTest, IsRefusedWithItsCode) {
  const LoadError& error = GetParam();
  const std::string text = With(error.from, error.to);
  EXPECT_THAT(CodesOf(text), ::testing::Contains(error.code));
  const auto agreement = Agreement::Parse(AsBytes(text));
  ASSERT_FALSE(agreement.ok());
  EXPECT_THAT(ReasonOf(agreement.status()), HasSubstr("AG-"));
  EXPECT_FALSE(NextOf(agreement.status()).empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, LoadErrorTest,
    ::testing::Values(
        LoadError{"NotUtf8", "Orsena and", "Orsena \xFF and", 101},
        LoadError{"Overlong", "Orsena and", "Orsena \xC0\xA0 and", 101},
        LoadError{"NotNormalFormC", "Orsena and", "Orse\xCC\x81na and", 101},
        LoadError{"ByteOrderMark", "format =",
                  "\xEF\xBB\xBF"
                  "format =",
                  101},
        LoadError{"Tab", "version = 1", "version\t= 1", 101},
        LoadError{"CarriageReturn", "version = 1\n", "version = 1\r\n", 101},
        LoadError{"SoftHyphen", "Orsena and", "Orse\xC2\xADna and", 101},
        LoadError{"RightToLeft", "Orsena and", "\xE2\x80\xAEOrsena and", 101},
        LoadError{"NoBreakSpace", "Orsena and",
                  "Orsena\xC2\xA0"
                  "and",
                  101},
        LoadError{"LineSeparator", "Orsena and",
                  "Orsena\xE2\x80\xA8"
                  "and",
                  101},
        LoadError{"PrivateUse", "Orsena and", "Orsena\xEE\x80\x80 and", 101},
        LoadError{"Unassigned", "Orsena and", "Orsena\xCD\xB8 and", 101},
        LoadError{"Escape", "Orsena and", "Orsena\\u0020and", 101},
        LoadError{"Comment", "version = 1", "version = 1 # one", 102},
        LoadError{"CommentLine", "[validity]", "# dates\n[validity]", 102},
        LoadError{"NoSpaces", "version = 1", "version=1", 102},
        LoadError{"TwoSpaces", "version = 1", "version =  1", 102},
        LoadError{"TrailingSpace", "version = 1", "version = 1 ", 102},
        LoadError{"LeadingZero", "version = 1", "version = 01", 102},
        LoadError{"Sign", "version = 1", "version = +1", 102},
        LoadError{"Underscore", "250000", "250_000", 102},
        LoadError{"LiteralText", "\"Orsena\"", "'Orsena'", 102},
        LoadError{"SpaceInList", "[\"urgent\"]", "[ \"urgent\" ]", 107},
        LoadError{"NoSpaceInList", "\"arrives\", \"departs\"",
                  "\"arrives\",\"departs\"", 102},
        LoadError{"TwoEmptyLines", "\n\n[validity]", "\n\n\n[validity]", 102},
        LoadError{"NoEmptyLine", "\n\n[validity]", "\n[validity]", 102},
        LoadError{"EmptyLineInTable", "version = 1\n", "\nversion = 1\n", 102},
        LoadError{"EmptyLastLine", "proof_of_deletion = true\n",
                  "proof_of_deletion = true\n\n", 102},
        LoadError{"NoFinalLineFeed", "proof_of_deletion = true\n",
                  "proof_of_deletion = true", 102},
        LoadError{"UnknownKey", "version = 1\n", "version = 1\nnote = \"x\"\n",
                  104},
        LoadError{"KeyOfAnotherAction", "match_set = \"standard\"\n",
                  "match_set = \"standard\"\nmask_after_days = 5\n", 104},
        LoadError{"UnknownTable", "[rights]", "[rights2]", 104},
        LoadError{"TableNotRepeated", "[rights]", "[[rights]]", 104},
        LoadError{"MissingKey",
                  "title = \"Agreement between Orsena and "
                  "Valmara on hits against passenger identifiers\"\n",
                  "", 105},
        LoadError{"MissingCaseQuota", "quota_per_case = 10\n", "", 105},
        LoadError{"MissingTable", "[screening]", "[rights]", 105},
        LoadError{"KeysOutOfOrder",
                  "log_years = 5\nwitness_grace_seconds = "
                  "14400\n",
                  "witness_grace_seconds = 14400\nlog_years = 5\n", 106},
        LoadError{"KeyTwice", "version = 1\n", "version = 1\nversion = 1\n",
                  106},
        LoadError{"WrongType", "version = 1", "version = \"1\"", 107},
        LoadError{"OutOfRange", "epoch_hours = 168", "epoch_hours = 0", 107},
        LoadError{"TooLargeNumber", "version = 1", "version = 9007199254740992",
                  107},
        LoadError{"HugeNumber", "version = 1",
                  "version = 99999999999999999999999999", 107},
        LoadError{"EmptyText", "\"Orsena\"", "\"\"", 107},
        LoadError{"BadAgreementId", "QOR-QVA-2027-001", "qor", 107},
        LoadError{"BadInstant", "2027-01-01T00:00:00Z", "2027-02-30T00:00:00Z",
                  107},
        LoadError{"LeapSecond", "2027-01-01T00:00:00Z", "2027-01-01T00:00:60Z",
                  107},
        LoadError{"BadDate", "2026-09-14", "2026-9-14", 107},
        LoadError{"UpperCaseHash", "sha256:aaaaaa", "sha256:AAAAAA", 107},
        LoadError{"BadKeyId", "ed25519:qor-legal-2026:fa38",
                  "ed25519:qor-legal-2026:FA38", 107},
        LoadError{"SuspensionOnlyWithNotice",
                  "suspension_without_notice = true",
                  "suspension_without_notice = false", 107},
        LoadError{"HolderIsAsker", "asker = \"QVA\"", "asker = \"QOR\"", 107},
        LoadError{"UnsortedList", "[\"arrives\", \"departs\"]",
                  "[\"departs\", \"arrives\"]", 108},
        LoadError{"DoubledMember", "[\"urgent\"]", "[\"urgent\", \"urgent\"]",
                  108},
        LoadError{"UnsortedRows", "code = \"QVA\"", "code = \"QAA\"", 108},
        LoadError{"RowTwice", "code = \"QVA\"", "code = \"QOR\"", 108},
        LoadError{"EmptyPurposes", "purposes = [\"terrorism\"]",
                  "purposes = []", 109},
        LoadError{"EmptyRoles", "roles = [\"approver\"]", "roles = []", 109},
        LoadError{"UnknownFormat", "agreement/1", "agreement/2", 110},
        LoadError{"UnknownAction", "action = \"screen\"", "action = \"scan\"",
                  110},
        LoadError{"ActionOfNoClause", "action = \"screen\"",
                  "action = \"retain\"", 110},
        LoadError{"UnknownFlag", "\"own-national-minor\"", "\"own-minor\"",
                  110},
        LoadError{"UnknownParty", "by = \"QVA\"", "by = \"QXX\"", 110},
        LoadError{"UnknownHolder", "holder = \"QOR\"", "holder = \"QXX\"", 110},
        LoadError{"EachWithoutOther", "asker = \"other\"", "asker = \"QVA\"",
                  110},
        LoadError{"UnknownBasis", "bases = [\"court-order\"]",
                  "bases = [\"court\"]", 110},
        LoadError{"LogMayFail", "decision_log_unavailable = \"deny\"",
                  "decision_log_unavailable = \"allow\"", 110},
        LoadError{"AlwaysAndFlags", "when = [\"always\"]",
                  "when = [\"always\", \"minor\"]", 110}),
    [](const auto& test) { return test.param.name; });

TEST(AgreementTest, RefusesTooLargeAFile) {
  EXPECT_THAT(CodesOf(std::string(kMaxDocumentBytes + 1, 'a')),
              ElementsAre(103));
}

TEST(AgreementTest, RefusesNothingAndOneLine) {
  EXPECT_FALSE(Agreement::Parse(AsBytes("")).ok());
  EXPECT_FALSE(Agreement::Parse(AsBytes("\n")).ok());
  EXPECT_FALSE(Agreement::Parse(AsBytes("format = \"agreement/1\"\n")).ok());
}

TEST(AgreementTest, RefusesALongTextAndALongList) {
  EXPECT_THAT(CodesOf(With("\"Orsena\"", "\"" + std::string(401, 'a') + "\"")),
              ElementsAre(107));
  EXPECT_THAT(CodesOf(With("\"Orsena\"", "\"" + std::string(400, 'a') + "\"")),
              ElementsAre());
  std::string list;
  for (char a = 'a'; a <= 'z'; ++a) {
    for (char b = 'a'; b <= 'c'; ++b) {
      list += std::string(list.empty() ? "[\"" : ", \"") + a + b + "\"";
    }
  }
  EXPECT_THAT(CodesOf(With("[\"court-order\"]", list + "]")), ElementsAre(107));
}

TEST(AgreementTest, AcceptsTextInOtherScripts) {
  EXPECT_THAT(CodesOf(With("\"Valmara\"", "\"\xD0\x92\xD0\xB0\xD0\xBB\"")),
              ElementsAre());
}

TEST(AgreementTest, AnyInAClauseHasItsOwnCode) {
  EXPECT_THAT(CodesOf(With("roles = [\"approver\"]", "roles = [\"any\"]")),
              ElementsAre(210));
}

// No second spelling: whatever a changed byte makes, it is refused or it is
// another document that is again its own only spelling.
TEST(AgreementTest, AChangedByteIsRefusedOrAnotherDocument) {
  const Bytes bytes = HitAgreement();
  const auto original = Agreement::Parse(bytes);
  std::mt19937 random(7);
  int accepted = 0;
  for (int i = 0; i < 4000; ++i) {
    Bytes changed = bytes;
    const std::size_t at = random() % changed.size();
    switch (random() % 3) {
      case 0:
        changed[at] = static_cast<std::uint8_t>(random());
        break;
      case 1:
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      default:
        changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(at),
                       changed[random() % changed.size()]);
    }
    const auto agreement = Agreement::Parse(changed);
    if (!agreement.ok()) continue;
    ++accepted;
    EXPECT_EQ(Emit(*agreement), changed);
  }
  EXPECT_GT(accepted, 0);  // names and texts may change
}

}  // namespace
}  // namespace entente::policy
