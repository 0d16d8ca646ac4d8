#include "policy/compiled.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "policy/fixture.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

static_assert(!std::is_default_constructible_v<Compiled>);

const Compiled& Demo() {
  static const Compiled demo = fixture::Compile(fixture::DemoAgreement());
  return demo;
}

TEST(CompiledTest, UnknownCodesHaveNoIndex) {
  EXPECT_EQ(Demo().PartyIndex("QVA"), 1);
  EXPECT_FALSE(Demo().PartyIndex("QXX").has_value());
  EXPECT_FALSE(Demo().PartyIndex("").has_value());
  EXPECT_EQ(Demo().BasisIndex("protocol-4"), 1);
  EXPECT_FALSE(Demo().BasisIndex("protocol-5").has_value());
  EXPECT_EQ(Demo().PurposeIndex("terrorism.offence"), 0);
  EXPECT_FALSE(Demo().PurposeIndex("terrorism").has_value());
  EXPECT_FALSE(Demo().ClauseIndex("screen").has_value());
  EXPECT_EQ(Demo().FindClause("screen"), nullptr);
  EXPECT_EQ(Demo().PartyCode(0), "QOR");
  EXPECT_EQ(Demo().PartyCode(2), "");
}

TEST(CompiledTest, OneUnknownFieldSpoilsTheList) {
  const std::vector<std::string> good{"doc.number", "person.sex"};
  EXPECT_EQ(Demo().FieldBits(good), Demo().fields().Bit("doc.number") |
                                        Demo().fields().Bit("person.sex"));
  EXPECT_EQ(Demo().FieldCodes(*Demo().FieldBits(good)), good);
  const std::vector<std::string> bad{"doc.number", "person.shoe-size"};
  EXPECT_FALSE(Demo().FieldBits(bad).has_value());
  EXPECT_FALSE(Demo().FieldBits({}).has_value());
}

TEST(CompiledTest, KnowsWhatAClauseAdmits) {
  const std::uint16_t screen = *Demo().ClauseIndex("screen-terrorism");
  const std::uint16_t onward = *Demo().ClauseIndex("onward-court");
  EXPECT_TRUE(Demo().Admits(screen, "terrorism.travel"));
  EXPECT_FALSE(Demo().Admits(screen, "serious.drugs"));
  EXPECT_FALSE(Demo().Admits(screen, "terrorism"));
  EXPECT_FALSE(Demo().Admits(99, "terrorism.travel"));
  EXPECT_TRUE(Demo().Covers(screen, "QVA", "QOR"));
  EXPECT_TRUE(Demo().Covers(onward, "QOR", "QVA"));
  EXPECT_FALSE(Demo().Covers(onward, "QVA", "QOR"));
  EXPECT_FALSE(Demo().Covers(screen, "QVA", "QVA"));
  EXPECT_FALSE(Demo().Covers(screen, "QVA", "QXX"));
  EXPECT_EQ(Demo().FindClause("screen-terrorism")->list_rows_max, 100000U);
}

TEST(CompiledTest, IndexesByPairAndAction) {
  EXPECT_EQ(Demo().ClausesFor(0, 1, Action::kOnward).size(), 1U);
  EXPECT_EQ(Demo().ClausesFor(1, 0, Action::kOnward).size(), 0U);
  EXPECT_EQ(Demo().ClausesFor(1, 0, Action::kScreen).size(), 1U);
  EXPECT_EQ(Demo().ClausesFor(0, 0, Action::kScreen).size(), 0U);
  EXPECT_EQ(Demo().ClausesFor(0, 9, Action::kScreen).size(), 0U);
  EXPECT_EQ(Demo().ClausesFor(0, 1, Action::kRetain).size(), 0U);
}

TEST(CompiledTest, ReceiversAreAClosedList) {
  const std::uint16_t onward = *Demo().ClauseIndex("onward-court");
  EXPECT_EQ(Demo().ReceiverIndex(onward, "QVA.prosecutor"), 1);
  EXPECT_EQ(Demo().ReceiverIndex(onward, "QVA.supreme-court"), 2);
  EXPECT_FALSE(Demo().ReceiverIndex(onward, "QVA.police").has_value());
  EXPECT_FALSE(Demo().ReceiverIndex(0, "QVA.prosecutor").has_value());
}

TEST(CompiledTest, OnlyWhatLintAcceptsIsCompiled) {
  std::string text = ToString(fixture::DemoAgreement());
  const std::string_view from = "log_years = 5";
  text.replace(text.find(from), from.size(), "log_years = 3");
  const auto compiled = Compiled::Create(fixture::Verify(AsBytes(text)),
                                         fixture::RealCatalogues());
  EXPECT_EQ(ReasonOf(compiled.status()), "AG-208");
}

TEST(CompiledTest, EachAndOtherMeanEveryOrderedPair) {
  const Compiled compiled =
      fixture::WithThirdParty(fixture::DemoAgreement(), "QTA");
  ASSERT_EQ(compiled.agreement().parties.size(), 3U);
  for (std::uint8_t h = 0; h < 3; ++h) {
    for (std::uint8_t a = 0; a < 3; ++a) {
      EXPECT_EQ(compiled.ClausesFor(h, a, Action::kScreen).size(),
                h == a ? 0U : 1U);
      // Named pairs stay the one pair: QOR gives, QVA passes on.
      EXPECT_EQ(compiled.ClausesFor(h, a, Action::kOnward).size(),
                h == 0 && a == 2 ? 1U : 0U);
    }
  }
}

TEST(CompiledTest, AThirdPartyGetsNothingOfANamedPair) {
  const Compiled compiled =
      fixture::WithThirdParty(fixture::DemoAgreement(), "QTA");
  Facts f = fixture::DiscloseFacts(compiled);
  f.asker = *compiled.PartyIndex("QTA");
  EXPECT_EQ(Evaluate(compiled, {}, f).outcome, Outcome::kPermit);
  f.action = Action::kOnward;
  f.basis = *compiled.BasisIndex("court-order");
  f.role = static_cast<std::uint8_t>(Role::kApprover);
  f.urgency = static_cast<std::uint8_t>(Urgency::kUrgent);
  f.approvals_holder = 2;
  f.receiver = 1;
  EXPECT_EQ(ReasonList(Evaluate(compiled, {}, f).reasons), "W01");
  f.asker = *compiled.PartyIndex("QVA");
  EXPECT_EQ(Evaluate(compiled, {}, f).outcome, Outcome::kPermit);
}

}  // namespace
}  // namespace entente::policy
