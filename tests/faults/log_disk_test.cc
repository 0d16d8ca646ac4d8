// The audit log on a disk that fails (fault_disk.h), at every step of the write
// path: opening, appending, publishing, cosignatures, the spool, an orderly
// stop. Afterwards nothing that was acknowledged is lost, the log verifies, no
// size was signed with two roots, the witness saw nothing that is not there; or
// the log does not open and says why.

#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>

#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/cosignature.h"
#include "crypto/merkle/proof.h"
#include "crypto/merkle/tree.h"
#include "crypto/merkle/witness.h"
#include "node/audit/rollback.h"
#include "node/audit/testing_log.h"
#include "tests/faults/fault_disk.h"
#include "tests/faults/log_disk_parts.h"

namespace entente::audit {
namespace {

using testing::DiskFault;
using testing::FaultDisk;

class LogDiskTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kBaseActs = 100;

  LogDiskTest() {
    base::SetLogOutput([](std::string_view) {});
  }
  ~LogDiskTest() override { base::SetLogOutput({}); }

  Options LogOptions() {
    Options options = node_.LogOptions();
    options.reserve_bytes = 4096;
    options.sign =
        [this](ByteView message) -> absl::StatusOr<primitive::Signature> {
      if (!can_sign_ || disk_.dead()) return Unavailable("the token is gone");
      signatures_.Note(message);
      return node_.keys.log.Sign(message);
    };
    return options;
  }

  static Changes RowFor(const std::string& key) {
    return [key](store::Writer& writer, std::span<const Staged>) {
      return writer.Put(store::Table::kHit, AsBytes(key), AsBytes("done"));
    };
  }

  // A log of some size, stopped in order.
  void SetUp() override {
    fs::create_directory(root_);
    node_.witness_policy = witness_.Policy(node_.keys.LogKey());
    ASSERT_OK(node_.Open(LogOptions()));
    for (std::size_t i = 0; i < kBaseActs; ++i) {
      const std::string name = "base." + std::to_string(i);
      ASSERT_OK(node_.log->Commit(JobOf(Dropped(name), RowFor(name))));
    }
    Tick();
    Tick();
    ASSERT_OK(node_.log->Stop("orderly"));
    node_.Close();
    ASSERT_TRUE(witness_.record);
    base_record_ = witness_.record;
    fs::copy(root_, base_, fs::copy_options::recursive);
  }
  void Restore() {
    fs::remove_all(root_);
    fs::copy(base_, root_, fs::copy_options::recursive);
  }
  absl::StatusOr<WitnessReply> AskWitness(std::string_view body) {
    if (disk_.dead()) return Unavailable("nobody is there to ask");
    return witness_.Answer(body);
  }
  absl::Status OpenChecked() {
    node_.log.reset();
    if (!node_.store) TRY_OK(node_.OpenStore());
    TRY_OK(CheckNotRolledBack(LogOptions(),
                              [this](std::string_view, std::string_view body) {
                                return AskWitness(body);
                              }));
    return node_.Open(LogOptions());
  }

  void Commit(Said& said, const std::string& name, bool sealed) {
    const auto receipts = node_.log->Commit(
        JobOf(sealed ? Refused(name) : Dropped(name), RowFor(name)));
    if (!receipts.ok()) return;
    said.receipts.push_back(receipts->front());
    said.acts.push_back(name);
  }
  // Publishes, as far as it goes.
  void Tick() {
    if (!node_.log->Tick().ok()) return;
    auto body = node_.log->BuildAddCheckpoint("w");
    for (int attempt = 0; attempt < 2 && body.ok(); ++attempt) {
      const auto reply = AskWitness(*body);
      if (!reply.ok()) return;
      if (reply->status == 200) {
        (void)node_.log->AcceptCosignature("w", reply->body);
        return;
      }
      // An answer of it was lost: once more from the size that it names.
      if (reply->status != 409) return;
      body = node_.log->BuildAddCheckpoint("w", std::stoull(reply->body));
    }
  }
  void Suspend(Said& said) {
    const auto status = node_.log->NoteSafe(ledger::Event("suspend.set")
                                                .Set("peer", "QVA")
                                                .FillAbsent()
                                                .Seal("note", "a note")
                                                .By("administrator.invented"));
    if (status.ok()) ++said.safe;
  }

  // The write path, every part of it: new WAL and segment, single entries,
  // ticks that fill a tile of 256 and replace partial ones, the spool and its
  // replay, a stop.
  Said Work() {
    Said said;
    can_sign_ = true;
    if (!OpenChecked().ok()) return said;
    Commit(said, "work.1", true);
    Commit(said, "work.2", false);
    Tick();
    can_sign_ = false;
    Commit(said, "unsigned", false);  // committed, not acknowledged
    Suspend(said);
    can_sign_ = true;
    Tick();  // resumes
    Commit(said, "work.3", true);
    Suspend(said);
    Tick();
    (void)node_.log->Stop("orderly");
    return said;
  }

