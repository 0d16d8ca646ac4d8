#include "node/audit/witness.h"

#include <atomic>
#include <thread>

#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/cosignature.h"
#include "crypto/merkle/evidence.h"
#include "crypto/primitive/hash.h"
#include "node/audit/testing_log.h"
#include "tests/testing/shared_data.h"

namespace entente::audit {
namespace {

using testing::HasCode;
using ::testing::HasSubstr;

// A log of QOR with two witnesses, both needed; QVA serves as the first.
class WitnessTest : public LogTest {
 protected:
  void SetUp() override {
    node_.witness_policy = "log " + node_.keys.LogKey().Text() +
                           "\nwitness QVA " + first_.Key().Text() +
                           "\nwitness QTA " + second_.Key().Text() +
                           "\ngroup both all QVA QTA\nquorum both\n";
    ASSERT_OK(node_.Open());
    ASSERT_OK_AND_ASSIGN(
        witness_store_,
        store::OpenSqlCipher({dir_.Path("other"), store::OpenMode::kCreate},
                             SecretBytes::CopyOf(Bytes(32, 6))));
    ASSERT_OK(MakeWitness());
  }
  absl::Status MakeWitness() {
    Witness::Options options;
    options.name = first_.Key().name();
    options.key = first_.key.public_key();
    options.sign = first_.Signer();
    options.store = witness_store_.get();
    options.clock = &node_.clock;
    options.logs = {{kOrigin, node_.keys.LogKey().Text()}};
    options.per_minute = 1000;
    TRY(witness_, Witness::Create(options));
    return absl::OkStatus();
  }
  WitnessReply Ask(const std::string& body) {
    const auto reply = witness_->AddCheckpoint(AsBytes(body));
    EXPECT_OK(reply);
    return reply.ok() ? *reply : WitnessReply{};
  }
  // The second witness signs whatever it is shown.
  absl::Status CosignBySecond() {
    TRY(const std::string body, log().BuildAddCheckpoint("QTA"));
    const std::string_view note =
        std::string_view(body).substr(body.find(kOrigin));
    TRY(const merkle::NoteParts parts, merkle::SplitNote(note));
    const std::string text(parts.text);
    TRY(const merkle::NoteLine line,
        merkle::Cosign(second_.Key(),
                       static_cast<std::uint64_t>(node_.clock.NowSeconds()),
                       text, second_.Signer()));
    return log().AcceptCosignature("QTA", line.Text());
  }
  absl::Status CosignByFirst() {
    TRY(const std::string body, log().BuildAddCheckpoint("QVA"));
    const WitnessReply reply = Ask(body);
    if (reply.status != 200) return Unavailable("no cosignature");
    return log().AcceptCosignature("QVA", reply.body);
  }
  std::string NoteFor(std::uint64_t size, const Hash& root) {
    return *merkle::SignCheckpoint(
        {kOrigin, size, root}, node_.keys.LogKey(),
        [this](ByteView m) { return node_.keys.log.Sign(m); });
  }

