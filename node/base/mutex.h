#pragma once
// Locks in the type system: std::mutex with clang's capability attributes, so
// that `clang++ -Wthread-safety` finds the read that holds no lock.
// Not absl::Mutex: Debian's library is not instrumented, and ThreadSanitizer
// then reports correct code.

#include <absl/base/thread_annotations.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

// GUARDED_BY, PT_GUARDED_BY and NO_THREAD_SAFETY_ANALYSIS come from abseil's
// header: defined here too, they would clash with it.
#if defined(__clang__)
#define ENTENTE_ATTRIBUTE(x) __attribute__((x))
#else
#define ENTENTE_ATTRIBUTE(x)
#endif
#define CAPABILITY(x) ENTENTE_ATTRIBUTE(capability(x))
#define SCOPED_CAPABILITY ENTENTE_ATTRIBUTE(scoped_lockable)
#define REQUIRES(...) ENTENTE_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) ENTENTE_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...) ENTENTE_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) ENTENTE_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define RELEASE(...) ENTENTE_ATTRIBUTE(release_capability(__VA_ARGS__))

namespace entente::base {

class CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  void lock() ACQUIRE() { mutex_.lock(); }
  bool try_lock() TRY_ACQUIRE(true) { return mutex_.try_lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

struct AdoptLock {};

class SCOPED_CAPABILITY MutexLock {
 public:
  // Of a lock that is held already; lets it go at the end.
  MutexLock(Mutex& mutex, AdoptLock) REQUIRES(mutex) : mutex_(mutex) {}
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits may return without a cause: call them in a loop over the condition.
class CondVar {
 public:
  void Wait(Mutex& mutex) REQUIRES(mutex) NO_THREAD_SAFETY_ANALYSIS {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    cv_.wait(lock);
    lock.release();
  }
  // False when `timeout` passed first.
  bool WaitFor(Mutex& mutex, std::chrono::microseconds timeout)
      REQUIRES(mutex) NO_THREAD_SAFETY_ANALYSIS {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const std::cv_status status = cv_.wait_for(lock, timeout);
    lock.release();
    return status == std::cv_status::no_timeout;
  }
  void NotifyOne() { cv_.notify_one(); }
  void NotifyAll() { cv_.notify_all(); }

 private:
  std::condition_variable cv_;
};

}  // namespace entente::base
