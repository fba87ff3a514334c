// The two clocks, as interfaces: what time it is (Clock, which a drill may set) and how long
// something takes (MonotonicClock, always real). Nothing else in the project asks the system.
#pragma once

#include <cstdint>

#include "common/clock/instant.h"

namespace shangda::clock {

// The time of day that commands, dates and figures go by. Implementations may be used from several
// threads at once.
//
// It may jump, also backwards when an administrator sets the machine's clock: whoever needs an
// order keeps the last instant and takes the later of the two.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant Now() = 0;
  // Whether this is a rehearsal (演练) and health and every client output have to say so.
  virtual bool drill() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  Instant Now() override;
  bool drill() const override { return false; }
};

// A clock without a date that only runs forward, at the real pace, also in a drill: for backoff,
// bookmarks, deadlines and timeouts. Implementations may be used from several threads at once.
class MonotonicClock {
 public:
  virtual ~MonotonicClock() = default;
  // Microseconds since a moment that is fixed while the process lives.
  virtual int64_t NowMicros() = 0;
};

class SystemMonotonicClock final : public MonotonicClock {
 public:
  int64_t NowMicros() override;
};

}  // namespace shangda::clock
