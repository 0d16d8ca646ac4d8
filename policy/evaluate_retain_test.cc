#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/evaluate.h"
#include "policy/fixture.h"
#include "policy/freshness.h"
#include "policy/rewrite.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

using fixture::kNow;
using fixture::RetainFacts;

constexpr std::uint32_t kMask = 183 * 24;
constexpr std::uint32_t kRetainCase = 1827 * 24;
constexpr std::int64_t kDay = 86400;

const Compiled& Demo() {
  static const Compiled demo = fixture::Compile(fixture::DemoAgreement());
  return demo;
}
Decision Judge(const Facts& facts) { return Evaluate(Demo(), {}, facts); }
Facts Held(std::uint32_t hours) {
  return RetainFacts(Demo(), "disclose-terrorism", hours);
}
Facts HeldInCase(std::uint32_t hours) {
  Facts f = Held(hours);
  f.bits |= fact::kOpenCase;
  return f;
}

TEST(RetainTest, DeletesAtTheHourAndNotBefore) {
  EXPECT_EQ(Judge(Held(kMask - 1)).outcome, Outcome::kPermit);
  EXPECT_EQ(Judge(Held(kMask - 1)).fields, Held(0).asked);
  for (std::uint32_t hours : {kMask, kMask + 1}) {
    const Decision d = Judge(Held(hours));
    EXPECT_EQ(d.outcome, Outcome::kDeny);
    EXPECT_EQ(ReasonList(d.reasons), "T01");
    EXPECT_EQ(d.obligations.frozen, 0);
  }
}

TEST(RetainTest, OnlyFieldsOfTheClauseAreKept) {
  Facts f = Held(0);
  f.asked |= Demo().fields().Bit("person.nationality");
  EXPECT_EQ(Judge(f).fields, Held(0).asked);
}

TEST(RetainTest, MasksBeforeItDeletesInAnOpenCase) {
  Facts f = HeldInCase(kMask - 1);
  f.asked |= Demo().fields().Bit("hit.reason");
  EXPECT_EQ(Judge(f).fields, f.asked);
  f.held = kMask;
  Decision d = Judge(f);
  EXPECT_EQ(d.outcome, Outcome::kPermit);
  EXPECT_EQ(d.fields, Demo().fields().Bit("hit.reason"));
  EXPECT_EQ(ReasonList(d.reasons), "T02");
  f.held = kRetainCase - 1;
  EXPECT_EQ(Judge(f).outcome, Outcome::kPermit);
  f.held = kRetainCase;
  EXPECT_EQ(ReasonList(Judge(f).reasons), "T01");
}

TEST(RetainTest, AnswersInEveryState) {
  for (std::uint8_t state = 0; state <= 8; ++state) {
    Facts f = Held(1);
    f.state = state;
    if (state >= 7) f.ended = kNow - 1;
    f.status_age_asker = kNoStatus;
    f.assessment_left_holder = 0;
    const Decision d = Judge(f);
    EXPECT_EQ(d.outcome, Outcome::kPermit) << int{state};
    EXPECT_EQ(d.obligations.frozen, state >= 6 ? 1 : 0) << int{state};
  }
}

TEST(RetainTest, AnEndedAgreementLeavesNothingAfterItsDeadline) {
  Facts f = Held(1);
  f.state = static_cast<std::uint8_t>(State::kTerminated);
  f.ended = kNow - 30 * kDay + 1;
  EXPECT_EQ(Judge(f).outcome, Outcome::kPermit);
  f.ended = kNow - 30 * kDay;
  EXPECT_EQ(ReasonList(Judge(f).reasons), "T03");
  f.bits |= fact::kOpenCase;
  EXPECT_EQ(Judge(f).outcome, Outcome::kPermit);
  f.ended = kNow - (30 + 365) * kDay;
  EXPECT_EQ(ReasonList(Judge(f).reasons), "T03");
}

TEST(RetainTest, AReplacedVersionEndsNothing) {
  Facts f = Held(1);
  f.now = Demo().agreement().validity.until + 400 * kDay;
  EXPECT_EQ(ReasonList(Judge(f).reasons), "T03");
  f.state = static_cast<std::uint8_t>(State::kSuperseded);
  EXPECT_EQ(Judge(f).outcome, Outcome::kPermit);
}

TEST(RetainTest, ALegalHoldKeepsAndFreezes) {
  Facts f = Held(kRetainCase * 2);
  f.bits |= fact::kLegalHold;
  const Decision d = Judge(f);
  EXPECT_EQ(d.outcome, Outcome::kPermit);
  EXPECT_EQ(d.obligations.frozen, 1);
}

