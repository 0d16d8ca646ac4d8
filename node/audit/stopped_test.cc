// Fail closed (6.4): what stops the log, what still works, how it resumes.

#include <atomic>
#include <fstream>

#include "node/audit/testing_log.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/tiny_disk.h"

namespace entente::audit {
namespace {

using testing::HasCode;

ledger::Event Suspended(std::string_view peer) {
  return ledger::Event("suspend.set")
      .Set("peer", peer)
      .FillAbsent()
      .Seal("note", "PLANTED NOTE")
      .By("administrator.invented");
}

class StoppedTest : public LogTest {
 protected:
  void SetUp() override {
    options_ = node_.LogOptions();
    options_.sign = [this](ByteView m) -> absl::StatusOr<primitive::Signature> {
      if (!can_sign_) return Unavailable("the token is gone");
      return node_.keys.log.Sign(m);
    };
    ASSERT_OK(node_.Open(options_));
  }
  std::size_t Starts(std::string_view type) {
    return log().Find(AuditLog::Key::kType, type, 0, 1000)->size();
  }
  std::string Spool() {
    return testing::ReadFile(node_.Dir() + "/audit/spool");
  }
  Options options_;
  std::atomic<bool> can_sign_ = true;
};

TEST_F(StoppedTest, WithoutASignatureThereIsNoReceipt) {
  can_sign_ = false;
  EXPECT_THAT(log().Commit(JobOf(Dropped("x"))),
              HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(log().state(), State::kStopped);
  const auto refused = log().Commit(JobOf(Dropped("y")));
  EXPECT_THAT(refused, HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonOf(refused.status()), "log-unavailable");
  EXPECT_FALSE(log().Tick().ok());  // the cause is still there
  EXPECT_EQ(log().state(), State::kStopped);
  can_sign_ = true;
  ASSERT_OK(log().Tick());
  EXPECT_EQ(log().state(), State::kOpen);
  EXPECT_OK(log().Commit(JobOf(Dropped("z"))));
  ASSERT_OK(log().Tick());
  EXPECT_EQ(node_.Fault(), "");
  EXPECT_GE(Starts("node.fault"), 1U);
}

TEST_F(StoppedTest, SafeEventsWaitInTheSpoolAndFollow) {
  can_sign_ = false;
  EXPECT_FALSE(log().Commit(JobOf(Dropped("x"))).ok());
  ASSERT_OK(log().NoteSafe(Suspended("QVA")));
  ASSERT_OK(log().NoteSafe(Suspended("QTA")));
  EXPECT_EQ(log().counts().spooled, 2U);
  const std::string spool = Spool();
  EXPECT_GT(spool.size(), 1000U);
  EXPECT_EQ(spool.find("PLANTED"), std::string::npos);
  EXPECT_EQ(spool.find("administrator"), std::string::npos);
  EXPECT_EQ(Starts("suspend.set"), 0U);

  can_sign_ = true;
  ASSERT_OK(log().Tick());
  EXPECT_EQ(log().counts().spooled, 0U);
  EXPECT_EQ(Starts("suspend.set"), 2U);
  EXPECT_FALSE(base::FileExists(node_.Dir() + "/audit/spool"));
  ASSERT_OK(log().Tick());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(StoppedTest, TheSpoolSurvivesARestartAndOpensLater) {
  can_sign_ = false;
  EXPECT_FALSE(log().Commit(JobOf(Dropped("x"))).ok());
  ASSERT_OK(log().NoteSafe(Suspended("QVA")));
  can_sign_ = true;
  ASSERT_OK(node_.Open());
  const auto at = *log().Find(AuditLog::Key::kType, "suspend.set", 0, 9);
  ASSERT_EQ(at.size(), 1U);
  // Its segment was never announced before the restart; it is now.
  ASSERT_OK_AND_ASSIGN(const auto logged,
                       log().Commit(JobOf(ledger::Event("log.open")
                                              .Set("first", at[0])
                                              .Set("last", at[0])
                                              .FillAbsent()
                                              .By("dpo.invented"))));
  ASSERT_OK_AND_ASSIGN(const auto slots, log().OpenBody(at[0], logged[0]));
  EXPECT_EQ(slots[2].value, "PLANTED NOTE");
  ASSERT_OK(log().Tick());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(StoppedTest, ASegmentIsAnnouncedOnceThoughTheSpoolNamesItAgain) {
  ASSERT_OK(log().Commit(JobOf(Refused("before"))));
  can_sign_ = false;
  EXPECT_FALSE(log().Commit(JobOf(Dropped("x"))).ok());
  ASSERT_OK(log().NoteSafe(Suspended("QVA")));
  can_sign_ = true;
  ASSERT_OK(node_.Open());
  EXPECT_EQ(Starts("suspend.set"), 1U);
  EXPECT_EQ(Starts("key.segment"), 1U);
  ASSERT_OK(log().SelfCheck());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(StoppedTest, ASafeEventThatIsDurableIsNotSpooledToo) {
  can_sign_ = false;
  ASSERT_OK(log().NoteSafe(Suspended("QVA")));
  EXPECT_EQ(log().state(), State::kStopped);
  EXPECT_EQ(log().counts().spooled, 0U);
  can_sign_ = true;
  ASSERT_OK(node_.Open());
  EXPECT_EQ(Starts("suspend.set"), 1U);
}

TEST_F(StoppedTest, SafeEventsAreCheckedLikeAnyOther) {
  can_sign_ = false;
  EXPECT_FALSE(log().Commit(JobOf(Dropped("x"))).ok());
  EXPECT_THAT(log().NoteSafe(ledger::Event("no.such")),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(log().NoteSafe(ledger::Event("log.close").FillAbsent()),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(log().counts().spooled, 0U);
}

TEST_F(StoppedTest, ASpoolOfAnotherVolumeIsSetAside) {
  can_sign_ = false;
  EXPECT_FALSE(log().Commit(JobOf(Dropped("x"))).ok());
  ASSERT_OK(log().NoteSafe(Suspended("QVA")));
  can_sign_ = true;
  Options next = node_.LogOptions();
  next.origin = "audit.piu.orsena.example/2027b";
  next.volume = "2027b";
  ASSERT_OK(node_.Open(next));
  EXPECT_EQ(Starts("suspend.set"), 0U);
  EXPECT_EQ(Starts("node.fault"), 1U);
  EXPECT_TRUE(base::FileExists(node_.Dir() + "/audit/spool.damaged"));
}

TEST_F(StoppedTest, ASpoolIsReplayedOnce) {
  can_sign_ = false;
  EXPECT_FALSE(log().Commit(JobOf(Dropped("x"))).ok());
  ASSERT_OK(log().NoteSafe(Suspended("QVA")));
  const std::string spool = Spool();
  can_sign_ = true;
  ASSERT_OK(node_.Open());
  EXPECT_EQ(Starts("suspend.set"), 1U);
  // As if the process had died between the commit and the removal.
  node_.log.reset();
  std::ofstream(node_.Dir() + "/audit/spool", std::ios::binary) << spool;
  ASSERT_OK(node_.Open());
  EXPECT_EQ(Starts("suspend.set"), 1U);
}

TEST_F(StoppedTest, ADamagedSpoolGivesWhatIsWholeAndAFault) {
  can_sign_ = false;
  EXPECT_FALSE(log().Commit(JobOf(Dropped("x"))).ok());
  ASSERT_OK(log().NoteSafe(Suspended("QVA")));
  const std::size_t first = Spool().size();
  ASSERT_OK(log().NoteSafe(Suspended("QTA")));
  const std::string good = Spool();
  can_sign_ = true;
  node_.log.reset();
  std::string bad = good;
  bad[first + 40] = static_cast<char>(bad[first + 40] ^ 1);
  std::ofstream(node_.Dir() + "/audit/spool", std::ios::binary) << bad;
  ASSERT_OK(node_.Open());
  EXPECT_EQ(Starts("suspend.set"), 1U);
  EXPECT_TRUE(base::FileExists(node_.Dir() + "/audit/spool.damaged"));
  EXPECT_FALSE(base::FileExists(node_.Dir() + "/audit/spool"));
  const auto faults = *log().Find(AuditLog::Key::kType, "node.fault", 0, 99);
  ASSERT_FALSE(faults.empty());
  EXPECT_EQ(Leaves()[faults.back()].Text("code"), "spool-damaged");
}

TEST_F(StoppedTest, TooLittleFreeDiskStopsAndFreeDiskResumes) {
  options_.disk_floor_bytes = 0;
  ASSERT_OK(node_.Open(options_));
  // The floor rises above what there is: the same as a disk that fills.
  options_.disk_floor_bytes = std::uint64_t{1} << 62U;
  const absl::Status opened = node_.Open(options_);
  EXPECT_THAT(opened, HasCode(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(ReasonOf(opened), "log-unavailable");
  options_.disk_floor_bytes = 1;
  ASSERT_OK(node_.Open(options_));
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(StoppedTest, ANewVolumeOnAFullDiskIsNotBegun) {
  Options next = node_.LogOptions();
  next.origin = "audit.piu.orsena.example/2027b";
  next.volume = "2027b";
  next.disk_floor_bytes = std::uint64_t{1} << 62U;
  EXPECT_THAT(node_.Open(next), HasCode(absl::StatusCode::kResourceExhausted));
  next.disk_floor_bytes = 1;
  ASSERT_OK(node_.Open(next));
  EXPECT_THAT(RealTypes(), ::testing::ElementsAre("log.genesis", "node.start"));
}

TEST_F(StoppedTest, ALastingCauseIsNotedOnce) {
  can_sign_ = false;
  EXPECT_FALSE(log().Commit(JobOf(Dropped("x"))).ok());
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(log().Tick().ok());
  can_sign_ = true;
  ASSERT_OK(log().Tick());
  EXPECT_EQ(Starts("node.fault"), 2U);  // stopped, resumed
}

TEST_F(StoppedTest, AClockThatRunsBackStopsUntilItIsRight) {
  node_.clock.Advance(1000);
  ASSERT_OK(log().Commit(JobOf(Dropped("x"))));
  node_.clock.Step(-30);  // less than a minute: time stands still
  ASSERT_OK(log().Commit(JobOf(Dropped("y"))));
  node_.clock.Step(-100);
  EXPECT_THAT(log().Commit(JobOf(Dropped("z"))),
              HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(log().state(), State::kStopped);
  EXPECT_FALSE(log().Tick().ok());
  node_.clock.Step(130);
  ASSERT_OK(log().Tick());
  EXPECT_EQ(log().state(), State::kOpen);
  std::int64_t last = 0;
  for (const ledger::Leaf& leaf : Leaves()) {
    EXPECT_GE(leaf.time, last);
    last = leaf.time;
  }
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(StoppedTest, ASteppedClockIsLogged) {
  ASSERT_OK(log().Tick());
  EXPECT_EQ(Starts("clock.step"), 0U);
  node_.clock.Advance(100);
  ASSERT_OK(log().Tick());
  EXPECT_EQ(Starts("clock.step"), 0U);
  node_.clock.Step(5);
  ASSERT_OK(log().Tick());
  ASSERT_EQ(Starts("clock.step"), 1U);
  const auto at = *log().Find(AuditLog::Key::kType, "clock.step", 0, 9);
  const ledger::Leaf leaf = Leaves()[at[0]];
  EXPECT_EQ(leaf.Number("now") - leaf.Number("was"), 5);
}

class SlowStore final : public store::Store {
 public:
  SlowStore(store::Store& inner, testing::FakeClock& clock)
      : inner_(inner), clock_(clock) {}
  absl::StatusOr<std::unique_ptr<store::Reader>> Read() override {
    return inner_.Read();
  }
  absl::Status Commit(
      const std::function<absl::Status(store::Writer&)>& changes) override {
    clock_.Advance(delay);
    if (fail) return Unavailable("the disk failed");
    return inner_.Commit(changes);
  }
  void Tidy() override { inner_.Tidy(); }
  absl::Status Scrub() override { return inner_.Scrub(); }
  absl::Status Check() override { return inner_.Check(); }
  std::atomic<int> delay = 0;
  std::atomic<bool> fail = false;

 private:
  store::Store& inner_;
  testing::FakeClock& clock_;
};

TEST_F(StoppedTest, ASlowCommitIsGoodAndStopsTheLog) {
  node_.log.reset();
  SlowStore slow(*node_.store, node_.clock);
  options_.store = &slow;
  ASSERT_OK_AND_ASSIGN(auto log, AuditLog::Open(options_));
  slow.delay = 6;
  EXPECT_OK(log->Commit(JobOf(Dropped("x"))));
  EXPECT_EQ(log->state(), State::kStopped);
  slow.delay = 0;
  EXPECT_FALSE(log->Commit(JobOf(Dropped("y"))).ok());
  EXPECT_OK(log->Tick());
  EXPECT_OK(log->Commit(JobOf(Dropped("z"))));
}

// The log notes why it stops in an entry of its own, and may fail to sign that.
TEST_F(StoppedTest, TheReceiptOfASlowCommitNamesAHeadThatWasSigned) {
  node_.log.reset();
  SlowStore slow(*node_.store, node_.clock);
  options_.store = &slow;
  std::atomic<int> left = 1'000;
  options_.sign = [&](ByteView m) -> absl::StatusOr<primitive::Signature> {
    if (left-- <= 0) return Unavailable("the token is gone");
    return node_.keys.log.Sign(m);
  };
  ASSERT_OK_AND_ASSIGN(auto log, AuditLog::Open(options_));
  slow.delay = 6;
  left = 1;
  ASSERT_OK_AND_ASSIGN(const auto receipts, log->Commit(JobOf(Dropped("x"))));
  EXPECT_EQ(log->state(), State::kStopped);
  EXPECT_EQ(receipts[0].size(), log->SignedHead().size);
  EXPECT_EQ(receipts[0].root(), log->SignedHead().root);
}

TEST_F(StoppedTest, AFailingStoreStopsTheLogAndLeavesItWhole) {
  node_.log.reset();
  SlowStore store(*node_.store, node_.clock);
  options_.store = &store;
  ASSERT_OK_AND_ASSIGN(auto log, AuditLog::Open(options_));
  const std::uint64_t size = log->counts().size;
  store.fail = true;
  EXPECT_THAT(log->Commit(JobOf(Dropped("x"))),
              HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(log->state(), State::kStopped);
  ASSERT_OK(log->NoteSafe(Suspended("QVA")));
  store.fail = false;
  ASSERT_OK(log->Tick());
  EXPECT_EQ(log->Find(AuditLog::Key::kType, "tagset.drop", 0, 9)->size(), 0U);
  EXPECT_EQ(log->Find(AuditLog::Key::kType, "suspend.set", 0, 9)->size(), 1U);
  EXPECT_GT(log->counts().size, size);
  EXPECT_EQ(node_.Fault(), "");
}

TEST(LogDiskFullTest, AFullDiskStopsTheLogWithItsLastWords) {
  const testing::TinyDisk dir("8m");
  ASSERT_TRUE(dir.mounted()) << "run as root: a tmpfs is mounted";
  base::SetLogOutput([](std::string_view) {});
  {
    TestNode node(dir.Path(""));
    Options options = node.LogOptions();
    options.reserve_bytes = 1U << 20U;
    ASSERT_OK(node.OpenStore());
    ASSERT_OK(node.Open(options));
    absl::Status status;
    std::uint64_t kept = 0;
    for (int i = 0; i < 1000 && status.ok(); ++i) {
      const auto receipts = node.log->Commit(JobOf(
          Dropped("x"), [i](store::Writer& writer, std::span<const Staged>) {
            return writer.Put(store::Table::kHit,
                              AsBytes("k" + std::to_string(i)),
                              Bytes(100'000, 'v'));
          }));
      status = receipts.status();
      if (receipts.ok()) ++kept;
    }
    EXPECT_THAT(status, HasCode(absl::StatusCode::kResourceExhausted));
    EXPECT_EQ(node.log->state(), State::kStopped);
    EXPECT_GT(kept, 5U);
    const auto find = [&](std::string_view type) {
      return node.log->Find(AuditLog::Key::kType, type, 0, 2000)->size();
    };
    EXPECT_EQ(find("tagset.drop"), kept);
    EXPECT_EQ(find("node.fault"), 1U);
    ASSERT_OK(node.log->NoteSafe(Suspended("QVA")));
    // Somebody makes room.
    // In small steps: what is deleted is overwritten, and that needs room too.
    for (int i = 0; i < 40; ++i) {
      ASSERT_OK(node.store->Write([i](store::Writer& writer) {
        return writer.Delete(store::Table::kHit,
                             AsBytes("k" + std::to_string(i)));
      }));
    }
    ASSERT_OK(node.store->Scrub());
    ASSERT_OK(node.log->Tick());
    EXPECT_EQ(node.log->state(), State::kOpen);
    EXPECT_EQ(find("suspend.set"), 1U);
    EXPECT_OK(node.log->Commit(JobOf(Dropped("y"))));
    ASSERT_OK(node.log->Tick());
    EXPECT_EQ(node.Fault(), "");
  }
  base::SetLogOutput({});
}

}  // namespace
}  // namespace entente::audit
