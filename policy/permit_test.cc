#include "policy/permit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "policy/evaluate.h"
#include "policy/fixture.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

// A Permit comes from Decide, or not at all; it is used once.
static_assert(!std::is_default_constructible_v<Permit>);
static_assert(!std::is_aggregate_v<Permit>);
static_assert(!std::is_copy_constructible_v<Permit>);
static_assert(!std::is_copy_assignable_v<Permit>);
static_assert(std::is_nothrow_move_constructible_v<Permit>);
static_assert(!std::is_constructible_v<Permit, ActId, std::int64_t>);
static_assert(!std::is_constructible_v<Permit, Decision>);
static_assert(!std::is_convertible_v<Pending, Permit>);
static_assert(noexcept(Decide(std::declval<const Compiled&>(),
                              std::declval<const Local&>(),
                              std::declval<const Facts&>(),
                              std::declval<const Id16&>())));

const Compiled& Demo() {
  static const Compiled demo = fixture::Compile(fixture::DemoAgreement());
  return demo;
}
constexpr Id16 kBatch{7};

TEST(PermitTest, IsBoundToItsActAndLivesAMinute) {
  const Facts facts = fixture::ScreenFacts(Demo());
  Verdict verdict = Decide(Demo(), {}, facts, kBatch);
  ASSERT_TRUE(std::holds_alternative<Permit>(verdict));
  const Permit permit = std::get<Permit>(std::move(verdict));
  EXPECT_EQ(permit.expires(), facts.now + 60);
  EXPECT_EQ(permit.clause(), "screen-terrorism");
  EXPECT_EQ(permit.agreement(), Demo().hash());
  EXPECT_EQ(permit.decision(), Evaluate(Demo(), {}, facts));
  EXPECT_EQ(permit.act(),
            ActOf(Demo(), permit.decision().clause, facts, kBatch));
}

TEST(PermitTest, TheActIdIsTheStatedHash) {
  const Facts facts = fixture::ScreenFacts(Demo());
  const std::uint16_t clause = *Demo().ClauseIndex("screen-terrorism");
  Bytes text = ToBytes("entente/act/1\n");
  const auto part = [&](ByteView bytes) {
    text.push_back(0);
    text.push_back(static_cast<std::uint8_t>(bytes.size()));
    text.insert(text.end(), bytes.begin(), bytes.end());
  };
  part(Demo().hash());
  part(AsBytes("screen-terrorism"));
  part(AsBytes("QOR"));
  part(AsBytes("QVA"));
  part(AsBytes("screen"));
  part(AsBytes("terrorism.travel"));
  part(kBatch);
  part(FactsHash(facts));
  EXPECT_EQ(ActOf(Demo(), clause, facts, kBatch).value,
            primitive::Sha256(text));
}

TEST(PermitTest, AnotherActHasAnotherName) {
  const Facts facts = fixture::ScreenFacts(Demo());
  const std::uint16_t clause = *Demo().ClauseIndex("screen-terrorism");
  const ActId act = ActOf(Demo(), clause, facts, kBatch);
  EXPECT_FALSE(ActOf(Demo(), clause, facts, Id16{8}) == act);
  EXPECT_FALSE(ActOf(Demo(), 0, facts, kBatch) == act);
  Facts other = facts;
  other.units = 33;
  EXPECT_FALSE(ActOf(Demo(), clause, other, kBatch) == act);
  std::swap(other.holder, other.asker);
  EXPECT_FALSE(ActOf(Demo(), clause, other, kBatch) == act);
}

TEST(PermitTest, PendAndDenyGiveNoPermit) {
  Facts facts = fixture::DiscloseFacts(Demo());
  facts.approvals_holder = 0;
  EXPECT_TRUE(
      std::holds_alternative<Pending>(Decide(Demo(), {}, facts, kBatch)));
  facts.state = static_cast<std::uint8_t>(State::kSuspended);
  EXPECT_TRUE(
      std::holds_alternative<Denial>(Decide(Demo(), {}, facts, kBatch)));
  facts.action = static_cast<Action>(200);  // and nothing breaks
  facts.holder = facts.asker = facts.purpose = 255;
  EXPECT_TRUE(
      std::holds_alternative<Denial>(Decide(Demo(), {}, facts, kBatch)));
}

TEST(TwoSidesTest, TheClaimMustBeWhatItsFactsGive) {
  const Facts facts = fixture::ScreenFacts(Demo());
  Decision claimed = Evaluate(Demo(), {}, facts);
  EXPECT_TRUE(DecisionsAgree(Demo(), facts, claimed));
  claimed.fields |= 1;
  EXPECT_FALSE(DecisionsAgree(Demo(), facts, claimed));
  claimed = Evaluate(Demo(), {}, facts);
  claimed.obligations.retain_until += 1;
  EXPECT_FALSE(DecisionsAgree(Demo(), facts, claimed));
}

TEST(TwoSidesTest, BothSpeakOfTheSameClaims) {
  const Facts asker = fixture::DiscloseFacts(Demo());
  Facts holder = asker;
  // Each side's own: flags, approvals, counters, times.
  holder.flags = 0;
  holder.approvals_holder = 0;
  holder.used_day = 5;
  holder.now += 30;
  holder.status_age_asker = 77;
  EXPECT_TRUE(SameClaims(asker, holder));
  holder.asked |= 1;
  EXPECT_FALSE(SameClaims(asker, holder));
  holder = asker;
  holder.purpose ^= 1;
  EXPECT_FALSE(SameClaims(asker, holder));
  holder = asker;
  holder.bits = fact::kLogOpen;
  EXPECT_FALSE(SameClaims(asker, holder));
}

TEST(TwoSidesTest, TheAskerMayAskWhenOnlyTheOtherSideIsMissing) {
  Facts facts = fixture::DiscloseFacts(Demo());
  const auto may_ask = [&] {
    return MayAsk(Demo(), facts, Evaluate(Demo(), {}, facts));
  };
  EXPECT_TRUE(may_ask());
  facts.approvals_holder = 0;  // the holder's reviewer and flags come later
  facts.flags = 0;
  EXPECT_TRUE(may_ask());
  facts.approvals_asker = 0;
  EXPECT_FALSE(may_ask());
  facts.approvals_asker = 1;
  facts.bits = fact::kLogOpen;  // the case is the asker's to name
  EXPECT_FALSE(may_ask());
  facts.bits = 0;
  EXPECT_FALSE(may_ask());
}

}  // namespace
}  // namespace entente::policy
