#pragma once
// A bounded pool of threads. Each class of work has its own small one, so that
// a flood of one class cannot starve another.

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "node/base/mutex.h"

namespace entente::base {

// Thread-safe. Tasks run in the order posted, `workers` at a time; a task must
// not throw.
class Executor {
 public:
  // `workers` >= 1 threads; at most `capacity` tasks wait.
  Executor(std::size_t workers, std::size_t capacity);
  // Takes no more tasks, runs those that wait, then joins the threads.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Queues `task`. False, at once, when the queue is full or the pool is
  // stopping; `task` is then dropped without being run.
  [[nodiscard]] bool Post(std::function<void()> task) EXCLUDES(mutex_);
  // As the destructor: after it Post returns false. Not from a task. Repeated
  // calls do nothing.
  void Stop() EXCLUDES(mutex_);

 private:
  void Run() EXCLUDES(mutex_);

  const std::size_t capacity_;
  Mutex mutex_;
  CondVar ready_;
  std::deque<std::function<void()>> queue_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> workers_;  // fixed at construction
};

}  // namespace entente::base
