// Volumes whose oldest entries went, rightly and wrongly (audit-log.md, 2.4.1).
#include "crypto/base/status.h"
#include "node/ledger/kept.h"
#include "node/ledger/testing_pruned.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {
namespace {

using ::testing::HasSubstr;

class PrunedTest : public PrunedVolume, public ::testing::Test {};

TEST_F(PrunedTest, VerifiesAndSaysSo) {
  Say(Right(512));
  Remove(512);
  const Report report = volume.Verify("w");
  EXPECT_EQ(report.verdict, Verdict::kVerified) << Fault();
  EXPECT_EQ(report.pruned, static_cast<std::uint64_t>(Right(512).n));
  EXPECT_EQ(report.entries, report.size - report.pruned);
  EXPECT_THAT(ReportText(report), HasSubstr("pruned at the end of their term"));
  // The officer's erasure in it stayed and is checked.
  VerifyOptions options;
  options.officers = {volume.officer.verifier};
  EXPECT_EQ(volume.Verify(volume.Policy("w"), options).verdict,
            Verdict::kVerified);
  options.officers = {
      TestKey("dpo.qma.example/2", merkle::NoteKeyType::kEd25519, 9).verifier};
  EXPECT_FALSE(IsVerified(volume.Verify(volume.Policy("w"), options).verdict));
}

TEST_F(PrunedTest, AHeadThatWasKeptStillCounts) {
  for (const std::size_t size : {std::size_t{7}, std::size_t{300}}) {
    TestVolume old;
    old.leaves.assign(
        volume.leaves.begin(),
        volume.leaves.begin() + static_cast<std::ptrdiff_t>(size));
    old.Publish(true);
    VerifyOptions options;
    options.previous = ToString(old.files["checkpoint"]);
    const std::vector<Bytes> sound = volume.leaves;
    Say(Right(512));
    Remove(512);
    EXPECT_EQ(volume.Verify(volume.Policy("w"), options).verdict,
              Verdict::kVerified);
    old.leaves[3][30] ^= 1U;
    old.Publish(true);
    options.previous = ToString(old.files["checkpoint"]);
    EXPECT_EQ(volume.Verify(volume.Policy("w"), options).verdict,
              Verdict::kSplitView);
    volume.leaves = sound;
  }
}

TEST_F(PrunedTest, StepByStep) {
  Say(Right(256));
  volume.PadTo(700);
  Say(Right(512, 256));
  Remove(512);
  EXPECT_EQ(Fault(), "");
  // A copy that was made in between, and a mirror that removes nothing.
  Remove(256);
  EXPECT_EQ(Fault(), "");
  Remove(0);
  EXPECT_EQ(Fault(), "");
}

TEST_F(PrunedTest, EveryWrongWordIsRefused) {
  const auto with = [&](const PruneWords& words, std::size_t removed = 256) {
    const std::vector<Bytes> sound = volume.leaves;
    Say(words);
    Remove(removed);
    const std::string fault = Fault();
    volume.leaves = sound;
    return fault;
  };
  const PruneWords right = Right(256);
  EXPECT_EQ(with(right), "");
  PruneWords wrong = right;
  wrong.n += 1;
  EXPECT_THAT(with(wrong), HasSubstr("INCOMPLETE V6 more entries"));
  wrong.n = 300;
  EXPECT_THAT(with(wrong), HasSubstr("TAMPERED V7"));
  wrong = right;
  wrong.root = ToHex(Hash{9});
  EXPECT_THAT(with(wrong), HasSubstr("TAMPERED V7 a log.prune with another "
                                     "root"));
  wrong = right;
  wrong.oldest += 1;
  EXPECT_THAT(with(wrong), HasSubstr("TAMPERED V7"));
  wrong = right;
  wrong.before = 255;
  EXPECT_THAT(with(wrong), HasSubstr("TAMPERED V7"));
  wrong.before = 1024;
  EXPECT_THAT(with(wrong), HasSubstr("TAMPERED V7"));
  wrong.before = 0;
  wrong.n = 0;
  EXPECT_THAT(with(wrong), HasSubstr("TAMPERED V7"));
  EXPECT_THAT(with(right, 512), HasSubstr("no log.prune names"));
  // Said twice of the same.
  const std::vector<Bytes> sound = volume.leaves;
  Say(right);
  Say(right);
  Remove(256);
  EXPECT_THAT(Fault(), HasSubstr("TAMPERED V7"));
  volume.leaves = sound;
  Remove(256);
  EXPECT_THAT(Fault(), HasSubstr("no log.prune names"));
}

TEST_F(PrunedTest, WhatStayedIsHeldToItsPlaceAndItsClass) {
  PruneWords words = Right(256);
  words.n -= 1;  // one more is said to have stayed
  Say(words);
  Remove(256);
  EXPECT_THAT(Fault(), HasSubstr("more entries are missing"));
  volume.files[KeptPath(100)] = volume.leaves[100];  // padding
  EXPECT_THAT(Fault(), HasSubstr("class does not stay"));
  volume.files[KeptPath(100)] = volume.leaves[0];
  EXPECT_THAT(Fault(), HasSubstr("TAMPERED V6"));
  // Genesis went and was counted.
  volume.leaves.pop_back();
  words.n += 2;
  Say(words);
  Remove(256);
  volume.files.erase(KeptPath(0));
  EXPECT_THAT(Fault(), HasSubstr("log.genesis is missing"));
}

TEST_F(PrunedTest, EveryFlippedByteIsFound) {
  Say(Right(512));
  Remove(512);
  const merkle::TrustPolicy policy = volume.Policy("w");
  std::size_t flipped = 0;
  for (auto& [path, bytes] : volume.files) {
    const bool small = path.starts_with("kept/") || path == "checkpoint";
    for (std::size_t i = 0; i < bytes.size(); i += small ? 1 : 61) {
      bytes[i] ^= 1U;
      ASSERT_FALSE(IsVerified(volume.Verify(policy).verdict))
          << path << " " << i;
      bytes[i] ^= 1U;
      ++flipped;
    }
  }
  EXPECT_GT(flipped, 1500U);
}

TEST(KeptPathTest, HasOneSpelling) {
  EXPECT_EQ(KeptPath(0), "kept/0.leaf");
  for (const std::uint64_t index : {0ULL, 7ULL, 1'234'067ULL}) {
    EXPECT_EQ(*ParseKeptPath(KeptPath(index)), index);
  }
  for (const std::string_view wrong :
       {"kept/.leaf", "kept/00.leaf", "kept/1-2.leaf", "kept/1,3.leaf",
        "kept/1", "kept/-1.leaf", "kept/1.leaf.leaf", "1.leaf",
        "kept/99999999999999999999.leaf", "kept/ 1.leaf"}) {
    EXPECT_FALSE(ParseKeptPath(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace entente::ledger
