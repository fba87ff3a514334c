// What was refused at the door, counted by reason, and told to the operators without a flood: of
// each reason one line a minute at most, with how many there were since the last one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock/clock.h"

namespace shangda::limits {

class Refusals {
 public:
  static constexpr int64_t kLineEveryMicros = 60'000'000;

  // For the log.
  struct Line {
    std::string reason;
    uint64_t count;
    // The last who was refused; empty if nobody knows.
    std::string who;
  };

  // The clock outlives it.
  explicit Refusals(clock::MonotonicClock& clock) : clock_(clock) {}

  // Counts one. The line that is due for it: the first of a reason after a quiet minute is told at
  // once.
  std::optional<Line> Note(std::string_view reason, std::string_view who);
  // What was counted and not told, of the reasons whose last line is a minute old; ask every minute.
  // With `all`, of all reasons: when the process ends.
  std::vector<Line> Due(bool all = false);

  // By reason, since the process began.
  struct Count {
    std::string reason;
    uint64_t count;
  };
  std::vector<Count> Counts() const;

 private:
  struct Counter {
    uint64_t count = 0;
    uint64_t told = 0;
    std::optional<int64_t> told_at_micros;
    std::string who;
  };

  static Line Tell(const std::string& reason, Counter& counter, int64_t now_micros);

  clock::MonotonicClock& clock_;
  // Reasons are fixed words of the code: few.
  std::map<std::string, Counter, std::less<>> counters_;
};

}  // namespace shangda::limits
