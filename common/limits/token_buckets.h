// How much each may ask for in a second: a bucket of tokens for every holder.
//
// A bucket begins full, is filled at its rate up to its burst, and what is asked for is taken out.
// One that would be full again is forgotten, so that the memory is that of who asked lately.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "common/clock/clock.h"

namespace shangda::limits {

// `per_second` and `burst` are at least 1.
struct Rate {
  double per_second;
  double burst;
};

class TokenBuckets {
 public:
  // The clock outlives it.
  explicit TokenBuckets(clock::MonotonicClock& clock) : clock_(clock) {}

  // 0: taken. Otherwise nothing was, and so many microseconds until it may be. Whoever asks for more
  // than a burst gets it from a bucket that is full but for one, and waits the longer afterwards. A holder's rate is
  // always the same.
  int64_t Take(std::string_view holder, const Rate& rate, double tokens);

  // Holders that are remembered.
  size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    Rate rate;
    double level;
    int64_t at_micros;
  };

  // How full a bucket is by now.
  static double LevelOf(const Bucket& bucket, int64_t now_micros);
  void Sweep(int64_t now_micros);

  clock::MonotonicClock& clock_;
  std::map<std::string, Bucket, std::less<>> buckets_;
  size_t sweep_at_ = 1'024;
};

}  // namespace shangda::limits
