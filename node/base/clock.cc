#include "node/base/clock.h"

#include <chrono>

#include "node/base/time.h"

namespace entente::base {

std::int64_t Clock::NowSeconds() const {
  return FloorDiv(NowMicros(), 1'000'000);
}

std::int64_t SystemClock::NowMicros() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t SystemClock::MonotonicMicros() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace entente::base
