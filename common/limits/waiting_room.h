// Who came to the door and is not inside yet: in which order newcomers are let in, who is sent away.
//
// Somebody who only stands there is not waited for: the room has so many places, and when it is full
// the one who has said nothing for longest goes. Those who have spoken come in in their order, so
// many in a second. So thousands who never speak keep nobody out, and thousands who all speak at
// once do not keep the machine from the work of those who are inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "common/clock/clock.h"
#include "common/limits/token_buckets.h"

namespace shangda::limits {

class WaitingRoom {
 public:
  struct Options {
    // Places.
    size_t places = 512;
    // Who has said nothing for so long goes.
    int64_t patience_micros = 10'000'000;
    // Who comes in.
    Rate rate = {200, 200};
  };

  // The clock outlives it.
  WaitingRoom(clock::MonotonicClock& clock, Options options)
      : clock_(clock), options_(options), entries_(clock) {}

  // Somebody came. Answers who goes to make room for that: one who has said nothing, or, if all have
  // spoken, the newcomer.
  std::optional<int> Come(int id);
  // Somebody has spoken: from now on it has a place in the queue.
  void Speak(int id);
  // Somebody went away.
  void Leave(int id);

  // Who comes in now; it is no longer in the room.
  std::vector<int> Admit();
  // Whose patience has ended, also of those who have spoken and whose turn has not come; no longer
  // in the room.
  std::vector<int> Expire();

  // How long until Admit or Expire may have somebody, if nothing else happens; -1: never.
  int64_t NextMicros();
  size_t size() const { return guests_.size(); }

 private:
  struct Guest {
    int64_t since_micros;
    bool spoke = false;
    // Its place among the silent, or in the queue.
    std::list<int>::iterator place;
  };

  clock::MonotonicClock& clock_;
  const Options options_;
  TokenBuckets entries_;
  // Until when nobody comes in.
  int64_t closed_until_micros_ = 0;
  std::map<int, Guest> guests_;
  // In the order in which they came, and in which they spoke.
  std::list<int> silent_;
  std::list<int> queue_;
};

}  // namespace shangda::limits
