#include "common/clock/clock.h"

#include <chrono>

namespace shangda::clock {
namespace {

template <class Point>
int64_t MicrosSinceEpoch(Point point) {
  return std::chrono::duration_cast<std::chrono::microseconds>(point.time_since_epoch()).count();
}

}  // namespace

Instant SystemClock::Now() {
  return Instant{MicrosSinceEpoch(std::chrono::system_clock::now())};
}

int64_t SystemMonotonicClock::NowMicros() {
  return MicrosSinceEpoch(std::chrono::steady_clock::now());
}

}  // namespace shangda::clock
