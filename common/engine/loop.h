// Where steps run: one thread in production, one scheduler in tests. Whoever lives on a loop needs no lock.
#pragma once

#include <cstdint>
#include <functional>

namespace shangda::engine {

// Both methods may be called from any thread; what is posted runs on the loop, one after the other, in order of
// its time. After the loop was stopped, posted work is dropped.
class Loop {
 public:
  virtual ~Loop() = default;
  virtual void Post(std::function<void()> work) = 0;
  virtual void PostAfter(int64_t delay_micros, std::function<void()> work) = 0;
};

}  // namespace shangda::engine
