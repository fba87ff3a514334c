// Who works next: every office that has something to do, one worker at a time for each.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "tests/bench/country/desk.h"

namespace shangda::country {

class Schedule {
 public:
  using Clock = std::chrono::steady_clock;

  // Everybody begins now, in the order of these calls.
  void Add(Desk* desk) {
    Office& office = offices_[desk->committee().code];
    office.desk = desk;
    office.is_scheduled = true;
    due_.emplace(begin_, &office);
  }

  // So many papers are on their way to a committee.
  void Expect(const std::string& committee, int64_t papers) {
    std::lock_guard lock(mutex_);
    Office& office = offices_.at(committee);
    office.expected += papers;
    expected_ += papers;
    if (!std::exchange(office.is_scheduled, true)) Put(&office, kToGather);
  }

  // Works until nobody has anything to do any more; from as many threads as there are workers.
  void Work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return !due_.empty() || working_ == 0; });
      if (due_.empty()) {
        changed_.notify_all();
        return;
      }
      const auto first = due_.begin();
      if (first->first > Clock::now()) {
        changed_.wait_until(lock, first->first);
        continue;
      }
      Office& office = *first->second;
      due_.erase(first);
      ++working_;
      const bool expects = office.expected > 0;
      lock.unlock();
      Desk& desk = *office.desk;
      const int64_t reports = desk.originals_left() > 0 ? desk.WorkOnReports() : 0;
      const int64_t arrivals = expects ? desk.WorkOnArrivals() : 0;
      lock.lock();
      --working_;
      reports_done_ += reports;
      arrivals_done_ += arrivals;
      office.expected -= arrivals;
      office.is_scheduled = desk.originals_left() > 0 || office.expected > 0;
      if (office.is_scheduled) {
        Put(&office, reports + arrivals > 0 ? Clock::duration::zero() : Clock::duration(kToGather));
      } else if (desk.committee().level == Level::kCounty) {
        // Nothing more comes to it, and there are thousands.
        lock.unlock();
        desk.Leave();
        lock.lock();
      }
      changed_.notify_all();
    }
  }

  struct Progress {
    int64_t reports = 0;
    int64_t arrivals = 0;
    // Papers sent so far, looked at or not.
    int64_t sent = 0;
  };
  Progress progress() const {
    std::lock_guard lock(mutex_);
    return {reports_done_, arrivals_done_, expected_};
  }

 private:
  struct Office {
    Desk* desk = nullptr;
    // In due_, or at work.
    bool is_scheduled = false;
    // Papers sent here that were not looked at.
    int64_t expected = 0;
  };
  // An office looks at its arrivals now and then.
  static constexpr std::chrono::milliseconds kToGather{200};

  void Put(Office* office, Clock::duration later) {
    due_.emplace(Clock::now() + later, office);
    changed_.notify_one();
  }

  const Clock::time_point begin_ = Clock::now();
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // By committee; all are added before anybody works.
  std::map<std::string, Office> offices_;
  std::multimap<Clock::time_point, Office*> due_;
  int working_ = 0;
  int64_t reports_done_ = 0;
  int64_t arrivals_done_ = 0;
  int64_t expected_ = 0;
};

}  // namespace shangda::country
