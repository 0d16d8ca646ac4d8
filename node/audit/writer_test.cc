// Callers who wait for a writer that is one of them.

#include <array>
#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "node/audit/impl.h"
#include "node/audit/testing_log.h"

namespace entente::audit {
namespace {

// Whoever is done leaves the call to write to one who is not.
TEST(TurnTest, ADoneCallerPassesTheCallOn) {
  Turn turn;
  turn.CallWriter();
  const std::atomic<bool> done = true;
  EXPECT_TRUE(turn.Wait(done));
  const std::atomic<bool> waits = false;
  EXPECT_FALSE(turn.Wait(waits));
}

TEST(TurnTest, OneCallMakesOneWriter) {
  Turn turn;
  std::atomic<int> writers = 0;
  std::array<std::atomic<bool>, 6> done{};
  {
    std::vector<std::jthread> threads;
    for (std::atomic<bool>& own : done) {
      threads.emplace_back([&] { writers += turn.Wait(own) ? 0 : 1; });
    }
    turn.CallWriter();
    while (writers == 0) std::this_thread::yield();
    for (std::atomic<bool>& own : done) own = true;
    turn.CallDone();
  }
  EXPECT_EQ(writers, 1);
}

class WriterTest : public LogTest {};

// 48 kB and more with their bodies: some twenty of these fill a batch.
Job LargeJob(int thread, int round) {
  Job job;
  for (int i = 0; i < 12; ++i) {
    job.events.push_back(Refused(std::to_string(thread) + "." +
                                 std::to_string(round) +
                                 std::string(4'000, 'x')));
  }
  return job;
}

// A full batch leaves some behind of those who came together: they wait in one
// place with others who are done, and one of them is to write.
TEST_F(WriterTest, ThoseWhomAFullBatchLeftBehindAreServed) {
  constexpr int kThreads = 64;
  constexpr int kEach = 3;
  std::atomic<int> done = 0;
  const Counts before = log().counts();
  {
    std::vector<std::jthread> threads;
    std::latch start(kThreads + 1);
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        start.arrive_and_wait();
        for (int i = 0; i < kEach; ++i) {
          const auto receipts = log().Commit(LargeJob(t, i));
          if (receipts.ok() && receipts->size() == 12) ++done;
        }
      });
    }
    // Pads stand in the same line.
    start.arrive_and_wait();
    for (int i = 0; i < 5; ++i) EXPECT_OK(log().Tick());
  }
  EXPECT_EQ(done, kThreads * kEach);
  const Counts after = log().counts();
  EXPECT_GT(after.batches - before.batches, 8U);  // 9 MB, 1 MiB each
  ASSERT_OK(log().Tick());
  EXPECT_EQ(node_.Fault(), "");
}

// The same with the smallest batches there are, for as many orders of events
// as a second brings.
TEST_F(WriterTest, NobodyIsForgottenAmongManyWhoComeAndGo) {
  constexpr int kThreads = 24;
  constexpr int kEach = 150;
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          if (log().Commit(JobOf(Dropped(std::to_string(t)))).ok()) ++done;
          if ((t + i) % 7 == 0) std::this_thread::yield();
        }
      });
    }
  }
  EXPECT_EQ(done, kThreads * kEach);
}

}  // namespace
}  // namespace entente::audit