  TestWitness first_{"qva"};
  TestWitness second_{"qta"};
  std::unique_ptr<store::Store> witness_store_;
  std::unique_ptr<Witness> witness_;
};

TEST_F(WitnessTest, AHeadIsPublishedOnceItsQuorumIsMet) {
  EXPECT_EQ(log().PublishedHead().size, 0U);
  ASSERT_OK(CosignByFirst());
  EXPECT_EQ(log().PublishedHead().size, 0U);
  ASSERT_OK(CosignBySecond());
  EXPECT_EQ(log().PublishedHead().size, 64U);
  ASSERT_OK_AND_ASSIGN(const ledger::Report report, node_.Verify());
  EXPECT_EQ(report.verdict, ledger::Verdict::kVerified)
      << ledger::ReportText(report);
  EXPECT_EQ(report.witnesses, 2U);

  // The next head waits again; the folder stays with the one that has it.
  ASSERT_OK(log().Commit(JobOf(Dropped("x"))));
  ASSERT_OK(log().Tick());
  EXPECT_EQ(log().PublishedHead().size, 64U);
  EXPECT_EQ(node_.Fault(), "");
  ASSERT_OK(CosignBySecond());
  ASSERT_OK(CosignByFirst());
  EXPECT_EQ(log().PublishedHead().size, 128U);
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(WitnessTest, CosignaturesStandInTheOrderOfThePolicyFile) {
  ASSERT_OK(CosignBySecond());
  ASSERT_OK(CosignByFirst());
  const std::string note = testing::ReadFile(node_.Volume() + "/checkpoint");
  EXPECT_EQ(note, log().PublishedHead().note);
  const std::size_t own = note.find("\xe2\x80\x94 " + std::string(kOrigin));
  const std::size_t qva = note.find(first_.Key().name());
  const std::size_t qta = note.find(second_.Key().name());
  EXPECT_LT(own, qva);
  EXPECT_LT(qva, qta);
  EXPECT_NE(qta, std::string::npos);
}

TEST_F(WitnessTest, TheWitnessRemembersAcrossRestarts) {
  ASSERT_OK(CosignByFirst());
  ASSERT_OK(CosignBySecond());
  const auto states = log().Witnesses();
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0].name, "QVA");
  EXPECT_EQ(states[0].size, 64U);
  EXPECT_EQ(states[0].cosigned, node_.clock.NowSeconds());
  ASSERT_OK(node_.Open());
  ASSERT_OK(MakeWitness());
  EXPECT_EQ(log().Witnesses()[0].size, 64U);
  EXPECT_EQ(log().PublishedHead().size, 64U);
  ASSERT_OK_AND_ASSIGN(const std::string body, log().BuildAddCheckpoint("QVA"));
  EXPECT_THAT(body, ::testing::StartsWith("old 64\n"));
  ASSERT_OK(CosignByFirst());
  ASSERT_OK(CosignBySecond());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(WitnessTest, TellsItsRecordedSizeWhenTheLogForgot) {
  ASSERT_OK(CosignByFirst());
  ASSERT_OK(log().Tick());
  ASSERT_OK_AND_ASSIGN(const std::string body,
                       log().BuildAddCheckpoint("QVA", 0));
  const WitnessReply conflict = Ask(body);
  EXPECT_EQ(conflict.status, 409);
  EXPECT_EQ(conflict.body, "64\n");
  EXPECT_EQ(conflict.content_type, "text/x.tlog.size");
  ASSERT_OK_AND_ASSIGN(const std::string again,
                       log().BuildAddCheckpoint("QVA", 64));
  EXPECT_EQ(Ask(again).status, 200);
}

TEST_F(WitnessTest, RefusesAForkAndKeepsTheProof) {
  ASSERT_OK(CosignByFirst());
  const std::string fork = "old 64\n\n" + NoteFor(64, Hash{1});
  EXPECT_EQ(Ask(fork).status, 422);
  ASSERT_OK_AND_ASSIGN(const auto evidence, witness_->Evidence(kOrigin));
  ASSERT_EQ(evidence.size(), 1U);
  EXPECT_OK(merkle::VerifyEvidence(evidence[0], node_.keys.LogKey()));
  EXPECT_EQ(Ask(fork).status, 422);
  EXPECT_EQ(witness_->Evidence(kOrigin)->size(), 1U);
  // The record did not move.
  ASSERT_OK_AND_ASSIGN(
      const std::string note,
      witness_->LatestNote(primitive::Sha256(AsBytes(kOrigin))));
  EXPECT_THAT(note, HasSubstr("\n64\n"));
}

TEST_F(WitnessTest, KnowsOnlyItsLogs) {
  ASSERT_OK_AND_ASSIGN(const std::string body, log().BuildAddCheckpoint("QVA"));
  EXPECT_EQ(Ask("nonsense").status, 400);
  ASSERT_OK(witness_->SetLogs({}));
  EXPECT_EQ(Ask(body).status, 404);
  TestNode stranger(dir_.Path("stranger"));
  ASSERT_OK(witness_->SetLogs({{kOrigin, stranger.keys.LogKey().Text()}}));
  EXPECT_EQ(Ask(body).status, 403);
  EXPECT_THAT(witness_->SetLogs({{kOrigin, "no key"}}),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(witness_->LatestNote(primitive::Sha256(AsBytes(kOrigin))),
              HasCode(absl::StatusCode::kNotFound));
}

TEST_F(WitnessTest, LimitsTheRateOfOneOrigin) {
  Witness::Options options;
  options.name = first_.Key().name();
  options.key = first_.key.public_key();
  options.sign = first_.Signer();
  options.store = witness_store_.get();
  options.clock = &node_.clock;
  options.logs = {{kOrigin, node_.keys.LogKey().Text()}};
  options.per_minute = 2;
  ASSERT_OK_AND_ASSIGN(witness_, Witness::Create(options));
  ASSERT_OK_AND_ASSIGN(const std::string body, log().BuildAddCheckpoint("QVA"));
  EXPECT_EQ(Ask(body).status, 200);
  EXPECT_EQ(Ask(body).status, 409);  // its record is at 64 now
  EXPECT_EQ(Ask(body).status, 429);
  node_.clock.Advance(61);
  EXPECT_EQ(Ask(body).status, 409);
}

TEST_F(WitnessTest, ConcurrentSubmissionsNeverRollTheRecordBack) {
  std::vector<std::string> bodies;
  for (int i = 0; i < 16; ++i) {
    for (std::uint64_t old = 0; old <= 64U * static_cast<unsigned>(i);
         old += 64) {
      ASSERT_OK_AND_ASSIGN(const std::string body,
                           log().BuildAddCheckpoint("QVA", old));
      bodies.push_back(body);
    }
    ASSERT_OK(log().Tick());
  }
  const Hash origin = primitive::Sha256(AsBytes(kOrigin));
  std::atomic<bool> fell = false;
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        std::uint64_t seen = 0;
        for (std::size_t i = t; i < bodies.size(); i += 8) {
          (void)witness_->AddCheckpoint(AsBytes(bodies[i]));
          const auto note = witness_->LatestNote(origin);
          if (!note.ok()) continue;
          const auto parts = merkle::SplitNote(*note);
          const std::uint64_t size = merkle::ParseCheckpoint(parts->text)->size;
          if (size < seen) fell = true;
          seen = size;
        }
      });
    }
  }
  EXPECT_FALSE(fell);
  EXPECT_OK(witness_->LatestNote(origin));
}

