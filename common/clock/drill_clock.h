// The clock of rehearsals and demonstrations (演练): it says the instant that stands in a file.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <mutex>
#include <string>

#include "common/clock/clock.h"

namespace shangda::clock {

// The file holds one line, an RFC 3339 instant such as `2006-01-05T09:00:00+08:00`. Whoever moves
// the drill on writes a new file and renames it over the old one, so that no half-written line is
// seen.
//
// Between moves the clock stands still. It only moves forward: an instant earlier than one that it
// has said, and a file that is missing or malformed after the start, leave it where it is. Several
// processes that share one file agree on the time as of their next Now().
//
// The file is read at every Now(): it is a few bytes in the page cache, and a drill is no place to
// save microseconds. Safe from several threads.
class DrillClock final : public Clock {
 public:
  // Refuses a file that does not hold an instant: a drill must not begin at a time nobody chose.
  static absl::StatusOr<std::unique_ptr<DrillClock>> Open(std::string file);

  Instant Now() override;
  bool drill() const override { return true; }

 private:
  DrillClock(std::string file, Instant start) : file_(std::move(file)), last_(start) {}

  const std::string file_;
  std::mutex mutex_;
  Instant last_;  // guarded by mutex_
};

}  // namespace shangda::clock
