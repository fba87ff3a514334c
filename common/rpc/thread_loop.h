// A loop on a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "common/engine/loop.h"

namespace shangda::rpc {

class ThreadLoop final : public engine::Loop {
 public:
  ThreadLoop();
  // Stops.
  ~ThreadLoop() override;

  void Post(std::function<void()> work) override;
  void PostAfter(int64_t delay_micros, std::function<void()> work) override;

  // Runs the work on the loop and waits for it; does nothing if the loop was stopped. Not from the
  // loop itself.
  void Call(const std::function<void()>& work);

  // Finishes what is ready, drops what was posted for later, and joins the thread. Not from the
  // loop itself.
  void Stop();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Run();

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;                                  // guarded by mutex_
  std::deque<std::function<void()>> ready_;                // guarded by mutex_
  std::multimap<TimePoint, std::function<void()>> later_;  // guarded by mutex_
  std::thread thread_;                                     // last: it runs over the others
};

}  // namespace shangda::rpc
