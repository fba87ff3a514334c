// Clocks that stand still until they are told to move: for tests and the simulator.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/clock/clock.h"

namespace shangda::clock {

// Says what it was last told, even if that lies before what it said then: a machine's clock does
// the same, and those who cannot bear it are to be tested with it.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start) : micros_(start.micros) {}

  Instant Now() override { return Instant{micros_}; }
  bool drill() const override { return drill_; }

  void Set(Instant instant) { micros_ = instant.micros; }
  void AdvanceMicros(int64_t micros) { micros_ += micros; }
  void set_drill(bool drill) { drill_ = drill; }

 private:
  std::atomic<int64_t> micros_;
  std::atomic<bool> drill_ = false;
};

class ManualMonotonicClock final : public MonotonicClock {
 public:
  int64_t NowMicros() override { return micros_; }

  // `micros` is not negative.
  void AdvanceMicros(int64_t micros) { micros_ += micros; }

 private:
  std::atomic<int64_t> micros_ = 0;
};

}  // namespace shangda::clock
