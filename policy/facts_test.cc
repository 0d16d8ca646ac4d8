#include "policy/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "policy/civil.h"
#include "policy/decision.h"
#include "policy/windows.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

// Each field gets bytes of its own, so that a swapped order shows.
Facts Distinct() {
  Facts f;
  f.action = Action::kDisclose;
  f.holder = 0x11;
  f.asker = 0x12;
  f.dataset = 0x13;
  f.purpose = 0x14;
  f.basis = 0x15;
  f.role = 0x16;
  f.route = 0x17;
  f.urgency = 0x18;
  f.match_set = 0x19;
  f.state = 0x1A;
  f.flags = 0x21222324;
  f.asked = 0x3132333435363738;
  f.offered = 0x4142434445464748;
  f.now = 0x5152535455565758;
  f.ended = 0x6162636465666768;
  f.status_age_holder = 0x71727374;
  f.status_age_asker = 0x75767778;
  f.assessment_left_holder = 0x81828384;
  f.assessment_left_asker = 0x85868788;
  f.record_age = 0x91929394;
  f.held = 0x95969798;
  f.used_day = 0xA1A2A3A4;
  f.used_year = 0xA5A6A7A8;
  f.used_case = 0xB1B2B3B4;
  f.units = 0xB5B6B7B8;
  f.approvals_holder = 0xC1;
  f.approvals_asker = 0xC2;
  f.bits = 0xC3;
  f.receiver = 0xC4;
  f.origin_clause = 0xC5;
  f.agreement.fill(0xDD);
  return f;
}

TEST(FactsTest, HaveOneByteExactForm) {
  EXPECT_EQ(ToHex(EncodeFacts(Distinct())),
            "01021112131415161718191a"
            "21222324"
            "31323334353637384142434445464748"
            "51525354555657586162636465666768"
            "71727374757677788182838485868788"
            "9192939495969798"
            "a1a2a3a4a5a6a7a8b1b2b3b4b5b6b7b8"
            "c1c2c3c4c5000000"
            "dddddddddddddddddddddddddddddddd"
            "dddddddddddddddddddddddddddddddd");
}

TEST(FactsTest, ReadBackAsWritten) {
  const ByteArray<kFactsBytes> bytes = EncodeFacts(Distinct());
  ASSERT_OK_AND_ASSIGN(const Facts read, DecodeFacts(bytes));
  EXPECT_EQ(read, Distinct());
}

TEST(FactsTest, NoTwoEncodingsMeanTheSame) {
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) {
    ByteArray<kFactsBytes> bytes{};
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    bytes[0] = 1;
    bytes[1] %= 8;
    bytes[93] = bytes[94] = bytes[95] = 0;
    ASSERT_OK_AND_ASSIGN(const Facts read, DecodeFacts(bytes));
    EXPECT_EQ(EncodeFacts(read), bytes);
  }
}

TEST(FactsTest, RefuseOtherBytes) {
  const Bytes good = ToBytes(EncodeFacts(Distinct()));
  EXPECT_FALSE(DecodeFacts({}).ok());
  EXPECT_FALSE(DecodeFacts(ByteView(good).first(127)).ok());
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(DecodeFacts(longer).ok());
  for (const auto& [at, value] :
       {std::pair<std::size_t, std::uint8_t>{0, 2}, {1, 8}, {93, 1}, {95, 1}}) {
    Bytes bad = good;
    bad[at] = value;
    EXPECT_FALSE(DecodeFacts(bad).ok()) << at;
  }
}

TEST(FactsTest, FlagsHaveTwoBitsEach) {
  Facts f;
  f.Set(Flag::kTortureRisk, FlagState::kPresent);
  f.Set(Flag::kDeathPenaltyRisk, FlagState::kAbsent);
  EXPECT_EQ(f.flags, (2U << 18U) | 1U);
  EXPECT_EQ(f.flag(Flag::kTortureRisk), FlagState::kPresent);
  EXPECT_EQ(f.flag(Flag::kMinor), FlagState::kNotChecked);
  f.Set(Flag::kTortureRisk, FlagState::kAbsent);
  EXPECT_EQ(f.flag(Flag::kTortureRisk), FlagState::kAbsent);
}

Decision SomeDecision() {
  Decision d;
  d.outcome = Outcome::kPermit;
  d.fields = 0b1110;
  d.offered = 0b11;
  d.clause = 4;
  d.reasons = Bit(Reason::kF01);
  d.obligations = {.retain_until = 100,
                   .mask_at = 50,
                   .answer_by = 20,
                   .handling = 1,
                   .caveats = 1,
                   .need_holder = 1,
                   .need_asker = 2,
                   .notify = 0,
                   .frozen = 0};
  return d;
}

TEST(DecisionTest, ReadsBackAsWritten) {
  const Bytes bytes = EncodeDecision(SomeDecision());
  EXPECT_EQ(bytes.size(), kDecisionBytes);
  ASSERT_OK_AND_ASSIGN(const Decision read, DecodeDecision(bytes));
  EXPECT_EQ(read, SomeDecision());
  Bytes bad = bytes;
  bad[0] = 3;
  EXPECT_FALSE(DecodeDecision(bad).ok());
  bad = bytes;
  bad.pop_back();
  EXPECT_FALSE(DecodeDecision(bad).ok());
}

