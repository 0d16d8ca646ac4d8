#include "crypto/merkle/policy.h"

#include "crypto/merkle/cosignature.h"
#include "crypto/merkle/proof_file.h"
#include "crypto/merkle/testing_keys.h"
#include "crypto/merkle/tree.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::merkle {
namespace {

using ::entente::testing::HasCode;

class PolicyTest : public ::testing::Test {
 protected:
  TestKey log_{"audit.qma.example/2027a", NoteKeyType::kEd25519, 1};
  TestKey a_{"witness.qmb.example/w1", NoteKeyType::kCosignature, 2};
  TestKey b_{"witness.qmc.example/w1", NoteKeyType::kCosignature, 3};
  TestKey c_{"witness.qmd.example/w1", NoteKeyType::kCosignature, 4};

  std::string Names() const {
    return "log " + log_.verifier.Text() + "\n" + "witness a " +
           a_.verifier.Text() + "\n" + "witness b " + b_.verifier.Text() +
           " https://witness.qmc.example/\n" + "witness c " +
           c_.verifier.Text() + "\n";
  }
  std::string Head(std::vector<const TestKey*> witnesses,
                   std::uint64_t size = 1) const {
    const Checkpoint head{"audit.qma.example/2027a", size, LeafHash({})};
    std::string note = *SignCheckpoint(head, log_.verifier, log_.Sign());
    for (const TestKey* w : witnesses) {
      note += Cosign(w->verifier, 100, head.Text(), w->Sign())->Text();
    }
    return note;
  }
};

TEST_F(PolicyTest, DemandsItsQuorum) {
  ASSERT_OK_AND_ASSIGN(
      const TrustPolicy policy,
      TrustPolicy::Parse(Names() + "group g 2 a b c\nquorum g\n"));
  EXPECT_TRUE(policy.needs_witnesses());
  EXPECT_OK(policy.Check(Head({&a_, &c_})));
  EXPECT_OK(policy.Check(Head({&b_, &c_, &a_})));
  EXPECT_THAT(policy.Check(Head({&b_})),
              HasCode(absl::StatusCode::kUnauthenticated));
  ASSERT_OK_AND_ASSIGN(const auto open, policy.Open(Head({&b_})));
  EXPECT_FALSE(open.quorum_met);
  ASSERT_EQ(open.cosigned.size(), 1U);
  EXPECT_EQ(open.cosigned[0].witness, 1U);
  EXPECT_EQ(open.cosigned[0].time, 100U);
  // The same witness twice is one witness.
  EXPECT_FALSE(policy.Check(Head({&b_, &b_})).ok());
}

TEST_F(PolicyTest, CountsGroupsOfGroups) {
  ASSERT_OK_AND_ASSIGN(
      const TrustPolicy policy,
      TrustPolicy::Parse(Names() +
                         "group x any a b\ngroup y all x c\nquorum y\n"));
  EXPECT_TRUE(policy.QuorumMet({true, false, true}));
  EXPECT_TRUE(policy.QuorumMet({false, true, true}));
  EXPECT_FALSE(policy.QuorumMet({true, true, false}));
  EXPECT_FALSE(policy.QuorumMet({false, false, true}));
}

TEST_F(PolicyTest, QuorumNoneAndOneWitness) {
  ASSERT_OK_AND_ASSIGN(const TrustPolicy none,
                       TrustPolicy::Parse(Names() + "quorum none\n"));
  EXPECT_FALSE(none.needs_witnesses());
  EXPECT_OK(none.Check(Head({})));
  ASSERT_OK_AND_ASSIGN(const TrustPolicy one,
                       TrustPolicy::Parse(Names() + "quorum b\n"));
  EXPECT_OK(one.Check(Head({&b_})));
  EXPECT_FALSE(one.Check(Head({&a_, &c_})).ok());
}

TEST_F(PolicyTest, BelievesOnlyItsLog) {
  ASSERT_OK_AND_ASSIGN(const TrustPolicy policy,
                       TrustPolicy::Parse(Names() + "quorum none\n"));
  const TestKey other("audit.qma.example/2027a", NoteKeyType::kEd25519, 9);
  const TestKey elsewhere("audit.qmz.example/2027a", NoteKeyType::kEd25519, 1);
  const Checkpoint head{"audit.qma.example/2027a", 1, LeafHash({})};
  const Checkpoint far{"audit.qmz.example/2027a", 1, LeafHash({})};
  EXPECT_THAT(policy.Check(*SignCheckpoint(head, other.verifier, other.Sign())),
              HasCode(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(
      policy.Check(*SignCheckpoint(far, elsewhere.verifier, elsewhere.Sign())),
      HasCode(absl::StatusCode::kUnauthenticated));
  // Witnesses alone do not make a head.
  Note note{head.Text(), {}};
  note.lines = {*Cosign(a_.verifier, 1, note.text, a_.Sign())};
  EXPECT_THAT(policy.Check(note.Text()),
              HasCode(absl::StatusCode::kUnauthenticated));
  // Extension lines are not for our logs.
  Note long_note{head.Text() + "more\n", {}};
  long_note.lines = {*SignText(log_.verifier, long_note.text, log_.Sign())};
  EXPECT_FALSE(policy.Check(long_note.Text()).ok());
}

TEST_F(PolicyTest, AllowsCommentsAndSpaces) {
  EXPECT_OK(TrustPolicy::Parse("# a comment \xc3\xa9\n\n \t\n  " + Names() +
                               "\tquorum\t none \n"));
}

TEST_F(PolicyTest, RefusesMalformedFiles) {
  const std::string n = Names();
  const TestKey twin("another.name", NoteKeyType::kCosignature, 2);
  for (const std::string& bad : {
           n,                                      // no quorum
           n + "quorum none",                      // no line feed
           n + "quorum none\nquorum none\n",       // two
           n + "quorum d\n",                       // unknown
           "quorum a\n" + n,                       // a later name
           n + "group a any b\nquorum none\n",     // a name that is taken
           n + "group none any b\nquorum none\n",  // a reserved name
           n + "group g any none\nquorum none\n",
           n + "group g any a a\nquorum none\n",
           n + "group g any a\ngroup h any a\nquorum none\n",
           n + "group g 3 a b\nquorum none\n",
           n + "group g 0 a b\nquorum none\n",
           n + "group g 01 a b\nquorum none\n",
           n + "group g most a b\nquorum none\n",
           n + "group g any\nquorum none\n",
           n + "log " + log_.verifier.Text() + "\nquorum none\n",
           n + "witness d " + twin.verifier.Text() + "\nquorum none\n",
           n + "witness d " + log_.verifier.Text() + "\nquorum none\n",
           n + "log " + twin.verifier.Text() + "\nquorum none\n",
           n + "witness d\nquorum none\n",
           n + "quorum none extra\n",
           n + "quorum none\r\n",
           n + "peers a b\nquorum none\n",
           std::string("quorum none\n\0\n", 14),
           n + "quorum none\n\x7f\n",
       }) {
    EXPECT_FALSE(TrustPolicy::Parse(bad).ok()) << bad;
  }
}

TEST_F(PolicyTest, TakesThirtyTwoOfEachAtLeast) {
  std::string text;
  std::string members;
  for (unsigned i = 0; i < 32; ++i) {
    const auto seed = static_cast<std::uint8_t>(10 + i);
    const std::string n = std::to_string(i);
    const TestKey log("log" + n, NoteKeyType::kEd25519, seed);
    const TestKey witness("witness" + n, NoteKeyType::kCosignature,
                          static_cast<std::uint8_t>(seed + 100));
    text += "log " + log.verifier.Text() + "\nwitness w" + n + " " +
            witness.verifier.Text() + "\n";
    text += "group g" + n + " any w" + n + "\n";
    members += " g" + n;
  }
  EXPECT_OK(
      TrustPolicy::Parse(text + "group all all" + members + "\nquorum all\n"));
}

TEST_F(PolicyTest, ProofFilesProveOneLeaf) {
  ASSERT_OK_AND_ASSIGN(const TrustPolicy policy,
                       TrustPolicy::Parse(Names() + "quorum a\n"));
  std::vector<Hash> leaves;
  for (int i = 0; i < 7; ++i) {
    leaves.push_back(LeafHash(AsBytes(std::to_string(i))));
  }
  const Checkpoint head{"audit.qma.example/2027a", 7, Root(leaves)};
  std::string note = *SignCheckpoint(head, log_.verifier, log_.Sign());
  note += Cosign(a_.verifier, 100, head.Text(), a_.Sign())->Text();
  const ProofFile file{4, *ProveInclusion(4, 7, HashesFromLeaves(leaves)),
                       note};
  const std::string text = file.Text();
  EXPECT_OK(VerifyProofFile(text, AsBytes("4"), policy));
  EXPECT_FALSE(VerifyProofFile(text, AsBytes("5"), policy).ok());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string bad = text;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(VerifyProofFile(bad, AsBytes("4"), policy).ok()) << i;
    EXPECT_FALSE(VerifyProofFile(text.substr(0, i), AsBytes("4"), policy).ok());
  }
  // An extra line is skipped, if it is one.
  std::string extra = text;
  const std::size_t second = extra.find('\n') + 1;
  EXPECT_OK(VerifyProofFile(std::string(extra).insert(second, "extra AAAA\n"),
                            AsBytes("4"), policy));
  EXPECT_FALSE(VerifyProofFile(std::string(extra).insert(second, "extra A\n"),
                               AsBytes("4"), policy)
                   .ok());
  EXPECT_FALSE(VerifyProofFile(std::string(extra).insert(
                                   second, "extra AAAA\nextra AAAA\n"),
                               AsBytes("4"), policy)
                   .ok());
  // A tree of one leaf has no hash at all.
  const Checkpoint one{"audit.qma.example/2027a", 1, leaves[0]};
  std::string one_note = *SignCheckpoint(one, log_.verifier, log_.Sign());
  one_note += Cosign(a_.verifier, 100, one.Text(), a_.Sign())->Text();
  EXPECT_OK(
      VerifyProofFile(ProofFile{0, {}, one_note}.Text(), AsBytes("0"), policy));
}

TEST_F(PolicyTest, TheSampleProofsHold) {
  SKIP_WITHOUT_SHARED("vectors/tlog/entente-v1");
  const auto dir = testing::SharedDir() / "vectors/tlog/entente-v1";
  ASSERT_OK_AND_ASSIGN(const TrustPolicy policy,
                       TrustPolicy::Parse(testing::ReadFile(dir / "policy")));
  for (const char* index : {"0", "5", "66", "128", "255", "256", "319"}) {
    const std::string name = std::string("proofs/") + index;
    const std::string proof = testing::ReadFile(dir / (name + ".tlog-proof"));
    const std::string leaf = testing::ReadFile(dir / (name + ".leaf"));
    EXPECT_OK(VerifyProofFile(proof, AsBytes(leaf), policy)) << index;
    ASSERT_OK_AND_ASSIGN(const ProofFile file, ParseProofFile(proof));
    EXPECT_EQ(file.Text(), proof);
  }
}

}  // namespace
}  // namespace entente::merkle
