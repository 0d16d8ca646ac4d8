#include "crypto/merkle/witness.h"

#include <map>
#include <nlohmann/json.hpp>

#include "crypto/base/status.h"
#include "crypto/merkle/cosignature.h"
#include "crypto/merkle/evidence.h"
#include "crypto/merkle/testing_keys.h"
#include "crypto/merkle/tree.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::merkle {
namespace {

using ::entente::testing::HasCode;

constexpr char kOrigin[] = "audit.qma.example/2027a";

// A witness that keeps its records in memory.
class Memory {
 public:
  explicit Memory(std::vector<KnownLog> known) : known_(std::move(known)) {}

  WitnessDecision Ask(std::string_view body, std::uint64_t now = 1000) {
    auto decision = DecideWitness(
        body, known_,
        [this](const std::string& origin)
            -> absl::StatusOr<std::optional<WitnessRecord>> {
          ++lookups;
          const auto found = records_.find(origin);
          if (found == records_.end()) return std::optional<WitnessRecord>();
          return std::optional(found->second);
        },
        now);
    EXPECT_OK(decision);
    if (decision->record) records_[decision->origin] = *decision->record;
    return *decision;
  }
  const WitnessRecord& record() const { return records_.begin()->second; }
  int lookups = 0;

 private:
  std::vector<KnownLog> known_;
  std::map<std::string, WitnessRecord> records_;
};

class WitnessTest : public ::testing::Test {
 protected:
  TestKey log_{kOrigin, NoteKeyType::kEd25519, 1};
  TestKey witness_{"witness.qmb.example/w1", NoteKeyType::kCosignature, 2};
  Memory memory_{{{kOrigin, {log_.verifier}}}};
  std::vector<Hash> leaves_;
  std::vector<Hash> forked_;

