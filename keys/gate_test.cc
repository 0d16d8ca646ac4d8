#include "keys/gate.h"

#include <atomic>
#include <thread>

#include "tests/testing/status_matchers.h"

namespace entente::keys {
namespace {

constexpr Hash kA = {1};
constexpr Hash kB = {2};

TEST(GateTest, LetsNobodyInWhenShut) {
  Gate gate;
  EXPECT_TRUE(gate.Enter({kA, 1}));
  gate.Shut(kA);
  EXPECT_TRUE(gate.IsShut(kA));
  EXPECT_FALSE(gate.Enter({kA, 1}));
  EXPECT_FALSE(gate.Enter({kA, 2}));
  EXPECT_TRUE(gate.Enter({kB, 1}));
  gate.Unshut(kA);
  EXPECT_TRUE(gate.Enter({kA, 1}));
}

TEST(GateTest, IsEmptyWhenNobodyIsInside) {
  Gate gate;
  const std::optional<Gate::Pass> other = gate.Enter({kB, 1});
  {
    const std::optional<Gate::Pass> pass = gate.Enter({kA, 1});
  }
  gate.WaitEmpty(kA);
  gate.WaitEmpty(Gate::Room{kA, 1});
  gate.WaitEmpty(Gate::Room{kB, 2});
}

// Runs `wait` in a thread and expects it to end only after `pass` is gone.
template <class Wait>
void ExpectWaitsFor(std::optional<Gate::Pass> pass, Wait wait) {
  std::atomic<bool> started = false;
  std::atomic<bool> ended = false;
  std::thread waiter([&] {
    started = true;
    wait();
    ended = true;
  });
  while (!started) std::this_thread::yield();
  for (int i = 0; i < 2000; ++i) std::this_thread::yield();
  EXPECT_FALSE(ended);
  pass.reset();
  waiter.join();
  EXPECT_TRUE(ended);
}

TEST(GateTest, WaitsForThoseInside) {
  Gate gate;
  ExpectWaitsFor(gate.Enter({kA, 1}), [&] { gate.WaitEmpty(kA); });
  ExpectWaitsFor(gate.Enter({kA, 1}),
                 [&] { gate.WaitEmpty(Gate::Room{kA, 1}); });
}

TEST(GateTest, CountsEveryOneInside) {
  Gate gate;
  std::optional<Gate::Pass> first = gate.Enter({kA, 1});
  std::optional<Gate::Pass> second = gate.Enter({kA, 1});
  first.reset();
  std::optional<Gate::Pass> moved = std::move(second);
  second.reset();  // what moved away is not counted out twice
  ExpectWaitsFor(std::move(moved), [&] { gate.WaitEmpty(kA); });
}

}  // namespace
}  // namespace entente::keys
