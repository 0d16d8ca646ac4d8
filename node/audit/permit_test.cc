// The second door: a Receipt under a Permit.

#include "node/audit/testing_log.h"
#include "policy/fixture.h"

namespace entente::audit {
namespace {

using testing::HasCode;

class PermitTest : public LogTest {
 protected:
  PermitTest() {
    node_.clock.Advance(policy::fixture::kNow - testing::FakeClock::kStart);
  }
  policy::Permit MakePermit(const Id16& batch = {1}) const {
    policy::Verdict verdict =
        policy::Decide(compiled_, policy::Local{},
                       policy::fixture::ScreenFacts(compiled_), batch);
    CHECK(std::holds_alternative<policy::Permit>(verdict));
    return std::get<policy::Permit>(std::move(verdict));
  }
  ledger::Event Answered(const policy::Permit& permit) const {
    return ledger::Event("screen.answer")
        .Set("agr", permit.agreement())
        .Set("clause", permit.clause())
        .FillAbsent()
        .Seal("facts", "00");
  }
  const policy::Compiled compiled_ =
      policy::fixture::Compile(policy::fixture::DemoAgreement());
};

TEST_F(PermitTest, BindsTheReceiptToTheAct) {
  const policy::Permit permit = MakePermit();
  ASSERT_OK_AND_ASSIGN(const Receipt receipt,
                       log().Append(Answered(permit), permit));
  ASSERT_TRUE(receipt.act().has_value());
  EXPECT_EQ(*receipt.act(), permit.act());
  EXPECT_TRUE(receipt.Covers(permit));
  EXPECT_FALSE(receipt.Covers(MakePermit({2})));
  ASSERT_OK_AND_ASSIGN(const auto without, log().Commit(JobOf(Dropped("x"))));
  EXPECT_FALSE(without[0].Covers(permit));
}

TEST_F(PermitTest, RefusesAnExpiredPermit) {
  const policy::Permit permit = MakePermit();
  node_.clock.Advance(permit.expires() - node_.clock.NowSeconds() - 1);
  EXPECT_OK(log().Append(Answered(permit), permit));
  node_.clock.Advance(1);
  const auto late = log().Append(Answered(permit), permit);
  EXPECT_THAT(late, HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(ReasonOf(late.status()), "permit-expired");
}

TEST_F(PermitTest, RefusesAnEventAboutSomethingElse) {
  const policy::Permit permit = MakePermit();
  EXPECT_THAT(log().Append(Answered(permit).Set("agr", Hash{9}), permit),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(log().Append(Answered(permit).Set("clause", "other"), permit),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(PermitTest, AHeldLogRefusesPermittedActs) {
  TestWitness witness("qva");
  node_.witness_policy = "log " + node_.keys.LogKey().Text() +
                         "\nwitness QVA " + witness.Key().Text() +
                         "\nquorum QVA\n";
  Options options = node_.LogOptions();
  options.grace_seconds = 0;
  ASSERT_OK(node_.Open(options));
  const policy::Permit early = MakePermit();
  EXPECT_OK(log().Append(Answered(early), early));
  // The permit is of the moment; only the quorum is old.
  options.late_after_seconds = 10;
  ASSERT_OK(node_.Open(options));
  node_.clock.Advance(11);
  EXPECT_EQ(log().state(), State::kHeld);
  const auto held = log().Append(Answered(early), early);
  EXPECT_THAT(held, HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonOf(held.status()), "log-unavailable");
  EXPECT_OK(log().Commit(JobOf(Dropped("x"))));
}

}  // namespace
}  // namespace entente::audit