  void SetUp() override {
    for (int i = 0; i < 40; ++i) {
      leaves_.push_back(LeafHash(AsBytes(std::to_string(i))));
    }
    forked_ = leaves_;
    forked_[2] = LeafHash(AsBytes("another history"));
  }
  std::string Note(const std::vector<Hash>& leaves, std::uint64_t size) const {
    const Checkpoint head{kOrigin, size, Root(std::span(leaves).first(size))};
    return *SignCheckpoint(head, log_.verifier, log_.Sign());
  }
  std::string Body(const std::vector<Hash>& leaves, std::uint64_t from,
                   std::uint64_t to) const {
    return AddCheckpoint{from,
                         *ProveConsistency(from, to, HashesFromLeaves(leaves)),
                         Note(leaves, to)}
        .Text();
  }
};

TEST_F(WitnessTest, CosignsAGrowingLog) {
  for (const auto& [from, to] :
       std::vector<std::pair<std::uint64_t, std::uint64_t>>{
           {0, 3}, {3, 3}, {3, 8}, {8, 40}}) {
    const WitnessDecision d = memory_.Ask(Body(leaves_, from, to));
    ASSERT_EQ(d.status, 200) << to;
    ASSERT_OK_AND_ASSIGN(const std::string answer,
                         WitnessAnswer(d, witness_.verifier, witness_.Sign()));
    const std::string note = d.record->note + answer;
    EXPECT_OK(OpenNote(note, {&witness_.verifier, 1}));
  }
  EXPECT_EQ(memory_.record().size, 40U);
  EXPECT_EQ(memory_.record().note, Note(leaves_, 40));
}

TEST_F(WitnessTest, ItsTimeNeverGoesBack) {
  ASSERT_EQ(memory_.Ask(Body(leaves_, 0, 3), 2000).record->time, 2000U);
  EXPECT_EQ(memory_.Ask(Body(leaves_, 3, 4), 1500).record->time, 2000U);
  EXPECT_EQ(memory_.Ask(Body(leaves_, 4, 5), 2500).record->time, 2500U);
}

TEST_F(WitnessTest, TellsTheSizeItHas) {
  ASSERT_EQ(memory_.Ask(Body(leaves_, 0, 8)).status, 200);
  const WitnessDecision d = memory_.Ask(Body(leaves_, 3, 40));
  EXPECT_EQ(d.status, 409);
  EXPECT_EQ(d.body, "8\n");
  EXPECT_EQ(d.content_type, kSizeContentType);
  EXPECT_EQ(memory_.Ask(Body(leaves_, 0, 40)).status, 409);
  Memory fresh({{kOrigin, {log_.verifier}}});
  EXPECT_EQ(fresh.Ask(Body(leaves_, 3, 40)).body, "0\n");
}

TEST_F(WitnessTest, RefusesWhatIsNotTheLogs) {
  // Another log: 404 before anything is read.
  const TestKey far("audit.qmz.example/2027a", NoteKeyType::kEd25519, 1);
  const Checkpoint head{"audit.qmz.example/2027a", 1, leaves_[0]};
  const std::string note = *SignCheckpoint(head, far.verifier, far.Sign());
  EXPECT_EQ(memory_.Ask(AddCheckpoint{0, {}, note}.Text()).status, 404);
  // Another key under the log's name.
  const TestKey thief(kOrigin, NoteKeyType::kEd25519, 9);
  const Checkpoint ours{kOrigin, 1, leaves_[0]};
  const std::string stolen =
      *SignCheckpoint(ours, thief.verifier, thief.Sign());
  EXPECT_EQ(memory_.Ask(AddCheckpoint{0, {}, stolen}.Text()).status, 403);
  // A signature line that does not decode.
  std::string broken = Note(leaves_, 1);
  broken.insert(broken.size() - 2, "!");
  EXPECT_EQ(memory_.Ask(AddCheckpoint{0, {}, broken}.Text()).status, 403);
  EXPECT_EQ(memory_.lookups, 0);
}

TEST_F(WitnessTest, RefusesMalformedBodies) {
  const std::string good = Body(leaves_, 0, 3);
  for (const std::string& bad :
       {std::string(), std::string("old 0\n"), good.substr(4),
        "Old 0" + good.substr(5), "old 00" + good.substr(5),
        "old -1" + good.substr(5), "old 9223372036854775808" + good.substr(5),
        "old 0\n" + good.substr(7), "old 0\n\n" + good.substr(6),
        "old 0\nAAAA\n" + good.substr(6)}) {
    EXPECT_EQ(memory_.Ask(bad).status, 400) << bad;
  }
  // Every cut inside the head is malformed; inside the signature, 400 or 403.
  for (std::size_t n = 0; n < good.size(); ++n) {
    EXPECT_NE(memory_.Ask(good.substr(0, n)).status, 200) << n;
  }
  Proof long_proof(64, leaves_[0]);
  EXPECT_EQ(
      memory_.Ask(AddCheckpoint{0, long_proof, Note(leaves_, 3)}.Text()).status,
      400);
  EXPECT_EQ(memory_.Ask(AddCheckpoint{4, {}, Note(leaves_, 3)}.Text()).status,
            400);
  EXPECT_EQ(memory_.Ask(good + std::string(kMaxAddCheckpointBytes, 'x')).status,
            400);
}

TEST_F(WitnessTest, RefusesInconsistentHeads) {
  ASSERT_EQ(memory_.Ask(Body(leaves_, 0, 3)).status, 200);
  // A proof for size 0 must be empty; a wrong or missing proof is refused.
  EXPECT_EQ(memory_.Ask(AddCheckpoint{3, {}, Note(leaves_, 8)}.Text()).status,
            422);
  EXPECT_EQ(memory_.Ask(Body(forked_, 3, 8)).status, 422);
  EXPECT_EQ(memory_.Ask(AddCheckpoint{3, {}, Note(forked_, 3)}.Text()).status,
            422);
  Memory fresh({{kOrigin, {log_.verifier}}});
  EXPECT_EQ(
      fresh.Ask(AddCheckpoint{0, {leaves_[0]}, Note(leaves_, 3)}.Text()).status,
      422);
  const Checkpoint empty{kOrigin, 0, leaves_[0]};
  const std::string note = *SignCheckpoint(empty, log_.verifier, log_.Sign());
  EXPECT_EQ(fresh.Ask(AddCheckpoint{0, {}, note}.Text()).status, 422);
  EXPECT_EQ(memory_.record().size, 3U);
}

TEST_F(WitnessTest, ASplitViewLeavesEvidence) {
  ASSERT_EQ(memory_.Ask(Body(leaves_, 0, 3)).status, 200);
  const WitnessDecision prefix = memory_.Ask(Body(forked_, 3, 8));
  ASSERT_TRUE(prefix.evidence);
  EXPECT_OK(VerifyEvidence(*prefix.evidence, log_.verifier));
  const WitnessDecision same =
      memory_.Ask(AddCheckpoint{3, {}, Note(forked_, 3)}.Text());
  ASSERT_TRUE(same.evidence);
  EXPECT_OK(VerifyEvidence(*same.evidence, log_.verifier));
  // A useless proof is refused but proves nothing against the log.
  EXPECT_FALSE(
      memory_.Ask(AddCheckpoint{3, {}, Note(leaves_, 8)}.Text()).evidence);
  // Against a recorded size that is a power of two the seed is not known.
  ASSERT_EQ(memory_.Ask(Body(leaves_, 3, 8)).status, 200);
  const WitnessDecision power = memory_.Ask(Body(forked_, 8, 20));
  EXPECT_EQ(power.status, 422);
  EXPECT_FALSE(power.evidence);
}

TEST_F(WitnessTest, EvidenceProvesOnlyWhatItShows) {
  const HashSource fork = HashesFromLeaves(forked_);
  // Size 8: the seed is the root that the second tree has at that size.
  Proof seeded = *ProveConsistency(8, 20, fork);
  seeded.insert(seeded.begin(), Root(std::span(forked_).first(8)));
  ASSERT_OK_AND_ASSIGN(
      const std::string file,
      MakeEvidence(log_.verifier, Note(leaves_, 8), Note(forked_, 20), seeded));
  EXPECT_OK(VerifyEvidence(file, log_.verifier));
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string bad = file;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(VerifyEvidence(bad, log_.verifier).ok()) << i;
    EXPECT_FALSE(VerifyEvidence(file.substr(0, i), log_.verifier).ok()) << i;
  }
  EXPECT_FALSE(VerifyEvidence(file + "\n", log_.verifier).ok());
  const TestKey other(kOrigin, NoteKeyType::kEd25519, 9);
  EXPECT_FALSE(VerifyEvidence(file, other.verifier).ok());
  // Consistent heads, equal heads and unsigned heads prove nothing.
  Proof honest = *ProveConsistency(8, 20, HashesFromLeaves(leaves_));
  honest.insert(honest.begin(), Root(std::span(leaves_).first(8)));
  EXPECT_THAT(
      MakeEvidence(log_.verifier, Note(leaves_, 8), Note(leaves_, 20), honest),
      HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_FALSE(
      MakeEvidence(log_.verifier, Note(leaves_, 8), Note(leaves_, 8), {}).ok());
  EXPECT_FALSE(
      MakeEvidence(other.verifier, Note(leaves_, 8), Note(forked_, 20), seeded)
          .ok());
  EXPECT_EQ(EvidenceName(kOrigin, 20).size(),
            std::string("01234567-20.split-view").size());
}

TEST_F(WitnessTest, TwoKeysServeOneLogWhileItsKeyChanges) {
  const TestKey next(kOrigin, NoteKeyType::kEd25519, 7);
  Memory both({{kOrigin, {log_.verifier, next.verifier}}});
  EXPECT_EQ(both.Ask(Body(leaves_, 0, 3)).status, 200);
  const Checkpoint head{kOrigin, 4, Root(std::span(leaves_).first(4))};
  const std::string note = *SignCheckpoint(head, next.verifier, next.Sign());
  EXPECT_EQ(
      both.Ask(AddCheckpoint{
                   3, *ProveConsistency(3, 4, HashesFromLeaves(leaves_)), note}
                   .Text())
          .status,
      200);
}

TEST(VectorTest, TheLitewitnessConversations) {
  SKIP_WITHOUT_SHARED("vectors/tlog/torchwood");
  const nlohmann::json data = nlohmann::json::parse(testing::ReadFile(
      testing::SharedDir() /
      "vectors/tlog/torchwood/litewitness-conversations.json"));
  std::size_t steps = 0;
  for (const auto& conversation : data["conversations"]) {
    const auto& setup = conversation["setup"];
    KnownLog log;
    if (setup.contains("log_vkey")) {
      log.origin = "go.sum database tree";  // not the name of its key
      log.keys = {*VerifierKey::Parse(setup["log_vkey"].get<std::string>())};
    } else {
      log.origin = setup["origin"];
      const auto key =
          ToArray<32>(*FromHex(setup["log_public_key_hex"].get<std::string>()));
      log.keys = {*VerifierKey::Make(log.origin, NoteKeyType::kEd25519, *key)};
    }
    Memory memory({log});
    for (const auto& step : conversation["steps"]) {
      const WitnessDecision d =
          memory.Ask(step["request_body"].get<std::string>());
      int want = step["status"];
      // The older specification said 403 for an unknown log.
      if (step.value("response_contains", "") == "unknown log") want = 404;
      EXPECT_EQ(d.status, want);
      if (step.contains("response_body")) {
        EXPECT_EQ(d.body, step["response_body"].get<std::string>());
      }
      ++steps;
    }
  }
  EXPECT_EQ(steps, 10U);
}

TEST(VectorTest, TheSampleEvidence) {
  SKIP_WITHOUT_SHARED("vectors/tlog/entente-v1");
  const auto dir = testing::SharedDir() / "vectors/tlog/entente-v1";
  std::string vkey = testing::ReadFile(dir / "keys/log.vkey");
  vkey.pop_back();
  ASSERT_OK_AND_ASSIGN(const VerifierKey log, VerifierKey::Parse(vkey));
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(dir / "evidence")) {
    const bool refuse = entry.path().filename().string().starts_with("refuse-");
    EXPECT_EQ(!VerifyEvidence(testing::ReadFile(entry.path()), log).ok(),
              refuse)
        << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 5U);
}