  // Steps of a run without a fault.
  std::size_t CountSteps() {
    Restore();
    witness_.record = base_record_;
    disk_.Begin(DiskFault::kNone, 0, 1);
    const Said said = Work();
    node_.Close();
    disk_.End();
    EXPECT_EQ(said.receipts.size(), 3U);
    EXPECT_EQ(said.safe, 2U);
    EXPECT_GT(witness_.record->size, 256U);
    return disk_.steps();
  }

  // What must hold after a fault of a disk that keeps its word.
  void CheckWhole(const Said& said) {
    ASSERT_OK(OpenChecked());
    AuditLog& log = *node_.log;
    for (const Receipt& receipt : said.receipts) {
      ASSERT_OK_AND_ASSIGN(const auto entries, log.Read(receipt.index(), 1));
      EXPECT_EQ(merkle::LeafHash(entries[0].leaf), receipt.leaf_hash());
    }
    CheckActs(said);
    EXPECT_GE(log.Find(AuditLog::Key::kType, "suspend.set", 0, 100)->size(),
              said.safe);
    CheckWitnessed();
    EXPECT_OK(log.SelfCheck());
    // It goes on, and what it shows then verifies.
    EXPECT_OK(log.Commit(JobOf(Refused("afterwards"), RowFor("afterwards"))));
    const std::uint64_t before = witness_.record->size;
    Tick();
    EXPECT_GT(witness_.record->size, before);
    EXPECT_EQ(log.PublishedHead().size, witness_.record->size);
    EXPECT_EQ(node_.Fault(), "");
    EXPECT_OK(node_.store->Check());
    EXPECT_FALSE(signatures_.two_roots());
  }
  // Each act has its entry and each entry its act.
  void CheckActs(const Said& said) {
    ASSERT_OK_AND_ASSIGN(auto reader, node_.store->Read());
    for (const std::string& act : said.acts) {
      ASSERT_OK_AND_ASSIGN(const auto row,
                           reader->Get(store::Table::kHit, AsBytes(act)));
      EXPECT_TRUE(row) << act;
    }
    ASSERT_OK_AND_ASSIGN(const auto rows,
                         reader->Count(store::Table::kHit, {}));
    std::size_t entries = 0;
    for (const char* type : {"screen.refuse", "tagset.drop"}) {
      entries += node_.log->Find(AuditLog::Key::kType, type, 0, 1000)->size();
    }
    EXPECT_EQ(rows, entries);
  }
  // All that the witness saw is a beginning of what is there.
  void CheckWitnessed() {
    const merkle::WitnessRecord& seen = *witness_.record;
    const Head head = node_.log->SignedHead();
    ASSERT_OK_AND_ASSIGN(const auto proof,
                         node_.log->ProveConsistency(seen.size, head.size));
    EXPECT_OK(merkle::VerifyConsistency(seen.size, head.size, seen.root,
                                        head.root, proof));
  }

  // A disk that lied may have lost what was acknowledged. Then the log does not
  // open and says why, before it signed anything new; or nothing is lost that
  // the witness saw. LIMIT: entries since the last cosignature nobody misses.
  void CheckAfterLies() {
    const std::size_t signed_before = signatures_.size();
    const absl::Status opened = OpenChecked();
    if (!opened.ok()) {
      ++refused_;
      EXPECT_FALSE(MessageOf(opened).empty());
      EXPECT_TRUE(absl::IsDataLoss(opened) || absl::IsNotFound(opened) ||
                  absl::IsUnavailable(opened))
          << opened;
      EXPECT_EQ(signatures_.size(), signed_before);
      return;
    }
    CheckWitnessed();
    Tick();
    EXPECT_EQ(node_.Fault(), "");
    EXPECT_OK(node_.log->SelfCheck());
  }

  // `step` from 1.
  void Round(DiskFault fault, std::size_t step) {
    SCOPED_TRACE(
        Join({testing::NameOf(fault), " at step ", std::to_string(step)}));
    Restore();
    witness_.record = base_record_;
    signatures_.Forget();
    disk_.Begin(fault, step, step * 8 + static_cast<std::size_t>(fault));
    const Said said = Work();
    node_.Close();
    const std::string where = disk_.where();
    disk_.End();
    SCOPED_TRACE(where);
    can_sign_ = true;
    if (fault == DiskFault::kLyingSync) {
      CheckAfterLies();
    } else {
      CheckWhole(said);
    }
    node_.Close();
    ++rounds_;
  }

