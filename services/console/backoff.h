// How long to wait between tries: twice as long each time, with a random part taken off, so that
// many clients of one service do not come back together.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>

namespace shangda::console {

// How this program waits, handed in so that tests need not.
struct Pace {
  std::function<void(std::chrono::milliseconds)> sleep;
  // A number in [0, 1).
  std::function<double()> chance;
};

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : first_(first), longest_(longest), next_(first) {}

  // Between half and all of the step that is due, but never less than `least`.
  std::chrono::milliseconds Next(const Pace& pace, std::chrono::milliseconds least = {}) {
    const double part = 0.5 + pace.chance() / 2;
    const auto wait =
        std::chrono::milliseconds(static_cast<int64_t>(static_cast<double>(next_.count()) * part));
    next_ = std::min(next_ * 2, longest_);
    return std::max(wait, least);
  }

  void Reset() { next_ = first_; }

 private:
  const std::chrono::milliseconds first_;
  const std::chrono::milliseconds longest_;
  std::chrono::milliseconds next_;
};

}  // namespace shangda::console