TEST(VectorTest, TheSampleAddCheckpointBodies) {
  SKIP_WITHOUT_SHARED("vectors/tlog/entente-v1");
  const auto dir = testing::SharedDir() / "vectors/tlog/entente-v1";
  std::string vkey = testing::ReadFile(dir / "keys/log.vkey");
  vkey.pop_back();
  ASSERT_OK_AND_ASSIGN(const VerifierKey log, VerifierKey::Parse(vkey));
  Memory memory({{log.name(), {log}}});
  for (const char* name : {"0-64", "64-320"}) {
    const std::string body = testing::ReadFile(
        dir / "consistency" / (std::string(name) + ".add-checkpoint"));
    ASSERT_OK_AND_ASSIGN(const AddCheckpoint parsed, ParseAddCheckpoint(body));
    EXPECT_EQ(parsed.Text(), body);
    EXPECT_EQ(memory.Ask(body).status, 200) << name;
  }
  // The witness keeps 320 now; the same bodies again are a conflict.
  EXPECT_EQ(memory
                .Ask(testing::ReadFile(dir / "consistency" /
                                       "128-320.add-checkpoint"))
                .status,
            409);
}

TEST(RecordedSizeTest, IsOneLineWithOneNumber) {
  EXPECT_EQ(*ParseRecordedSize("0\n"), 0U);
  EXPECT_EQ(*ParseRecordedSize("1088\n"), 1088U);
  for (const std::string_view wrong :
       {"", "\n", "64", "64\n\n", " 64\n", "-1\n", "064\n", "6x\n",
        "9223372036854775808\n", "99999999999999999999\n"}) {
    EXPECT_THAT(ParseRecordedSize(wrong),
                HasCode(absl::StatusCode::kInvalidArgument))
        << wrong;
  }
}

}  // namespace
}  // namespace entente::merkle
