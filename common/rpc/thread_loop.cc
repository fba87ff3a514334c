#include "common/rpc/thread_loop.h"

#include <future>
#include <memory>
#include <utility>

namespace shangda::rpc {

ThreadLoop::ThreadLoop() : thread_([this] { Run(); }) {}

ThreadLoop::~ThreadLoop() {
  Stop();
}

void ThreadLoop::Post(std::function<void()> work) {
  std::lock_guard lock(mutex_);
  if (stopping_) return;
  ready_.push_back(std::move(work));
  wake_.notify_one();
}

void ThreadLoop::PostAfter(int64_t delay_micros, std::function<void()> work) {
  std::lock_guard lock(mutex_);
  if (stopping_) return;
  later_.emplace(std::chrono::steady_clock::now() + std::chrono::microseconds(delay_micros),
                 std::move(work));
  wake_.notify_one();
}

void ThreadLoop::Call(const std::function<void()>& work) {
  auto done = std::make_shared<std::promise<void>>();
  std::future<void> finished = done->get_future();
  // A stopped loop drops what is posted, and with it the promise: that ends the waiting, too.
  Post([&work, done = std::move(done)] {
    work();
    done->set_value();
  });
  finished.wait();
}

void ThreadLoop::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  later_.clear();
}

void ThreadLoop::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_ || !ready_.empty()) {
    TimePoint now = std::chrono::steady_clock::now();
    while (!stopping_ && !later_.empty() && later_.begin()->first <= now) {
      ready_.push_back(std::move(later_.begin()->second));
      later_.erase(later_.begin());
    }
    if (ready_.empty()) {
      if (later_.empty()) {
        wake_.wait(lock);
      } else {
        wake_.wait_until(lock, later_.begin()->first);
      }
      continue;
    }
    auto work = std::move(ready_.front());
    ready_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

}  // namespace shangda::rpc
