#pragma once
// The clock as a seam: nothing else in the house asks the operating system for
// the time, so a test can own it.

#include <cstdint>

namespace entente::base {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Microseconds since 1970-01-01 UTC, leap seconds not counted. May jump.
  virtual std::int64_t NowMicros() const = 0;
  // Microseconds since some moment; never falls, does not jump with the wall
  // clock. Only differences mean anything.
  virtual std::int64_t MonotonicMicros() const = 0;
  // POSIX seconds, rounded down.
  std::int64_t NowSeconds() const;
};

class SystemClock final : public Clock {
 public:
  std::int64_t NowMicros() const override;
  std::int64_t MonotonicMicros() const override;
};

}  // namespace entente::base
