#pragma once
// Private to the room: who writes next.

#include <cstdint>

#include "node/base/mutex.h"

namespace entente::store {

// One at a time, first come first served. A plain lock lets whoever writes
// slice after slice take it again before those that wait have woken up.
class CAPABILITY("mutex") WritersLine {
 public:
  void lock() ACQUIRE() NO_THREAD_SAFETY_ANALYSIS {
    base::MutexLock lock(mutex_);
    const std::uint64_t ticket = next_++;
    while (ticket != served_) moved_.Wait(mutex_);
  }
  void unlock() RELEASE() NO_THREAD_SAFETY_ANALYSIS {
    {
      base::MutexLock lock(mutex_);
      ++served_;
    }
    moved_.NotifyAll();
  }
  // How many stand in line, the one whose turn it is among them.
  std::uint64_t length() const EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    return next_ - served_;
  }

 private:
  mutable base::Mutex mutex_;
  base::CondVar moved_;
  std::uint64_t next_ GUARDED_BY(mutex_) = 0;
  std::uint64_t served_ GUARDED_BY(mutex_) = 0;
};

class SCOPED_CAPABILITY WritersTurn {
 public:
  explicit WritersTurn(WritersLine& line) ACQUIRE(line) : line_(line) {
    line_.lock();
  }
  ~WritersTurn() RELEASE() { line_.unlock(); }
  WritersTurn(const WritersTurn&) = delete;
  WritersTurn& operator=(const WritersTurn&) = delete;

 private:
  WritersLine& line_;
};

}  // namespace entente::store
