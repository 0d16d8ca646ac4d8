#pragma once
// A number that threads sleep on until it changes (futex(2)): one call wakes
// all of them, and those who are woken pass through no lock. What they wait for
// is told by other atomics; the number only says that something changed.
// std::atomic::wait does the same and spins first, which costs more than it
// saves where there are more threads than processors. Thread-safe.

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <limits>

namespace entente::base {

class Futex {
 public:
  // Before looking at what is waited for.
  std::uint32_t Seen() const { return word_.load(std::memory_order_acquire); }
  // Sleeps while the number is still `seen`; may return without a cause.
  void Wait(std::uint32_t seen) { Call(FUTEX_WAIT_PRIVATE, seen); }
  // After what is waited for was set.
  void WakeOne() { Wake(1); }
  void WakeAll() { Wake(std::numeric_limits<std::int32_t>::max()); }

 private:
  void Wake(std::uint32_t count) {
    word_.fetch_add(1, std::memory_order_release);
    Call(FUTEX_WAKE_PRIVATE, count);
  }
  void Call(int operation, std::uint32_t value) {
    ::syscall(SYS_futex, &word_, operation, value, nullptr, nullptr, 0);
  }

  std::atomic<std::uint32_t> word_ = 0;
  static_assert(sizeof(word_) == sizeof(std::uint32_t) &&
                std::atomic<std::uint32_t>::is_always_lock_free);
};

}  // namespace entente::base
