#include "node/base/executor.h"

#include <utility>

#include "crypto/base/status.h"

namespace entente::base {

Executor::Executor(std::size_t workers, std::size_t capacity)
    : capacity_(capacity) {
  CHECK(workers >= 1);
  workers_.reserve(workers);
  for (std::size_t i = 0; i < workers; ++i) {
    workers_.emplace_back([this] { Run(); });
  }
}

Executor::~Executor() { Stop(); }

bool Executor::Post(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    if (stopping_ || queue_.size() >= capacity_) return false;
    queue_.push_back(std::move(task));
  }
  ready_.NotifyOne();
  return true;
}

void Executor::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  ready_.NotifyAll();
  for (std::jthread& worker : workers_) {
    if (worker.joinable()) worker.join();
  }
}

void Executor::Run() {
  for (;;) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) ready_.Wait(mutex_);
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace entente::base
