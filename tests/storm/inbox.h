// What has arrived at an office and was not yet looked at.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace shangda::storm {

// Safe from several threads.
class Inbox {
 public:
  void Put(std::string arrival) {
    std::lock_guard lock(mutex_);
    arrivals_.push_back(std::move(arrival));
  }
  std::optional<std::string> Take() {
    std::lock_guard lock(mutex_);
    if (arrivals_.empty()) return std::nullopt;
    std::string arrival = std::move(arrivals_.front());
    arrivals_.pop_front();
    return arrival;
  }

 private:
  std::mutex mutex_;
  std::deque<std::string> arrivals_;
};

}  // namespace shangda::storm
