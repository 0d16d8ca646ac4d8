// A log that its witnesses do not answer: how long acts go on is the
// agreement's word.

#include "crypto/merkle/note.h"
#include "node/base/file.h"
#include "node/exchange/acts.h"
#include "node/hits/hits.h"
#include "policy/facts.h"
#include "tests/faults/inside.h"

namespace entente::testing {
namespace {

class GraceTest : public FaultTest {
 protected:
  // QOR with a witness that is never there, under an agreement with this grace.
  void BeginWith(const std::string& grace) {
    TwoNodes::Options options;
    options.set = {{"audit.witness_grace_seconds", grace}};
    Begin(std::move(options));
    GoInside();
  }
  void GoInside() {
    asker().Stop();
    holder().Stop();
    ASSERT_OK(WritePolicy());
    ASSERT_OK(qor.Open(asker().data(), asker().clock(), nowhere));
  }
  absl::Status WritePolicy() {
    Inside before;
    TRY_OK(before.Open(asker().data(), asker().clock(), nowhere));
    TRY(const primitive::PublicKey key,
        before.keys->Public(keys::Purpose::kLog));
    TRY(const merkle::VerifierKey log,
        merkle::VerifierKey::Make(before.log->origin(),
                                  merkle::NoteKeyType::kEd25519, key));
    TRY(const merkle::VerifierKey witness,
        merkle::VerifierKey::Make(
            "witness.qta.example/w1", merkle::NoteKeyType::kCosignature,
            primitive::SigningKey::Generate().public_key()));
    const std::string policy = "log " + log.Text() + "\nwitness QTA " +
                               witness.Text() + "\nquorum QTA\n";
    return base::WriteFileAtomic(asker().data() + "/witness.policy",
                                 AsBytes(policy));
  }
  bool LogOpen() {
    const exchange::AgreementRef agreement = qor.book->All().at(0);
    exchange::Act act;
    act.clause = "screen-terrorism";
    act.holder = "QVA";
    act.asker = "QOR";
    policy::Facts facts;
    const auto reader = qor.store->Read();
    EXPECT_OK(reader);
    EXPECT_OK(
        exchange::FillOwnSide(*qor.desk, **reader, *agreement, act, facts));
    return facts.Has(policy::fact::kLogOpen);
  }

  CrookedLink nowhere;
  Inside qor;
};

TEST_F(GraceTest, WithoutGraceActsStopWhenTheQuorumIsLate) {
  BeginWith("0");
  EXPECT_TRUE(LogOpen());
  asker().clock().Shift(290);
  EXPECT_TRUE(LogOpen());
  asker().clock().Shift(30);
  EXPECT_EQ(qor.log->state(), audit::State::kLate);
  EXPECT_FALSE(LogOpen());
}

TEST_F(GraceTest, WithinTheGraceTheyGoOn) {
  BeginWith("3600");
  asker().clock().Shift(3'500);
  EXPECT_TRUE(LogOpen());
  asker().clock().Shift(200);
  EXPECT_EQ(qor.log->state(), audit::State::kLate);
  EXPECT_FALSE(LogOpen());
}

TEST_F(GraceTest, TheNodesOwnGraceCountsWhenItIsStricter) {
  BeginWith("86400");
  asker().clock().Shift(14'300);
  EXPECT_TRUE(LogOpen());
  asker().clock().Shift(200);
  EXPECT_EQ(qor.log->state(), audit::State::kHeld);
  EXPECT_FALSE(LogOpen());
}

// Deleting needs the log's entry, not its witnesses.
TEST_F(GraceTest, WhatIsOverIsDeletedWhileNoWitnessAnswers) {
  TwoNodes::Options options;
  const std::string at = "clause.disclose-terrorism.";
  options.set = {{at + "reviewers_asker", "1"},
                 {at + "mask_after_days", "10"},
                 {at + "retain_days", "20"}};
  Begin(options);
  GoodScreening();
  const std::string hit = ExactHit();
  AskAndApprove(asker(), holder(), hit);
  MustDo(holder(), "qva-one", "disclose release", {{"hit", hit}});
  GoInside();
  asker().clock().Shift(11 * 86'400);
  ASSERT_EQ(qor.log->state(), audit::State::kHeld);
  ASSERT_OK_AND_ASSIGN(const std::size_t masked, hits::Retain(*qor.desk));
  EXPECT_EQ(masked, 1U);
  EXPECT_EQ(qor.Logged("retain.mask"), 1U);
  asker().clock().Shift(10 * 86'400);
  ASSERT_OK_AND_ASSIGN(const std::size_t deleted, hits::Retain(*qor.desk));
  EXPECT_EQ(deleted, 1U);
  EXPECT_EQ(qor.Logged("retain.delete"), 1U);
}

}  // namespace
}  // namespace entente::testing
