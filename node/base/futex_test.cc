#include "node/base/futex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace entente::base {
namespace {

TEST(FutexTest, AChangeSinceTheLookIsNotSleptThrough) {
  Futex changed;
  const std::uint32_t seen = changed.Seen();
  changed.WakeOne();  // nobody sleeps yet
  EXPECT_NE(changed.Seen(), seen);
  changed.Wait(seen);  // returns at once
}

TEST(FutexTest, OneCallWakesAll) {
  Futex changed;
  std::atomic<bool> open = false;
  std::atomic<int> through = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        while (true) {
          const std::uint32_t seen = changed.Seen();
          if (open.load(std::memory_order_acquire)) break;
          changed.Wait(seen);
        }
        ++through;
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(through, 0);
    open.store(true, std::memory_order_release);
    changed.WakeAll();
  }
  EXPECT_EQ(through, 8);
}

// Each wake-up lets one through, whoever it is; none is lost.
TEST(FutexTest, WakesOneByOne) {
  constexpr int kThreads = 6;
  Futex changed;
  std::atomic<int> tokens = 0;
  std::atomic<int> through = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        while (true) {
          const std::uint32_t seen = changed.Seen();
          int have = tokens.load(std::memory_order_acquire);
          if (have > 0 && tokens.compare_exchange_strong(have, have - 1)) break;
          if (have == 0) changed.Wait(seen);
        }
        ++through;
      });
    }
    for (int i = 0; i < kThreads; ++i) {
      tokens.fetch_add(1, std::memory_order_release);
      changed.WakeOne();
    }
  }
  EXPECT_EQ(through, kThreads);
}

}  // namespace
}  // namespace entente::base
