#include "node/base/executor.h"

#include <atomic>
#include <latch>

#include "tests/testing/status_matchers.h"

namespace entente::base {
namespace {

TEST(ExecutorTest, RefusesAtOnceWhenFull) {
  std::latch running(2);
  std::latch release(1);
  std::atomic<int> done = 0;
  Executor pool(2, 3);
  const auto task = [&] {
    running.count_down();
    release.wait();
    ++done;
  };
  ASSERT_TRUE(pool.Post(task));
  ASSERT_TRUE(pool.Post(task));
  running.wait();  // both workers are busy, the queue is empty
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(pool.Post([&done] { ++done; }));
  }
  EXPECT_FALSE(pool.Post([&done] { done += 1000; }));
  release.count_down();
  pool.Stop();
  EXPECT_EQ(done, 5);
}

TEST(ExecutorTest, StopRunsWhatWaitsAndTakesNoMore) {
  std::atomic<int> done = 0;
  Executor pool(1, 100);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(pool.Post([&done] { ++done; }));
  }
  pool.Stop();
  EXPECT_EQ(done, 50);
  EXPECT_FALSE(pool.Post([&done] { ++done; }));
  pool.Stop();
  EXPECT_EQ(done, 50);
}

TEST(ExecutorTest, OneWorkerKeepsTheOrder) {
  std::vector<int> order;
  {
    Executor pool(1, 100);
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(pool.Post([&order, i] { order.push_back(i); }));
    }
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(CondVarTest, WaitForEndsWithoutANotice) {
  Mutex mutex;
  CondVar changed;
  MutexLock lock(mutex);
  // A wake-up without a cause is allowed, a thousand in a row are not.
  int spurious = 0;
  while (changed.WaitFor(mutex, std::chrono::microseconds(100))) {
    ASSERT_LT(++spurious, 1000);
  }
}

}  // namespace
}  // namespace entente::base
