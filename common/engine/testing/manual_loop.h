// A loop that a test turns by hand: what is posted waits until Run, what is posted for later until time has come.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <utility>

#include "common/engine/loop.h"

namespace shangda::engine::testing {

class ManualLoop final : public Loop {
 public:
  void Post(std::function<void()> work) override { ready_.push_back(std::move(work)); }
  void PostAfter(int64_t delay_micros, std::function<void()> work) override {
    later_.emplace(now_micros_ + delay_micros, std::move(work));
  }

  // Runs what is ready, and what that makes ready, until nothing is.
  void Run() {
    while (!ready_.empty()) {
      auto work = std::move(ready_.front());
      ready_.pop_front();
      work();
    }
  }

  // Lets time pass in the order of what waits for it.
  void Advance(int64_t micros) {
    int64_t until = now_micros_ + micros;
    Run();
    while (!later_.empty() && later_.begin()->first <= until) {
      now_micros_ = later_.begin()->first;
      ready_.push_back(std::move(later_.begin()->second));
      later_.erase(later_.begin());
      Run();
    }
    now_micros_ = until;
  }

  int64_t now_micros() const { return now_micros_; }
  bool idle() const { return ready_.empty(); }

 private:
  std::deque<std::function<void()>> ready_;
  std::multimap<int64_t, std::function<void()>> later_;
  int64_t now_micros_ = 0;
};

}  // namespace shangda::engine::testing
