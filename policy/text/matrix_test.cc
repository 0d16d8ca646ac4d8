#include "policy/text/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "policy/fixture.h"
#include "policy/lint.h"

namespace entente::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Catalogues& Files() {
  static const Catalogues files = fixture::RealCatalogues();
  return files;
}

// QMA, QMB, ... QMZ, QNA, ...
std::string CodeOf(std::size_t i) {
  return {'Q', static_cast<char>('M' + i / 26),
          static_cast<char>('A' + i % 26)};
}

std::string Label(const std::string& code, const char* role) {
  std::string out = code + "-" + role;
  for (char& c : out) c = static_cast<char>(std::tolower(c));
  return out;
}

KeyId KeyOf(const std::string& code, const char* role) {
  const std::string label = Label(code, role);
  return MakeKeyId(label, fixture::ExampleKey(label).public_key());
}

Party PartyOf(const Party& like, std::size_t i) {
  Party party = like;
  party.code = CodeOf(i);
  party.name = "State " + party.code;
  party.sign_legal = KeyOf(party.code, "legal");
  party.sign_technical = KeyOf(party.code, "tech");
  party.suspend = {KeyOf(party.code, "dpo"), KeyOf(party.code, "legal")};
  std::sort(party.suspend.begin(), party.suspend.end());
  return party;
}

// A working group of `n` states: every party screens and discloses with every
// other; the first also lets the second pass on what it gave.
Agreement Group(std::size_t n) {
  const Agreement demo =
      fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
  Agreement a = demo;
  a.parties.clear();
  for (std::size_t i = 0; i < n; ++i) {
    a.parties.push_back(PartyOf(demo.parties[i % 2], i));
  }
  for (Basis& basis : a.bases) {
    basis.provisions.clear();
    for (const Party& party : a.parties) {
      basis.provisions.push_back({party.code, "Act of " + party.code});
    }
  }
  a.clauses[1].holder = CodeOf(0);
  a.clauses[1].asker = CodeOf(1);
  a.clauses[1].onward_to = {CodeOf(1) + ".prosecutor"};
  a.reservations[0].by = CodeOf(1);
  return fixture::Must(Agreement::Parse(Emit(a)));
}

absl::StatusOr<Compiled> CompileGroup(const Agreement& a) {
  std::vector<std::string> labels;
  Signers signers;
  for (const Party& party : a.parties) {
    for (const auto& [role, kind] : {std::pair("legal", SignerRole::kLegal),
                                     std::pair("tech", SignerRole::kTechnical),
                                     std::pair("dpo", SignerRole::kDpo)}) {
      const std::string label = Label(party.code, role);
      signers.push_back(fixture::ExampleSigner(label, party.code, kind));
      if (kind != SignerRole::kDpo) labels.push_back(label);
    }
  }
  TRY(VerifiedAgreement verified,
      VerifyEnvelope(fixture::SignedEnvelope(kAgreementType, Emit(a), labels),
                     kAgreementType, signers));
  return Compiled::Create(std::move(verified), Files());
}

TEST(MatrixTest, OfTheDemoAgreement) {
  const Agreement a = fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
  const std::vector<PairFlows> pairs = Matrix(a, Files());
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(pairs[0].Letters(), "SDO");  // QOR to QVA
  EXPECT_EQ(pairs[1].Letters(), "SD");
  EXPECT_EQ(pairs[0].fields(), 8U);
  EXPECT_EQ(PurposeWords(Files(), pairs[0].purposes()),
            std::vector<std::string>{"terrorism"});
  EXPECT_EQ(MatrixText(a, Files(), pairs),
            "QOR-QVA-2026-001 version 1, 2 parties, 2 ordered pairs\n"
            "\n"
            "gives to:  QOR QVA\n"
            "QOR        -   SDO\n"
            "QVA        SD  -  \n"
            "\n"
            "S screen, Q query, D disclose, O onward, E export; . nothing\n"
            "\n"
            "QOR to QVA\n"
            "  disclose disclose-terrorism: 8 fields, for terrorism\n"
            "  onward onward-court: 3 fields, for terrorism\n"
            "  screen screen-terrorism: 3 fields, for terrorism\n"
            "QVA to QOR\n"
            "  disclose disclose-terrorism: 8 fields, for terrorism\n"
            "  screen screen-terrorism: 3 fields, for terrorism\n");
  EXPECT_EQ(MatrixCsv(a, pairs),
            "holder,asker,actions,clauses,purposes,fields\n"
            "QOR,QVA,SDO,disclose-terrorism onward-court screen-terrorism,6,8"
            "\n"
            "QVA,QOR,SD,disclose-terrorism screen-terrorism,6,8\n");
}