TEST_F(WitnessTest, NothingIsSignedThatIsNotRecorded) {
  int signatures = 0;
  Witness::Options options;
  options.name = first_.Key().name();
  options.key = first_.key.public_key();
  options.sign = [&](ByteView m) -> absl::StatusOr<primitive::Signature> {
    ++signatures;
    // What is on disk at this moment.
    const auto reader = witness_store_->Read();
    EXPECT_EQ(*(*reader)->Count(store::Table::kWitness, {}), 1U);
    return first_.key.Sign(m);
  };
  options.store = witness_store_.get();
  options.clock = &node_.clock;
  options.logs = {{kOrigin, node_.keys.LogKey().Text()}};
  ASSERT_OK_AND_ASSIGN(witness_, Witness::Create(options));
  ASSERT_OK_AND_ASSIGN(const std::string body, log().BuildAddCheckpoint("QVA"));
  EXPECT_EQ(Ask(body).status, 200);
  EXPECT_EQ(signatures, 1);
}

TEST_F(WitnessTest, SixtyFourSubmissionsAtOnceNeverRollTheRecordBack) {
  // Sixteen heads of one log, each sent by four threads that all claim to go on
  // from what was recorded before.
  std::vector<std::string> bodies;
  for (int i = 0; i < 16; ++i) {
    ASSERT_OK(log().Tick());
    for (const std::uint64_t old : {0U, 64U, 128U, 512U}) {
      const auto body = log().BuildAddCheckpoint("QVA", old);
      if (body.ok()) bodies.push_back(*body);
      if (!body.ok()) bodies.push_back(bodies.front());
    }
  }
  ASSERT_EQ(bodies.size(), 64U);
  std::atomic<int> cosigned = 0;
  std::atomic<bool> go = false;
  std::atomic<bool> back = false;
  {
    std::vector<std::jthread> threads;
    for (const std::string& body : bodies) {
      threads.emplace_back([&, body] {
        while (!go) std::this_thread::yield();
        const auto recorded = [&]() -> std::uint64_t {
          const auto note =
              witness_->LatestNote(primitive::Sha256(AsBytes(kOrigin)));
          if (!note.ok()) return 0;
          return merkle::ParseCheckpoint(merkle::SplitNote(*note)->text)->size;
        };
        const std::uint64_t before = recorded();
        const auto reply = witness_->AddCheckpoint(AsBytes(body));
        if (reply.ok() && reply->status == 200) ++cosigned;
        if (recorded() < before) back = true;
      });
    }
    go = true;
  }
  EXPECT_FALSE(back);
  // Whoever came second claimed a size that was recorded no more: at most one
  // for each of the four sizes that were claimed.
  EXPECT_GE(cosigned, 1);
  EXPECT_LE(cosigned, 4);
}