// Only T01 and T03 mean delete; any other refusal keeps the item, frozen.
TEST(RetainTest, AFaultNeverDeletes) {
  const auto frozen = [](Facts f, std::string_view reason) {
    f.held = kRetainCase * 2;
    const Decision d = Judge(f);
    EXPECT_EQ(d.outcome, Outcome::kDeny);
    EXPECT_EQ(ReasonList(d.reasons), reason);
    EXPECT_EQ(d.obligations.frozen, 1);
  };
  Facts f = Held(0);
  f.origin_clause = 3;
  frozen(f, "A04");
  f = Held(0);
  f.bits = 0;
  frozen(f, "A01");
  f = Held(0);
  f.agreement[0] ^= 1U;
  frozen(f, "S04");
  f = RetainFacts(Demo(), "onward-court", 0);
  std::swap(f.holder, f.asker);
  frozen(f, "W01");
  f = Held(0);
  f.state = static_cast<std::uint8_t>(State::kTerminated);
  frozen(f, "A04");
}

TEST(RetainTest, ALaterVersionMayOnlyShorten) {
  const auto version = [](const std::string& days) {
    return fixture::Compile(fixture::Must(
        Rewrite(fixture::DemoAgreement(),
                {{"clause.disclose-terrorism.retain_days", days},
                 {"clause.disclose-terrorism.mask_after_days", days}})));
  };
  const Compiled shorter = version("100");
  const Compiled longer = version("183");
  Facts f = Held(100 * 24);
  EXPECT_EQ(EvaluateRetain(Demo(), &longer, f).outcome, Outcome::kPermit);
  EXPECT_EQ(ReasonList(EvaluateRetain(Demo(), &shorter, f).reasons), "T01");
  // Received under the shorter one: the longer one gives no hour more.
  f.agreement = shorter.hash();
  EXPECT_EQ(ReasonList(EvaluateRetain(shorter, &longer, f).reasons), "T01");
  EXPECT_EQ(ReasonList(EvaluateRetain(shorter, nullptr, f).reasons), "T01");
}

TEST(RetainTest, EachNumberIsTheLowerOfBothVersions) {
  const auto version = [](const std::string& key, const std::string& days) {
    return fixture::Compile(
        fixture::Must(Rewrite(fixture::DemoAgreement(),
                              {{"clause.disclose-terrorism." + key, days}})));
  };
  const Compiled masks_sooner = version("mask_after_days", "10");
  EXPECT_EQ(
      ReasonList(EvaluateRetain(Demo(), &masks_sooner, Held(240)).reasons),
      "T02");
  const Compiled shorter_cases = version("retain_days_case", "200");
  EXPECT_EQ(
      ReasonList(
          EvaluateRetain(Demo(), &shorter_cases, HeldInCase(200 * 24)).reasons),
      "T01");
  EXPECT_EQ(ReasonList(
                EvaluateRetain(Demo(), &shorter_cases, HeldInCase(200 * 24 - 1))
                    .reasons),
            "T02");
}

// The end of a version that was replaced ends nothing; the stricter term of
// both counts when the one in force ends.
TEST(RetainTest, AReplacedVersionEndsWithItsSuccessor) {
  const auto version = [](const std::string& days) {
    return fixture::Compile(fixture::Must(
        Rewrite(fixture::DemoAgreement(),
                {{"ending.delete_within_days", days},
                 {"ending.open_case_extension_max_days", days}})));
  };
  const Compiled quicker = version("5");
  const Compiled slower = version("300");
  Facts f = Held(0);
  f.now = Demo().agreement().validity.until + 400 * kDay;
  EXPECT_EQ(EvaluateRetain(Demo(), &quicker, f).outcome, Outcome::kPermit);
  EXPECT_EQ(ReasonList(EvaluateRetain(Demo(), nullptr, f).reasons), "T03");
  f.state = static_cast<std::uint8_t>(State::kTerminated);
  f.ended = f.now - 5 * kDay;
  EXPECT_EQ(ReasonList(EvaluateRetain(Demo(), &quicker, f).reasons), "T03");
  f.ended += 1;
  EXPECT_EQ(EvaluateRetain(Demo(), &quicker, f).obligations.frozen, 1);
  f.ended = f.now - 30 * kDay;  // what the version of receipt says
  EXPECT_EQ(ReasonList(EvaluateRetain(Demo(), &slower, f).reasons), "T03");
  f.bits |= fact::kOpenCase;
  f.ended = f.now - 10 * kDay;
  EXPECT_EQ(ReasonList(EvaluateRetain(Demo(), &quicker, f).reasons), "T03");
  f.ended += 1;
  EXPECT_EQ(EvaluateRetain(Demo(), &quicker, f).outcome, Outcome::kPermit);
  const Compiled longer = fixture::Compile(fixture::Must(
      Rewrite(fixture::DemoAgreement(),
              {{"ending.open_case_extension_max_days", "1000"}})));
  f.ended = f.now - (30 + 365) * kDay;  // the extension of receipt
  EXPECT_EQ(ReasonList(EvaluateRetain(Demo(), &longer, f).reasons), "T03");
}