TEST(MatrixTest, WhatIsReservedAlwaysIsNotGiven) {
  Agreement a = fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
  Reservation& reservation = a.reservations[0];  // by QVA
  reservation.always = true;
  reservation.when = {};
  EXPECT_EQ(Matrix(a, Files())[1].fields(), 7U);  // without doc.number
  EXPECT_EQ(Matrix(a, Files())[0].fields(), 8U);
  reservation.fields = {"any"};
  EXPECT_EQ(Matrix(a, Files())[1].Letters(), "S");
  reservation.purposes = {"terrorism.financing"};
  EXPECT_EQ(Matrix(a, Files())[1].Letters(), "SD");
  EXPECT_THAT(PurposeWords(Files(), Matrix(a, Files())[1].flows[0].purposes),
              ElementsAre("terrorism.offence", "terrorism.preparation",
                          "terrorism.recruitment", "terrorism.training",
                          "terrorism.travel"));
}

TEST(MatrixTest, APartyThatMayHaveNothingYetGetsNothing) {
  Agreement a = fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
  a.parties[0].history_from = a.validity.until;
  EXPECT_EQ(Matrix(a, Files())[1].Letters(), "");
  EXPECT_EQ(Matrix(a, Files())[0].Letters(), "SDO");
}

// Pair by pair the matrix says what the engine's index has.
TEST(MatrixTest, AgreesWithTheCompiledAgreement) {
  const Agreement a = Group(7);
  const Compiled compiled = fixture::Must(CompileGroup(a));
  for (const PairFlows& pair : Matrix(a, Files())) {
    for (std::size_t action = 0; action < kClauseActions; ++action) {
      const auto indexes = compiled.ClausesFor(
          static_cast<std::uint8_t>(pair.holder),
          static_cast<std::uint8_t>(pair.asker), static_cast<Action>(action));
      const bool there = !indexes.empty();
      EXPECT_EQ(pair.Letters().find("SQDOE"[action]) != std::string::npos,
                there);
    }
  }
}

// The size of a regional working group, and that of the largest security
// organisation.
class GroupTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(GroupTest, LoadsLintsAndCompiles) {
  const std::size_t n = GetParam();
  const Agreement a = Group(n);
  EXPECT_EQ(a.parties.size(), n);
  EXPECT_LE(Emit(a).size(), kMaxDocumentBytes);
  for (const Finding& finding : Lint(a, Files())) {
    EXPECT_FALSE(IsError(finding)) << Format(finding, "group");
  }
  const auto compiled = CompileGroup(a);
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  EXPECT_TRUE(compiled->Covers(1, CodeOf(0), CodeOf(1)));
  EXPECT_FALSE(compiled->Covers(1, CodeOf(1), CodeOf(0)));
  EXPECT_TRUE(compiled->Covers(0, CodeOf(n - 1), CodeOf(n - 2)));
}

TEST_P(GroupTest, ShowsWhoGivesWhatToWhom) {
  const std::size_t n = GetParam();
  const Agreement a = Group(n);
  const std::vector<PairFlows> pairs = Matrix(a, Files());
  ASSERT_EQ(pairs.size(), n * (n - 1));
  for (const PairFlows& pair : pairs) {
    const bool first = pair.holder == 0 && pair.asker == 1;
    EXPECT_EQ(pair.Letters(), first ? "SDO" : "SD");
  }
  const std::string text = MatrixText(a, Files(), pairs);
  std::size_t widest = 0;
  std::size_t start = 0;
  const std::string table = text.substr(0, text.find("\nS screen"));
  while (start < table.size()) {
    const std::size_t end = std::min(table.find('\n', start), table.size());
    widest = std::max(widest, end - start);
    start = end + 1;
  }
  if (n <= 20) {
    EXPECT_LE(widest, 100U);
    EXPECT_THAT(text, HasSubstr("\nQMR        SD  SD  SD"));
  } else {
    EXPECT_THAT(text, HasSubstr("QMB gives\n  SD      to all 56 others\n"));
    EXPECT_THAT(text,
                HasSubstr("QMA gives\n  SD      to all 55 others but QMB\n"));
    EXPECT_LE(widest, 100U);
    EXPECT_THAT(text, HasSubstr("\n  SDO     to QMB\n"));
  }
  const std::string csv = MatrixCsv(a, pairs);
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')),
            pairs.size() + 1);
}

INSTANTIATE_TEST_SUITE_P(Sizes, GroupTest, ::testing::Values(18, 57));

}  // namespace
}  // namespace entente::policy