TEST_F(WitnessTest, RefusesCosignaturesThatAreNone) {
  ASSERT_OK_AND_ASSIGN(const std::string body, log().BuildAddCheckpoint("QVA"));
  const WitnessReply reply = Ask(body);
  EXPECT_THAT(log().AcceptCosignature("QZZ", reply.body),
              HasCode(absl::StatusCode::kNotFound));
  // Another witness's line in its place.
  EXPECT_FALSE(log().AcceptCosignature("QTA", reply.body).ok());
  std::string bad = reply.body;
  bad[bad.size() - 10] = bad[bad.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(log().AcceptCosignature("QVA", bad).ok());
  EXPECT_FALSE(log().AcceptCosignature("QVA", "").ok());
  EXPECT_EQ(log().Witnesses()[0].size, 0U);
  ASSERT_OK(log().AcceptCosignature("QVA", reply.body));
  EXPECT_EQ(log().Witnesses()[0].size, 64U);
  // Of a head that is no longer shown.
  ASSERT_OK(log().Tick());
  EXPECT_FALSE(log().AcceptCosignature("QVA", reply.body).ok());
}

TEST_F(WitnessTest, LateThenHeldThenBack) {
  ASSERT_OK(CosignByFirst());
  ASSERT_OK(CosignBySecond());
  EXPECT_EQ(log().state(), State::kOpen);
  node_.clock.Advance(301);
  EXPECT_EQ(log().state(), State::kLate);
  ASSERT_OK(log().Tick());
  EXPECT_OK(log().Commit(JobOf(Dropped("x"))));
  node_.clock.Advance(14'400);
  EXPECT_EQ(log().state(), State::kHeld);
  EXPECT_OK(log().Commit(JobOf(Dropped("y"))));  // a local act goes on
  ASSERT_OK(log().Tick());
  const auto find = [&](std::string_view type) {
    return log().Find(AuditLog::Key::kType, type, 0, 9)->size();
  };
  EXPECT_EQ(find("witness.lost"), 1U);
  EXPECT_EQ(find("witness.back"), 0U);
  EXPECT_GT(log().counts().quorum_age, 14'000);
  ASSERT_OK(CosignBySecond());
  EXPECT_EQ(log().state(), State::kHeld);
  ASSERT_OK(CosignByFirst());
  EXPECT_EQ(log().state(), State::kOpen);
  EXPECT_EQ(find("witness.lost"), 1U);
  EXPECT_EQ(find("witness.back"), 1U);
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(WitnessTest, WithoutAQuorumLineCosignaturesAreAddedLater) {
  node_.Close();
  std::filesystem::remove_all(node_.Dir() + "/audit");
  std::filesystem::remove(node_.Dir() + "/store");
  node_.witness_policy = "log " + node_.keys.LogKey().Text() +
                         "\nwitness QVA " + first_.Key().Text() +
                         "\nquorum none\n";
  ASSERT_OK(node_.Open());
  EXPECT_EQ(log().PublishedHead().size, 64U);
  ASSERT_OK(CosignByFirst());
  EXPECT_EQ(log().PublishedHead().size, 64U);
  EXPECT_THAT(testing::ReadFile(node_.Volume() + "/checkpoint"),
              HasSubstr(first_.Key().name()));
  EXPECT_EQ(node_.Fault(), "");
  ASSERT_OK(node_.Open());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(WitnessTest, AChangedPolicyFileIsLogged) {
  const std::string old = node_.witness_policy;
  node_.witness_policy += "# another line\n";
  ASSERT_OK(node_.Open());
  const auto at = *log().Find(AuditLog::Key::kType, "log.policy", 0, 9);
  ASSERT_EQ(at.size(), 1U);
  const ledger::Leaf leaf = Leaves()[at[0]];
  EXPECT_EQ(leaf.Text("old"), ToHex(primitive::Sha256(AsBytes(old))));
  EXPECT_EQ(leaf.Text("new"),
            ToHex(primitive::Sha256(AsBytes(node_.witness_policy))));
  ASSERT_OK(node_.Open());
  EXPECT_EQ(log().Find(AuditLog::Key::kType, "log.policy", 0, 9)->size(), 1U);
}

}  // namespace
}  // namespace entente::audit