// In the present version the parties and bases stand in other places; they are
// the same by their codes.
TEST(RetainTest, PartiesAndBasesAreFoundByTheirCodes) {
  const Compiled more_parties = fixture::WithThirdParty(
      fixture::Must(Rewrite(fixture::DemoAgreement(),
                            {{"clause.onward-court.retain_days", "10"}})),
      "QAA");
  ASSERT_EQ(more_parties.PartyIndex("QOR"), 1);
  Facts f = RetainFacts(Demo(), "onward-court", 240);
  f.basis = *Demo().BasisIndex("court-order");
  f.role = static_cast<std::uint8_t>(Role::kApprover);
  f.urgency = static_cast<std::uint8_t>(Urgency::kUrgent);
  EXPECT_EQ(EvaluateRetain(Demo(), nullptr, f).outcome, Outcome::kPermit);
  EXPECT_EQ(ReasonList(EvaluateRetain(Demo(), &more_parties, f).reasons),
            "T01");

  std::string text = ToString(fixture::DemoAgreement());
  const std::string_view first = "[[basis]]\ncode = \"court-order\"";
  text.insert(text.find(first),
              "[[basis]]\ncode = \"another\"\narticle = \"1\"\n"
              "QOR = \"Act 1\"\nQVA = \"Act 1\"\n\n");
  const Compiled more_bases = fixture::Compile(fixture::Must(
      Rewrite(AsBytes(text),
              {{"clause.disclose-terrorism.retain_days", "10"},
               {"clause.screen-terrorism.bases", "another,protocol-4"}})));
  ASSERT_EQ(more_bases.BasisIndex("protocol-4"), 2);
  EXPECT_EQ(ReasonList(EvaluateRetain(Demo(), &more_bases, Held(240)).reasons),
            "T01");
}

TEST(RetainTest, AVersionThatDoesNotSelectTheFactsChangesNothing) {
  const Compiled other = fixture::Compile(fixture::Must(
      Rewrite(fixture::DemoAgreement(),
              {{"clause.disclose-terrorism.retain_days", "1"},
               {"clause.disclose-terrorism.purposes", "vital"}})));
  EXPECT_EQ(EvaluateRetain(Demo(), &other, Held(100 * 24)).outcome,
            Outcome::kPermit);
}

Facts UnmaskFacts() {
  Facts f = HeldInCase(kMask + 5);
  f.action = Action::kUnmask;
  f.bits |= fact::kHasOrder;
  f.approvals_asker = 2;
  return f;
}

TEST(UnmaskTest, NeedsAnOrderTwoApprovalsAndTellsTheDpo) {
  const Decision d = Judge(UnmaskFacts());
  EXPECT_EQ(d.outcome, Outcome::kPermit);
  EXPECT_EQ(d.fields, UnmaskFacts().asked);
  EXPECT_EQ(d.obligations.notify, kNotifyAskerDpo);
  Facts f = UnmaskFacts();
  f.bits &= static_cast<std::uint8_t>(~fact::kHasOrder);
  EXPECT_EQ(ReasonList(Judge(f).reasons), "C08");
  f = UnmaskFacts();
  f.approvals_asker = 1;
  EXPECT_EQ(Judge(f).outcome, Outcome::kPend);
  EXPECT_EQ(ReasonList(Judge(f).reasons), "C02");
}

TEST(UnmaskTest, IsRefusedWithTheExchange) {
  Facts f = UnmaskFacts();
  f.state = static_cast<std::uint8_t>(State::kSuspended);
  EXPECT_EQ(ReasonList(Judge(f).reasons), "S01");
  f = UnmaskFacts();
  f.held = kRetainCase;
  EXPECT_EQ(ReasonList(Judge(f).reasons), "T01");
  f = UnmaskFacts();
  f.asked = Demo().fields().Bit("person.nationality");
  EXPECT_EQ(ReasonList(Judge(f).reasons), "F01");
  f = UnmaskFacts();
  f.bits |= fact::kDeclined;
  EXPECT_EQ(ReasonList(Judge(f).reasons), "H01");
}

TEST(UnmaskTest, FollowsTheDirectionOfItsClause) {
  Facts f = RetainFacts(Demo(), "onward-court", 5);
  f.action = Action::kUnmask;
  f.bits |= fact::kHasOrder;
  f.approvals_asker = 2;
  EXPECT_EQ(Judge(f).outcome, Outcome::kPermit);
  std::swap(f.holder, f.asker);
  EXPECT_EQ(Judge(f).outcome, Outcome::kDeny);
  EXPECT_EQ(ReasonList(Judge(f).reasons), "W01");
}

TEST(UnmaskTest, LocalRestrictionsCutItToo) {
  const auto under = [](const LocalRules& rules) {
    return Evaluate(Demo(), fixture::Must(ResolveLocal(Demo(), rules)),
                    UnmaskFacts());
  };
  for (const LocalRules& rules :
       {LocalRules{.parties = {"QVA"}}, LocalRules{.actions = {"unmask"}},
        LocalRules{.datasets = {"list"}}, LocalRules{.purposes = {"terrorism"}},
        LocalRules{.fields = {"doc.number", "person.family-name"}}}) {
    EXPECT_EQ(under(rules).outcome, Outcome::kDeny);
    EXPECT_EQ(ReasonList(under(rules).reasons), "L01");
    EXPECT_EQ(under(rules).fields, 0U);
  }
  EXPECT_EQ(under({.fields = {"doc.number"}}).fields,
            Demo().fields().Bit("person.family-name"));
}

}  // namespace
}  // namespace entente::policy