  // `rounds` of one fault, spread over all steps; every step when they suffice.
  void Rounds(DiskFault fault, std::size_t rounds) {
    const std::size_t steps = CountSteps();
    ASSERT_GT(steps, 50U);
    const auto started = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < rounds && !HasFailure(); ++i) {
      Round(fault, 1 + (rounds < steps ? i * steps / rounds : i % steps));
    }
    const std::chrono::duration<double> took =
        std::chrono::steady_clock::now() - started;
    std::printf("%s: %zu rounds over %zu steps in %.1f s, %zu did not open\n",
                std::string(testing::NameOf(fault)).c_str(), rounds_, steps,
                took.count(), refused_);
  }

  MemoryDir memory_;
  const fs::path root_ = memory_.path() / "node";
  const fs::path base_ = memory_.path() / "base";
  FaultDisk disk_{root_};
  TestNode node_{root_.string()};
  MemoryWitness witness_{node_.keys.LogKey()};
  std::optional<merkle::WitnessRecord> base_record_;
  Signatures signatures_;
  std::atomic<bool> can_sign_ = true;
  std::size_t rounds_ = 0;
  std::size_t refused_ = 0;
};

TEST_F(LogDiskTest, AKilledProcess) { Rounds(DiskFault::kKill, 180); }
TEST_F(LogDiskTest, AWriteThatIsTorn) { Rounds(DiskFault::kTornWrite, 120); }
TEST_F(LogDiskTest, APowerCut) { Rounds(DiskFault::kPowerCut, 240); }
TEST_F(LogDiskTest, AWriteThatTakesAPart) {
  Rounds(DiskFault::kShortWrite, 100);
}
TEST_F(LogDiskTest, AnErrorOfTheDisk) { Rounds(DiskFault::kIoError, 150); }
TEST_F(LogDiskTest, AFullDisk) { Rounds(DiskFault::kFull, 110); }
TEST_F(LogDiskTest, ASyncThatLies) { Rounds(DiskFault::kLyingSync, 100); }

// A backup, a snapshot of the machine, a disk put back: whole, and old.
TEST_F(LogDiskTest, AnOldCopyIsFoundBeforeTheFirstAppend) {
  (void)Work();
  node_.Close();
  Restore();
  const std::size_t signed_before = signatures_.size();
  ASSERT_OK(node_.OpenStore());
  const auto leaves = [this] {
    const auto reader = node_.store->Read();
    return *(*reader)->Count(store::Table::kAuditLeaf, {});
  };
  const std::uint64_t before = leaves();
  const absl::Status opened = OpenChecked();
  EXPECT_TRUE(absl::IsDataLoss(opened)) << opened;
  EXPECT_EQ(ReasonOf(opened), "log-rolled-back");
  EXPECT_THAT(MessageOf(opened), ::testing::HasSubstr("w saw"));
  EXPECT_FALSE(NextOf(opened).empty());
  EXPECT_EQ(leaves(), before);
  EXPECT_EQ(signatures_.size(), signed_before);
}

// The same size, another history: two copies that both went on.
TEST_F(LogDiskTest, ASecondHistoryIsFoundBeforeTheFirstAppend) {
  ASSERT_OK(OpenChecked());
  ASSERT_OK(node_.log->Commit(JobOf(Dropped("one"), RowFor("one"))));
  Tick();
  node_.Close();
  const auto seen = witness_.record;
  Restore();
  witness_.record = base_record_;
  ASSERT_OK(OpenChecked());
  ASSERT_OK(node_.log->Commit(JobOf(Dropped("other"), RowFor("other"))));
  Tick();
  node_.Close();
  ASSERT_EQ(witness_.record->size, seen->size);
  ASSERT_NE(witness_.record->root, seen->root);
  witness_.record = seen;
  EXPECT_EQ(ReasonOf(OpenChecked()), "log-rolled-back");
}

TEST_F(LogDiskTest, WithoutTheWitnessNothingIsAppended) {
  Restore();
  ASSERT_OK(node_.OpenStore());
  const absl::Status asked =
      CheckNotRolledBack(LogOptions(), [](std::string_view, std::string_view) {
        return absl::StatusOr<WitnessReply>(
            WithReason(Unavailable("not reached"), "witness-certificate"));
      });
  EXPECT_TRUE(absl::IsUnavailable(asked)) << asked;
  EXPECT_EQ(ReasonOf(asked), "log-unwitnessed");
  EXPECT_THAT(asked.message(), ::testing::HasSubstr(": witness-certificate)"))
      << "the person at the terminal learns why";
  // Somebody else in its place signs nothing that counts, and a witness that
  // knew this log does not forget it.
  MemoryWitness other(node_.keys.LogKey());
  for (const int status : {200, 403, 404, 409, 429, 500}) {
    const absl::Status told = CheckNotRolledBack(
        LogOptions(), [&](std::string_view, std::string_view body) {
          WitnessReply reply = other.Answer(body);
          if (status != 200) reply = {status, "", ""};
          return absl::StatusOr<WitnessReply>(reply);
        });
    EXPECT_EQ(ReasonOf(told), "log-unwitnessed") << status;
  }
}

}  // namespace
}  // namespace entente::audit
