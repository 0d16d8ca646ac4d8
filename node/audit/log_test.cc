#include "node/audit/log.h"

#include <atomic>
#include <latch>
#include <map>
#include <set>
#include <thread>

#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/proof.h"
#include "crypto/merkle/proof_file.h"
#include "crypto/merkle/tree.h"
#include "node/audit/testing_log.h"
#include "node/ledger/body.h"
#include "tests/testing/shared_data.h"

namespace entente::audit {
namespace {

using ::testing::ElementsAre;
using testing::HasCode;
using ::testing::HasSubstr;

static_assert(!std::is_default_constructible_v<Receipt>);
static_assert(std::is_copy_constructible_v<Receipt>);
static_assert(!std::is_constructible_v<Receipt, Staged>);

TEST_F(LogTest, ALeafIsFoundByItsHashAtOnceAndAfterTickAndRestart) {
  std::vector<Receipt> made;
  const auto add = [&](int n) {
    for (int i = 0; i < n; ++i) {
      const auto receipts = log().Commit(JobOf(Refused("x")));
      ASSERT_OK(receipts);
      made.push_back(receipts->front());
    }
  };
  const auto rows = [&] {
    const auto reader = node_.store->Read();
    return *(*reader)->Count(
        store::Table::kAuditSubject,
        Concat({AsBytes("2027a"), ByteArray<1>{0}, AsBytes("L")}));
  };
  const auto all_found = [&] {
    for (const Receipt& receipt : made) {
      const auto index = log().FindLeaf(receipt.leaf_hash());
      ASSERT_OK(index);
      ASSERT_EQ(*index, receipt.index());
    }
  };
  add(140);
  all_found();
  EXPECT_EQ(rows(), 0U);
  ASSERT_OK(node_.Open());  // nothing of the index was in the store
  all_found();
  ASSERT_OK(log().Tick());
  EXPECT_EQ(rows(), 140U);
  all_found();
  add(3);
  ASSERT_OK(node_.Open());
  add(2);
  all_found();
  ASSERT_OK(log().Tick());
  EXPECT_EQ(rows(), 145U);
  all_found();
  // An entry that no peer knows is in no index.
  ASSERT_OK_AND_ASSIGN(
      const auto own,
      log().Commit(JobOf(ledger::Event("login.ok").FillAbsent().By("x"))));
  ASSERT_OK(log().Tick());
  EXPECT_THAT(log().FindLeaf(own.front().leaf_hash()),
              HasCode(absl::StatusCode::kNotFound));
}

TEST_F(LogTest, ANewVolumeStartsWithGenesisAndStart) {
  EXPECT_THAT(RealTypes(), ElementsAre("log.genesis", "node.start"));
  const std::vector<ledger::Leaf> leaves = Leaves();
  EXPECT_EQ(leaves.size(), 64U);
  EXPECT_EQ(leaves[0].Text("volume"), "2027a");
  EXPECT_EQ(leaves[0].Text("catalogue"), ToHex(ledger::CatalogueHash()));
  EXPECT_EQ(leaves[0].Text("prev_origin"), "-");
  EXPECT_EQ(leaves[1].Number("clean"), 1);
  EXPECT_EQ(log().state(), State::kOpen);
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(LogTest, AReceiptProvesWhereTheEventIs) {
  ASSERT_OK_AND_ASSIGN(const auto receipts,
                       log().Commit(JobOf(Refused("because"))));
  ASSERT_EQ(receipts.size(), 1U);
  const Receipt& receipt = receipts[0];
  EXPECT_EQ(receipt.origin(), kOrigin);
  EXPECT_FALSE(receipt.act().has_value());
  EXPECT_GT(receipt.size(), receipt.index());
  ASSERT_OK_AND_ASSIGN(const auto entries, log().Read(receipt.index(), 1));
  EXPECT_EQ(merkle::LeafHash(entries[0].leaf), receipt.leaf_hash());

  // The head that the receipt names is signed, and the leaf is under it.
  const Head head = log().SignedHead();
  EXPECT_EQ(head.size, receipt.size());
  EXPECT_EQ(head.root, receipt.root());
  const merkle::VerifierKey key = node_.keys.LogKey();
  ASSERT_OK(merkle::OpenNote(head.note, {&key, 1}));

  ASSERT_OK(log().Tick());
  ASSERT_OK_AND_ASSIGN(const std::string proof,
                       log().ProveInclusion(receipt.index()));
  ASSERT_OK_AND_ASSIGN(
      const merkle::TrustPolicy policy,
      merkle::TrustPolicy::Parse("log " + key.Text() + "\nquorum none\n"));
  EXPECT_OK(merkle::VerifyProofFile(proof, entries[0].leaf, policy));
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(LogTest, RefusesWhatTheCatalogueDoesNotHave) {
  const std::uint64_t before = log().counts().size;
  EXPECT_THAT(log().Commit(JobOf(ledger::Event("no.such"))),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(log().Commit(JobOf(ledger::Event("tagset.drop"))),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(log().Commit({}), HasCode(absl::StatusCode::kInvalidArgument));
  for (const char* own : {"pad", "log.genesis", "key.segment", "node.start"}) {
    EXPECT_THAT(log().Commit(JobOf(ledger::Event(own).FillAbsent())),
                HasCode(absl::StatusCode::kInvalidArgument))
        << own;
  }
  EXPECT_EQ(log().counts().size, before);
}

ledger::Event Opened() {
  return ledger::Event("screen.open").FillAbsent().Seal("case", "C-1");
}

TEST_F(LogTest, ScreeningsAndTagSetsNeedTheirGuard) {
  EXPECT_THAT(log().Commit(JobOf(Opened())),
              HasCode(absl::StatusCode::kInvalidArgument));
  Job wrong = JobOf(Opened());
  wrong.events.push_back(ledger::MakeGuard("tagset", {}));
  EXPECT_FALSE(log().Commit(wrong).ok());
  EXPECT_FALSE(log().Commit(JobOf(ledger::MakeGuard("screen", {}))).ok());

  Job right = JobOf(Opened());
  right.events.push_back(ledger::MakeGuard("screen", {}));
  right.events.push_back(Dropped("after"));
  ASSERT_OK_AND_ASSIGN(const auto receipts, log().Commit(right));
  ASSERT_EQ(receipts.size(), 3U);
  EXPECT_EQ(receipts[1].index(), receipts[0].index() + 1);
  EXPECT_OK(log().Commit(JobOf(ledger::MakeGuard("set", {}))));
  ASSERT_OK(log().Tick());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(LogTest, ChangesRunInTheSameTransaction) {
  std::vector<Staged> seen;
  const auto changes = [&seen](store::Writer& writer,
                               std::span<const Staged> staged) {
    seen.assign(staged.begin(), staged.end());
    return writer.Put(store::Table::kHit, AsBytes("hit"), AsBytes("row"));
  };
  ASSERT_OK_AND_ASSIGN(const auto receipts,
                       log().Commit(JobOf(Dropped("x"), changes)));
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].index, receipts[0].index());
  EXPECT_EQ(seen[0].leaf_hash, receipts[0].leaf_hash());
  ASSERT_OK_AND_ASSIGN(auto reader, node_.store->Read());
  EXPECT_EQ(*reader->Count(store::Table::kHit, {}), 1U);
}

TEST_F(LogTest, FailingChangesLeaveNoLeafAndNoRow) {
  const std::vector<std::string> before = Types();
  Job job;
  job.events = {Refused("a"), Dropped("b")};
  job.changes = [](store::Writer& writer, std::span<const Staged>) {
    TRY_OK(writer.Put(store::Table::kHit, AsBytes("hit"), AsBytes("row")));
    return WithReason(Denied("no"), "some-reason");
  };
  const auto result = log().Commit(std::move(job));
  EXPECT_THAT(result, HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(ReasonOf(result.status()), "some-reason");
  // The segment key's announcement is the log's own and may stay.
  const std::vector<std::string> after = Types();
  for (std::size_t i = before.size(); i < after.size(); ++i) {
    EXPECT_EQ(after[i], "key.segment");
  }
  {
    ASSERT_OK_AND_ASSIGN(auto reader, node_.store->Read());
    EXPECT_EQ(*reader->Count(store::Table::kHit, {}), 0U);
    EXPECT_EQ(*reader->Count(store::Table::kAuditBody, {}), 0U);
    EXPECT_EQ(*reader->Count(store::Table::kAuditActor, {}), 0U);
  }
  EXPECT_EQ(log().state(), State::kOpen);
  ASSERT_OK(log().Commit(JobOf(Dropped("c"))));
  ASSERT_OK(log().Tick());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(LogTest, TicksPadToWholeSteps) {
  EXPECT_EQ(log().PublishedHead().size, 64U);
  ASSERT_OK(log().Tick());
  EXPECT_EQ(log().PublishedHead().size, 128U);  // idle, too
  for (int i = 0; i < 64; ++i) ASSERT_OK(log().Commit(JobOf(Dropped("x"))));
  ASSERT_OK(log().Tick());
  EXPECT_EQ(log().PublishedHead().size, 192U);  // full already: no pad
  ASSERT_OK(log().Commit(JobOf(Dropped("x"))));
  EXPECT_EQ(log().PublishedHead().size, 192U);
  ASSERT_OK_AND_ASSIGN(const Head head, log().Tick());
  EXPECT_EQ(head.size, 256U);
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(LogTest, TheFolderVerifiesAcrossTileBoundaries) {
  for (int round = 0; round < 12; ++round) {
    for (int i = 0; i < 70; ++i) {
      ASSERT_OK(log().Commit(JobOf(Dropped("r" + std::to_string(i)))));
    }
    ASSERT_OK(log().Tick());
    ASSERT_EQ(node_.Fault(), "") << round;
  }
  EXPECT_GT(log().PublishedHead().size, 1024U);
  ASSERT_OK(node_.Open());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(LogTest, SixteenThreadsGetTheirOwnPlaces) {
  constexpr int kThreads = 16;
  constexpr int kEach = 20;
  struct Got {
    std::vector<Receipt> receipts;
    std::string reason;
  };
  std::vector<std::vector<Got>> got(kThreads);
  std::latch start(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        start.arrive_and_wait();
        for (int i = 0; i < kEach; ++i) {
          const std::string reason =
              "t" + std::to_string(t) + "." + std::to_string(i);
          Job job;
          job.events = {Dropped(reason), Refused(reason), Dropped(reason)};
          const auto receipts = log().Commit(std::move(job));
          if (!receipts.ok()) return;
          got[static_cast<std::size_t>(t)].push_back({*receipts, reason});
        }
      });
    }
  }
  const std::vector<ledger::Leaf> leaves = Leaves();
  std::set<Id16> ids;
  std::int64_t last = 0;
  for (const ledger::Leaf& leaf : leaves) {
    EXPECT_TRUE(ids.insert(leaf.id).second);
    EXPECT_GE(leaf.time, last);
    last = leaf.time;
  }
  std::set<std::uint64_t> places;
  for (const std::vector<Got>& thread : got) {
    ASSERT_EQ(thread.size(), static_cast<std::size_t>(kEach));
    std::uint64_t before = 0;
    for (const Got& one : thread) {
      ASSERT_EQ(one.receipts.size(), 3U);
      const std::uint64_t first = one.receipts[0].index();
      EXPECT_GT(first, before);  // a caller's jobs keep their order
      before = first;
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(one.receipts[i].index(), first + i);  // together, in order
        EXPECT_TRUE(places.insert(first + i).second);
        EXPECT_GT(one.receipts[i].size(), first + i);
      }
      EXPECT_EQ(leaves[first].Text("reason"), one.reason);
      EXPECT_EQ(leaves[first + 1].type->name, "screen.refuse");
      EXPECT_EQ(leaves[first + 2].Text("reason"), one.reason);
    }
  }
  // Fewer transactions than jobs: they were grouped.
  const Counts counts = log().counts();
  EXPECT_LT(counts.batches, static_cast<std::uint64_t>(kThreads * kEach));
  ASSERT_OK(log().Tick());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(LogTest, OpensBodiesOnlyAfterTheOpeningIsLogged) {
  ASSERT_OK_AND_ASSIGN(const auto receipts,
                       log().Commit(JobOf(Refused("a sealed reason"))));
  const std::uint64_t index = receipts[0].index();
  // A receipt of something else does not open.
  EXPECT_THAT(log().OpenBody(index, receipts[0]),
              HasCode(absl::StatusCode::kPermissionDenied));
  const auto opening = [&](std::uint64_t first, std::uint64_t last) {
    return ledger::Event("log.open")
        .Set("first", first)
        .Set("last", last)
        .Set("n", 1)
        .Set("why", "check")
        .Seal("case", "C-7")
        .By("dpo.invented");
  };
  ASSERT_OK_AND_ASSIGN(const auto other,
                       log().Commit(JobOf(opening(index + 1, index + 1))));
  EXPECT_THAT(log().OpenBody(index, other[0]),
              HasCode(absl::StatusCode::kPermissionDenied));
  ASSERT_OK_AND_ASSIGN(const auto logged,
                       log().Commit(JobOf(opening(index, index))));
  ASSERT_OK_AND_ASSIGN(const auto slots, log().OpenBody(index, logged[0]));
  std::map<std::string, std::string> fields;
  for (const ledger::Slot& slot : slots) fields[slot.name] = slot.value;
  EXPECT_EQ(fields["type"], "screen.refuse");
  EXPECT_EQ(fields["actor"], "officer.invented");
  EXPECT_EQ(fields["reasons"], "a sealed reason");
}

TEST_F(LogTest, GuardsAreSealedToTheOfficerOnly) {
  Job job = JobOf(Opened());
  job.events.push_back(
      ledger::MakeGuard("screen", {"withheld", 2, "ref-1", "S9", ""}));
  job.events.push_back(ledger::Event("log.open")
                           .Set("first", 0)
                           .Set("last", 1000)
                           .FillAbsent()
                           .By("dpo.invented"));
  ASSERT_OK_AND_ASSIGN(const auto receipts, log().Commit(std::move(job)));
  EXPECT_THAT(log().OpenBody(receipts[1].index(), receipts[2]),
              HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_OK(log().OpenBody(receipts[0].index(), receipts[2]));
  // No body at all.
  EXPECT_THAT(log().OpenBody(0, receipts[2]),
              HasCode(absl::StatusCode::kNotFound));
}

TEST_F(LogTest, FindsByTypeBatchHitActorSubjectAndLeafHash) {
  const Id16 hit = {9, 9};
  const Id16 tag = {7};
  Job job;
  job.events = {Refused("x"), ledger::Event("hit.find")
                                  .Set("batch", Id16{1, 2, 3})
                                  .Set("hit", hit)
                                  .FillAbsent()
                                  .By("officer.invented")};
  job.subjects = {{1, tag}};
  ASSERT_OK_AND_ASSIGN(const auto first, log().Commit(job));
  ASSERT_OK_AND_ASSIGN(const auto second, log().Commit(job));
  using Key = AuditLog::Key;
  const std::uint64_t a = first[0].index();
  const std::uint64_t b = second[0].index();
  const auto found = [&] {
    EXPECT_THAT(*log().Find(Key::kType, "screen.refuse", 0, 9),
                ElementsAre(a, b));
    EXPECT_THAT(*log().Find(Key::kType, "screen.refuse", a + 1, 9),
                ElementsAre(b));
    EXPECT_THAT(*log().Find(Key::kType, "screen", 0, 9), ElementsAre());
    EXPECT_THAT(*log().Find(Key::kType, "pad", 0, 9), ElementsAre());
    EXPECT_THAT(*log().Find(Key::kBatch, ToHex(Id16{1, 2, 3}), 0, 9),
                ElementsAre(a, a + 1, b, b + 1));
    EXPECT_THAT(*log().Find(Key::kBatch, ToHex(hit), 0, 9), ElementsAre());
    EXPECT_THAT(*log().Find(Key::kHit, ToHex(hit), 0, 1), ElementsAre(a + 1));
    EXPECT_THAT(*log().Find(Key::kSubject, ToHex(tag), 0, 9),
                ElementsAre(a + 1, b + 1));
    EXPECT_EQ(*log().FindLeaf(second[1].leaf_hash()), b + 1);
    EXPECT_THAT(log().FindLeaf(Hash{}), HasCode(absl::StatusCode::kNotFound));
  };
  found();                  // in memory
  ASSERT_OK(node_.Open());  // read from the leaves again
  found();
  ASSERT_OK(log().Tick());  // in the store
  found();
  ASSERT_OK(node_.Open());
  found();

  ASSERT_OK_AND_ASSIGN(const auto entries, log().Read(a, 1));
  ASSERT_OK_AND_ASSIGN(const auto leaf, ledger::ParseLeaf(entries[0].leaf));
  ASSERT_TRUE(leaf.actor.has_value());
  const std::string actor = ToHex(*leaf.actor);
  EXPECT_EQ(*log().UserOf(actor), "officer.invented");
  EXPECT_THAT(*log().Find(Key::kActor, actor, 0, 9),
              ElementsAre(a, a + 1, b, b + 1));
  EXPECT_THAT(log().UserOf(ToHex(Id16{})),
              HasCode(absl::StatusCode::kNotFound));
}

TEST_F(LogTest, FindsAcrossWhatIsIndexedAndWhatIsNot) {
  using Key = AuditLog::Key;
  std::vector<std::uint64_t> made;
  const auto add = [&](int n) {
    for (int i = 0; i < n; ++i) {
      ASSERT_OK_AND_ASSIGN(const auto r, log().Commit(JobOf(Refused("x"))));
      made.push_back(r.front().index());
    }
  };
  add(3);
  ASSERT_OK(log().Tick());
  add(3);
  const auto find = [&](std::uint64_t from, std::size_t limit) {
    return *log().Find(Key::kType, "screen.refuse", from, limit);
  };
  EXPECT_EQ(find(0, 99), made);
  EXPECT_THAT(find(0, 0), ElementsAre());
  for (std::size_t from = 0; from < made.size(); ++from) {
    for (std::size_t limit = 1; limit <= made.size(); ++limit) {
      const auto begin = made.begin() + static_cast<std::ptrdiff_t>(from);
      const auto n =
          static_cast<std::ptrdiff_t>(std::min(limit, made.size() - from));
      EXPECT_EQ(find(made[from], limit),
                std::vector<std::uint64_t>(begin, begin + n));
    }
  }
}

// A job that fails inside a batch takes back what it staged, and only that.
TEST_F(LogTest, AFailedJobLeavesNothingToFind) {
  using Key = AuditLog::Key;
  Job bad = JobOf(Refused("x"));
  bad.events.push_back(Refused("y"));
  bad.changes = [](store::Writer&, std::span<const Staged>) {
    return absl::InvalidArgumentError("no");
  };
  EXPECT_THAT(log().Commit(bad), HasCode(absl::StatusCode::kInvalidArgument));
  ASSERT_OK_AND_ASSIGN(const auto good, log().Commit(JobOf(Refused("z"))));
  EXPECT_THAT(*log().Find(Key::kType, "screen.refuse", 0, 9),
              ElementsAre(good.front().index()));
  EXPECT_EQ(*log().FindLeaf(good.front().leaf_hash()), good.front().index());
}

// Jobs of many callers end in one transaction: each has its own fate.
TEST_F(LogTest, AmongManyOnlyTheFailingJobsLeaveNoTrace) {
  constexpr int kThreads = 12;
  constexpr int kEach = 25;
  std::atomic<int> wrong = 0;
  std::latch start(kThreads);
  const auto key_of = [](int t, int i) {
    return Bytes{1, static_cast<std::uint8_t>(t), static_cast<std::uint8_t>(i)};
  };
  const auto one = [&](int t, int i) {
    Job job = JobOf(Refused(std::to_string(t)));
    const bool fails = t % 3 == 0;
    if (t % 3 != 1) {
      job.changes = [&, t, i, fails](store::Writer& writer,
                                     std::span<const Staged>) -> absl::Status {
        TRY_OK(writer.Put(store::Table::kTask, key_of(t, i), {}));
        return fails ? Invalid("no") : absl::OkStatus();
      };
    }
    return log().Commit(std::move(job)).ok() != fails;
  };
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        start.arrive_and_wait();
        for (int i = 0; i < kEach; ++i) wrong += one(t, i) ? 0 : 1;
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(
      log().Find(AuditLog::Key::kType, "screen.refuse", 0, 10'000)->size(),
      std::size_t{kThreads / 3 * 2 * kEach});
  ASSERT_OK_AND_ASSIGN(const auto reader, node_.store->Read());
  for (int t = 0; t < kThreads; ++t) {
    ASSERT_OK_AND_ASSIGN(const auto row,
                         reader->Get(store::Table::kTask, key_of(t, 0)));
    EXPECT_EQ(row.has_value(), t % 3 == 2);
  }
  ASSERT_OK(log().Tick());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(LogTest, RefusesSubjectsOfEventsThatAreNotThere) {
  Job job = JobOf(Dropped("x"));
  job.subjects = {{1, Id16{}}};
  EXPECT_THAT(log().Commit(job), HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(LogTest, ASegmentIsAnnouncedBeforeItsFirstBody) {
  ASSERT_OK(log().Commit(JobOf(Refused("one"))));
  ASSERT_OK(log().Commit(JobOf(Refused("two"))));
  EXPECT_THAT(RealTypes(),
              ElementsAre("log.genesis", "node.start", "key.segment",
                          "screen.refuse", "screen.refuse"));
  node_.clock.Advance(3600);
  ASSERT_OK(log().Commit(JobOf(Refused("three"))));
  const auto types = RealTypes();
  EXPECT_EQ(types[types.size() - 2], "key.segment");
  const auto leaves = Leaves();
  EXPECT_EQ(leaves[leaves.size() - 2].Number("segment"), 1);
  ASSERT_OK(log().Tick());
  EXPECT_EQ(node_.Fault(), "");
}

TEST_F(LogTest, ProvesConsistencyBeyondWhatIsPublished) {
  struct Seen {
    std::uint64_t size;
    Hash root;
  };
  std::vector<Seen> seen;
  for (int i = 0; i < 150; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto r, log().Commit(JobOf(Dropped("x"))));
    seen.push_back({r[0].size(), r[0].root()});
    if (i == 80) {
      ASSERT_OK(log().Tick());
    }
  }
  for (std::size_t i = 0; i < seen.size(); i += 13) {
    for (std::size_t j = i; j < seen.size(); j += 17) {
      ASSERT_OK_AND_ASSIGN(const auto proof,
                           log().ProveConsistency(seen[i].size, seen[j].size));
      EXPECT_OK(merkle::VerifyConsistency(seen[i].size, seen[j].size,
                                          seen[i].root, seen[j].root, proof));
    }
  }
  EXPECT_THAT(log().ProveConsistency(1, 1'000'000),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(log().ProveInclusion(log().counts().published),
              HasCode(absl::StatusCode::kNotFound));
}

TEST_F(LogTest, SafeEventsAreAppendedWhenOpen) {
  ASSERT_OK(log().NoteSafe(ledger::Event("suspend.set")
                               .Set("peer", "QVA")
                               .FillAbsent()
                               .Seal("note", "stop")));
  EXPECT_EQ(RealTypes().back(), "suspend.set");
  EXPECT_EQ(log().counts().spooled, 0U);
}

TEST_F(LogTest, AStopIsOrderlyAndSaysSoAtTheNextStart) {
  ASSERT_OK(log().Commit(JobOf(Dropped("x"))));
  ASSERT_OK(log().Stop("asked"));
  EXPECT_EQ(log().state(), State::kChecking);
  EXPECT_THAT(log().Commit(JobOf(Dropped("y"))),
              HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(node_.Fault(), "");
  ASSERT_OK(node_.Open());
  const auto leaves = Leaves();
  const auto starts = *log().Find(AuditLog::Key::kType, "node.start", 0, 9);
  ASSERT_EQ(starts.size(), 2U);
  EXPECT_EQ(leaves[starts[1]].Number("clean"), 1);
  // Without a stop the next start says so.
  ASSERT_OK(node_.Open());
  const auto again = *log().Find(AuditLog::Key::kType, "node.start", 0, 9);
  ASSERT_EQ(again.size(), 3U);
  EXPECT_EQ(Leaves()[again[2]].Number("clean"), 0);
}

TEST_F(LogTest, AClosedVolumeTakesNothingMoreButReads) {
  ASSERT_OK(log().Commit(JobOf(Refused("x"))));
  ASSERT_OK(log().CloseVolume("audit.piu.orsena.example/2027b", "year-end"));
  EXPECT_EQ(log().state(), State::kClosed);
  EXPECT_EQ(RealTypes().back(), "log.close");
  EXPECT_EQ(node_.Fault(), "");
  const Head last = log().PublishedHead();
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(log().Commit(JobOf(Dropped("y"))),
                HasCode(absl::StatusCode::kFailedPrecondition));
    EXPECT_FALSE(log().Tick().ok());
    EXPECT_OK(log().Read(0, 5));
    ASSERT_OK(node_.Open());
    EXPECT_EQ(log().state(), State::kClosed);
    EXPECT_EQ(log().PublishedHead().root, last.root);
  }
}

TEST_F(LogTest, TheNextVolumeNamesTheLastCheckpoint) {
  ASSERT_OK(log().CloseVolume("audit.piu.orsena.example/2027b", "year-end"));
  const Head last = log().PublishedHead();
  Options options = node_.LogOptions();
  options.origin = "audit.piu.orsena.example/2027b";
  options.volume = "2027b";
  options.reason = "year-end";
  options.previous = Options::Previous{kOrigin, last.size, last.root};
  ASSERT_OK(node_.Open(options));
  const auto leaves = Leaves();
  EXPECT_EQ(leaves[0].Text("prev_origin"), kOrigin);
  EXPECT_EQ(leaves[0].Text("prev_root"), ToHex(last.root));
  EXPECT_EQ(leaves[0].Number("prev_size"),
            static_cast<std::int64_t>(last.size));
}

TEST_F(LogTest, HoldsNoPersonalTextInAnyFile) {
  ASSERT_OK(log().Commit(JobOf(Refused("PLANTED INVENTED NAME"))));
  ASSERT_OK(log().Tick());
  ASSERT_OK(node_.store->Scrub());
  ASSERT_OK_AND_ASSIGN(const auto files, base::ListFiles(node_.Dir()));
  ASSERT_GT(files.size(), 4U);
  for (const std::string& file : files) {
    const std::string bytes = testing::ReadFile(node_.Dir() + "/" + file);
    EXPECT_EQ(bytes.find("PLANTED"), std::string::npos) << file;
    EXPECT_EQ(bytes.find("officer.invented"), std::string::npos) << file;
  }
}

TEST(LogOptionsTest, RefusesMissingAndMalformedOptions) {
  base::SetLogOutput([](std::string_view) {});
  const testing::TempDir dir;
  TestNode node(dir.Path(""));
  ASSERT_OK(node.OpenStore());
  const auto refused = [&](const std::function<void(Options&)>& change) {
    Options options = node.LogOptions();
    change(options);
    return absl::IsInvalidArgument(AuditLog::Open(std::move(options)).status());
  };
  EXPECT_TRUE(refused([](Options& o) { o.store = nullptr; }));
  EXPECT_TRUE(refused([](Options& o) { o.clock = nullptr; }));
  EXPECT_TRUE(refused([](Options& o) { o.volume = "2027b"; }));
  EXPECT_TRUE(refused([](Options& o) { o.origin = "Audit/2027a"; }));
  EXPECT_TRUE(refused([](Options& o) { o.recipients.clear(); }));
  EXPECT_TRUE(refused([](Options& o) { o.sign = nullptr; }));
  EXPECT_TRUE(refused([](Options& o) { o.actor_mac = nullptr; }));
  EXPECT_TRUE(refused([](Options& o) { o.pad_to = 63; }));
  EXPECT_TRUE(refused([](Options& o) { o.witness_policy = "nonsense\n"; }));
  EXPECT_FALSE(refused([](Options&) {}));
  base::SetLogOutput({});
}

}  // namespace
}  // namespace entente::audit
