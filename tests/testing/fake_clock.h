#pragma once
// A clock that stands still until the test moves it.

#include <atomic>
#include <cstdint>

#include "node/base/clock.h"

namespace entente::testing {

// Thread-safe. Starts at 2027-01-01T00:00:00Z.
class FakeClock final : public base::Clock {
 public:
  static constexpr std::int64_t kStart = 1'798'761'600;

  std::int64_t NowMicros() const override { return wall_; }
  std::int64_t MonotonicMicros() const override { return steady_; }

  // Time passes.
  void Advance(std::int64_t seconds) {
    wall_ += seconds * 1'000'000;
    steady_ += seconds * 1'000'000;
  }
  // Somebody sets the wall clock; negative is backward.
  void Step(std::int64_t seconds) { wall_ += seconds * 1'000'000; }

 private:
  std::atomic<std::int64_t> wall_{kStart * 1'000'000};
  std::atomic<std::int64_t> steady_{1'000'000};
};

}  // namespace entente::testing