TEST(DecisionTest, CombinedIsTheStricterOfBoth) {
  const Decision a = SomeDecision();
  Decision h = SomeDecision();
  h.fields = 0b0111;
  h.offered = 0b10;
  h.reasons = Bit(Reason::kX01);
  h.obligations = {.retain_until = 90,
                   .mask_at = 0,
                   .answer_by = 30,
                   .handling = 2,
                   .caveats = 8,
                   .need_holder = 3,
                   .need_asker = 1,
                   .notify = kNotifyHolderDpo,
                   .frozen = 0};
  const Decision both = Combine(a, h);
  EXPECT_EQ(both, Combine(h, a));
  EXPECT_EQ(both.outcome, Outcome::kPermit);
  EXPECT_EQ(both.fields, 0b0110U);
  EXPECT_EQ(both.offered, 0b10U);
  EXPECT_EQ(both.reasons, Bit(Reason::kF01) | Bit(Reason::kX01));
  EXPECT_EQ(both.obligations, (Obligations{.retain_until = 90,
                                           .mask_at = 50,
                                           .answer_by = 20,
                                           .handling = 2,
                                           .caveats = 9,
                                           .need_holder = 3,
                                           .need_asker = 2,
                                           .notify = kNotifyHolderDpo,
                                           .frozen = 0}));
}

TEST(DecisionTest, OneNoIsNo) {
  const Decision a = SomeDecision();
  Decision no;
  no.reasons = Bit(Reason::kL01);
  no.clause = a.clause;
  EXPECT_EQ(Combine(a, no).outcome, Outcome::kDeny);
  EXPECT_EQ(Combine(a, no).fields, 0U);
  Decision pend = a;
  pend.outcome = Outcome::kPend;
  EXPECT_EQ(Combine(a, pend).outcome, Outcome::kPend);
}

TEST(DecisionTest, RightsOfTwoClausesAreNeverPooled) {
  Decision other = SomeDecision();
  other.clause = 5;
  const Decision both = Combine(SomeDecision(), other);
  EXPECT_EQ(both.outcome, Outcome::kDeny);
  EXPECT_TRUE(both.Has(Reason::kA03));
}

TEST(DecisionTest, NothingInCommonIsNo) {
  Decision other = SomeDecision();
  other.fields = 1;
  const Decision both = Combine(SomeDecision(), other);
  EXPECT_EQ(both.outcome, Outcome::kDeny);
  EXPECT_NE(both.reasons, 0U);
  EXPECT_EQ(both.obligations, Obligations{});
}

TEST(WindowsTest, CountInUtcDaysAndYears) {
  EXPECT_EQ(DayKey(0), 19700101U);
  EXPECT_EQ(DayKey(86399), 19700101U);
  EXPECT_EQ(DayKey(86400), 19700102U);
  EXPECT_EQ(DayKey(951782400), 20000229U);
  EXPECT_EQ(DayKey(1803902400), 20270301U);
  EXPECT_EQ(YearKey(1798761599), 2026U);
  EXPECT_EQ(YearKey(1798761600), 2027U);
  EXPECT_EQ(DayKey(-1), 19691231U);
}

TEST(WindowsTest, WarnAtFourFifths) {
  EXPECT_FALSE(QuotaWarns(79, 100));
  EXPECT_TRUE(QuotaWarns(80, 100));
  EXPECT_TRUE(QuotaWarns(3'000'000'000, 1'000'000'000));
}

TEST(CivilTest, EveryDayOfFourCenturiesReadsBack) {
  for (std::int64_t day = 0; day < 146097; ++day) {
    const std::int64_t at = day * kDaySeconds;
    ASSERT_EQ(ParseDate(FormatDate(at)), at);
  }
  EXPECT_EQ(ParseInstant(FormatInstant(1803902399)), 1803902399);
}

TEST(CivilTest, RefusesOtherSpellings) {
  for (std::string_view text :
       {"", "2027-01-01", "2027-01-01T00:00:00", "2027-01-01t00:00:00Z",
        "2027-01-01T24:00:00Z", "2027-01-01T00:60:00Z", "2027-13-01T00:00:00Z",
        "1969-12-31T00:00:00Z", "2027-02-29T00:00:00Z",
        "2027-01-01T00:00:00+00:00", "2027-01-01T00:00:0 Z"}) {
    EXPECT_FALSE(ParseInstant(text).has_value()) << text;
  }
}

TEST(CivilTest, ALeapDayBecomesTheFirstOfMarch) {
  EXPECT_EQ(FormatDate(AddYears(*ParseDate("2028-02-29"), 2)), "2030-03-01");
  EXPECT_EQ(FormatInstant(AddYears(1803902401, 2)), "2029-03-01T12:00:01Z");
}

}  // namespace
}  // namespace entente::policy
