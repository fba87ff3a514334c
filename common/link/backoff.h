// How long to wait before trying again: from one second to one minute, doubling, with jitter.
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/engine/bytes.h"
#include "common/kv/big_endian.h"

namespace shangda::link {

class Backoff {
 public:
  static constexpr int64_t kFirstMicros = 1'000'000;
  static constexpr int64_t kMostMicros = 60'000'000;

  explicit Backoff(engine::Entropy& entropy, int64_t most_micros = kMostMicros)
      : entropy_(entropy), most_micros_(most_micros) {}

  // Between half of the present wait and all of it; the next wait is twice as long.
  int64_t Next() {
    int64_t half = wait_micros_ / 2;
    wait_micros_ = std::min(wait_micros_ * 2, most_micros_);
    uint64_t random = kv::ReadBigEndian(entropy_.Bytes(7));
    return half + static_cast<int64_t>(random % static_cast<uint64_t>(half + 1));
  }

  void Reset() { wait_micros_ = kFirstMicros; }

 private:
  engine::Entropy& entropy_;
  const int64_t most_micros_;
  int64_t wait_micros_ = kFirstMicros;
};

}  // namespace shangda::link
