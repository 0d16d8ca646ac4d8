// The decision over every point of small spaces, against plain models of
// agreements.md 5 (properties 1, 5, 7 and 12 of its section 7).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "policy/evaluate.h"
#include "policy/fixture.h"
#include "policy/rewrite.h"

namespace entente::policy {
namespace {

const Compiled& Demo() {
  static const Compiled demo = fixture::Compile(fixture::DemoAgreement());
  return demo;
}

bool Ended(State state) {
  return state == State::kTerminated || state == State::kClosed;
}

// --- property 1: not in force, nothing flows

// One point: how the agreement and its log stand.
struct Standing {
  State state = State::kActive;
  std::int64_t now = 0;
  std::uint32_t status_age_holder = 0;
  std::uint32_t status_age_asker = 0;
  unsigned others = 0;  // a bit for each that is wrong, see Apply
};

enum : unsigned {
  kAssessmentHolder = 1,
  kAssessmentAsker = 2,
  kLog = 4,
  kReceipt = 8,
  kEmergency = 16,
  kDocument = 32,
  kEveryOther = 64
};

Facts Apply(const Standing& s, Facts f) {
  f.state = static_cast<std::uint8_t>(s.state);
  f.now = s.now;
  f.ended = Ended(s.state) ? s.now : 0;
  f.status_age_holder = s.status_age_holder;
  f.status_age_asker = s.status_age_asker;
  if ((s.others & kAssessmentHolder) != 0) f.assessment_left_holder = 0;
  if ((s.others & kAssessmentAsker) != 0) f.assessment_left_asker = 0;
  if ((s.others & kLog) != 0) {
    f.bits = static_cast<std::uint8_t>(f.bits & ~fact::kLogOpen);
  }
  if ((s.others & kReceipt) != 0) f.bits |= fact::kReceiptOverdue;
  if ((s.others & kEmergency) != 0) f.bits |= fact::kEmergencyUnreviewed;
  if ((s.others & kDocument) != 0) f.agreement[31] ^= 1U;
  return f;
}

// What the page says of this standing, each reason by its own sentence.
std::uint64_t ReasonsOf(const Standing& s) {
  const Validity& validity = Demo().agreement().validity;
  std::uint64_t reasons = 0;
  const auto when = [&](bool holds, Reason reason) {
    if (holds) reasons |= Bit(reason);
  };
  when((s.others & kLog) != 0, Reason::kA01);
  when(s.state == State::kSuspended, Reason::kS01);
  when(s.state < State::kActive || s.now < validity.from, Reason::kS02);
  when(Ended(s.state) || s.now >= validity.until, Reason::kS03);
  when(s.state == State::kSuperseded || (s.others & kDocument) != 0,
       Reason::kS04);
  when(s.status_age_holder > 86400 || s.status_age_asker > 86400, Reason::kS05);
  when((s.others & (kAssessmentHolder | kAssessmentAsker)) != 0, Reason::kS06);
  when((s.others & kReceipt) != 0, Reason::kS07);
  when((s.others & kEmergency) != 0, Reason::kS08);
  return reasons;
}

template <class F>
void ForEveryStanding(F visit) {
  const Validity& validity = Demo().agreement().validity;
  Standing s;
  for (int state = 0; state <= static_cast<int>(State::kLast); ++state)
    for (std::int64_t now :
         {validity.from - 1, validity.from, validity.until - 1, validity.until})
      for (std::uint32_t holder : {0U, 86400U, 86401U, 0xFFFFFFFFU})
        for (std::uint32_t asker : {0U, 86400U, 86401U, 0xFFFFFFFFU})
          for (unsigned others = 0; others < kEveryOther; ++others) {
            s = {static_cast<State>(state), now, holder, asker, others};
            visit(s);
          }
}

Facts UnmaskFacts() {
  Facts f = fixture::RetainFacts(Demo(), "disclose-terrorism", 5);
  f.action = Action::kUnmask;
  f.bits |= fact::kHasOrder;
  f.approvals_asker = 2;
  return f;
}

TEST(WalkTest, NothingFlowsUnderAnAgreementThatIsNotInForce) {
  ASSERT_TRUE(Demo().agreement().rights.overdue_receipt_stops_questions);
  int permits = 0;
  for (const Facts& act : {fixture::ScreenFacts(Demo()),
                           fixture::DiscloseFacts(Demo()), UnmaskFacts()}) {
    ForEveryStanding([&](const Standing& s) {
      const Decision d = Evaluate(Demo(), {}, Apply(s, act));
      const std::uint64_t reasons = ReasonsOf(s);
      ASSERT_EQ(d.reasons, reasons)
          << ReasonList(d.reasons) << " instead of " << ReasonList(reasons);
      ASSERT_EQ(d.outcome, reasons == 0 ? Outcome::kPermit : Outcome::kDeny);
      ASSERT_EQ(d.fields, reasons == 0 ? act.asked : 0U);
      permits += reasons == 0 ? 1 : 0;
    });
  }
  EXPECT_EQ(permits, 3 * 2 * 4);  // acts, instants, pairs of ages
}

// A correction passes what stops the exchange, until the agreement is closed.
TEST(WalkTest, ACorrectionIsStoppedByLess) {
  Facts act = fixture::RetainFacts(Demo(), "disclose-terrorism", 0);
  act.action = Action::kCorrect;
  act.asked = 0;
  const std::uint64_t stops =
      Bit(Reason::kA01) | Bit(Reason::kS02) | Bit(Reason::kS04);
  ForEveryStanding([&](const Standing& s) {
    const std::uint64_t reasons =
        s.state == State::kClosed ? ReasonsOf(s) : ReasonsOf(s) & stops;
    const Decision d = Evaluate(Demo(), {}, Apply(s, act));
    ASSERT_EQ(d.reasons, reasons);
    ASSERT_EQ(d.outcome, reasons == 0 ? Outcome::kPermit : Outcome::kDeny);
  });
}

// --- property 7: what can be cured pends, and nothing else does

struct Expected {
  Outcome outcome = Outcome::kDeny;
  std::uint64_t fields = 0;
  std::uint64_t reasons = 0;
};

// The demo agreement's two flag rules, in words: five flags of everybody over
// every field, and QVA's own minors over the document number.
Expected ByTheDemoAgreement(const Facts& f, bool holder_is_qva) {
  Expected out;
  const std::uint64_t number = Demo().fields().Bit("doc.number");
  FlagState worst = FlagState::kAbsent;
  for (Flag flag :
       {Flag::kDeathPenaltyRisk, Flag::kIdentityUnconfirmed,
        Flag::kPoliticalOffence, Flag::kRefoulementRisk, Flag::kTortureRisk}) {
    if (f.flag(flag) == FlagState::kPresent) worst = FlagState::kPresent;
    if (f.flag(flag) == FlagState::kNotChecked && worst == FlagState::kAbsent) {
      worst = FlagState::kNotChecked;
    }
  }
  const FlagState minor =
      holder_is_qva ? f.flag(Flag::kOwnNationalMinor) : FlagState::kAbsent;
  std::uint64_t fields = f.asked;
  if (worst == FlagState::kPresent) fields = 0;
  if (minor == FlagState::kPresent) fields &= ~number;
  if (fields != f.asked) out.reasons |= Bit(Reason::kX01);
  if (fields != 0 &&
      (worst == FlagState::kNotChecked || minor == FlagState::kNotChecked)) {
    out.reasons |= Bit(Reason::kX02);
  }
  if (!f.Has(fact::kHasCase)) out.reasons |= Bit(Reason::kC01);
  if (f.approvals_holder < 1 || f.approvals_asker < 1) {
    out.reasons |= Bit(Reason::kC02);
  }
  if (fields == 0) return out;
  out.outcome =
      (out.reasons & kCurable) == 0 ? Outcome::kPermit : Outcome::kPend;
  out.fields = fields;
  return out;
}

constexpr std::size_t kFlags = WordList<Flag>::kWords.size();

// All flags in one of three states, as digits of `number` to base 3.
void SetFlags(Facts& f, unsigned number) {
  for (std::size_t i = 0; i < kFlags; ++i) {
    f.Set(static_cast<Flag>(i), static_cast<FlagState>(number % 3));
    number /= 3;
  }
}

TEST(WalkTest, OnlyCaseApprovalsAndUncheckedFlagsPend) {
  constexpr unsigned kFlagPoints = 59049;  // 3^10
  int pends = 0;
  for (bool holder_is_qva : {false, true}) {
    Facts f = fixture::DiscloseFacts(Demo());
    if (holder_is_qva) std::swap(f.holder, f.asker);
    for (unsigned steps = 0; steps < 8; ++steps) {
      f.bits = fact::kLogOpen;
      if ((steps & 1U) != 0) f.bits |= fact::kHasCase;
      f.approvals_holder = (steps & 2U) != 0 ? 1 : 0;
      f.approvals_asker = (steps & 4U) != 0 ? 1 : 0;
      for (unsigned flags = 0; flags < kFlagPoints; ++flags) {
        SetFlags(f, flags);
        const Expected want = ByTheDemoAgreement(f, holder_is_qva);
        const Decision d = Evaluate(Demo(), {}, f);
        ASSERT_EQ(d.outcome, want.outcome) << ToHex(EncodeFacts(f));
        ASSERT_EQ(d.fields, want.fields) << ToHex(EncodeFacts(f));
        ASSERT_EQ(d.reasons, want.reasons) << ReasonList(d.reasons);
        pends += d.outcome == Outcome::kPend ? 1 : 0;
      }
    }
  }
  EXPECT_GT(pends, 1000);
}

// --- property 12: retention, at every boundary of every pair of versions

struct Days {
  std::uint32_t retain, retain_case, mask;
};

Compiled Version(const Days& days) {
  const std::string clause = "clause.disclose-terrorism.";
  return fixture::Compile(fixture::Must(
      Rewrite(fixture::DemoAgreement(),
              {{clause + "retain_days", std::to_string(days.retain)},
               {clause + "retain_days_case", std::to_string(days.retain_case)},
               {clause + "mask_after_days", std::to_string(days.mask)}})));
}

std::vector<std::uint32_t> Boundaries(const Days& a, const Days& b) {
  std::vector<std::uint32_t> hours{0};
  for (std::uint32_t days :
       {a.retain, a.retain_case, a.mask, b.retain, b.retain_case, b.mask}) {
    for (std::uint32_t shift : {0U, 1U, 2U}) {
      if (days > 0) hours.push_back(days * 24 + shift - 1);
    }
  }
  return hours;
}

TEST(WalkTest, RetentionIsTheLowerOfBothVersionsAtEveryBoundary) {
  const std::vector<Days> versions{
      {0, 5, 0}, {10, 20, 10}, {10, 400, 183}, {183, 183, 5}, {183, 1827, 183}};
  const std::uint64_t masked = Demo().fields().masked();
  for (const Days& old : versions) {
    const Compiled received = Version(old);
    Facts f = fixture::RetainFacts(received, "disclose-terrorism", 0);
    f.asked |= received.fields().Bit("hit.reason");
    for (const Days& now : versions) {
      const Compiled present = Version(now);
      for (std::uint32_t held : Boundaries(old, now))
        for (bool open_case : {false, true}) {
          f.held = held;
          f.bits = static_cast<std::uint8_t>(fact::kLogOpen |
                                             (open_case ? fact::kOpenCase : 0));
          const Decision d = EvaluateRetain(received, &present, f);
          const std::uint32_t limit =
              24 * (open_case ? std::min(old.retain_case, now.retain_case)
                              : std::min(old.retain, now.retain));
          const bool masks = held >= 24 * std::min(old.mask, now.mask);
          if (held >= limit) {
            ASSERT_EQ(ReasonList(d.reasons), "T01") << held;
            continue;
          }
          ASSERT_EQ(d.outcome, Outcome::kPermit) << held;
          ASSERT_EQ(d.fields, masks ? f.asked & ~masked : f.asked) << held;
          ASSERT_EQ(ReasonList(d.reasons), masks ? "T02" : "") << held;
        }
    }
  }
}

// --- property 1: a document that grants nothing does not load

TEST(WalkTest, AnAgreementWithoutClausesIsNone) {
  const std::string whole(AsText(fixture::DemoAgreement()));
  const std::size_t first = whole.find("\n[[clause]]");
  const std::size_t after = whole.find("\n[[prohibition]]");
  ASSERT_LT(first, after);
  const std::string without = whole.substr(0, first) + whole.substr(after);
  EXPECT_FALSE(Agreement::Parse(AsBytes(without)).ok());
}

}  // namespace
}  // namespace entente::policy
