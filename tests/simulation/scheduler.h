// Time, chance and everything that is to happen, in one thread and one order: the same seed gives the same run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/engine/bytes.h"
#include "common/engine/loop.h"

namespace shangda::simulation {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  // 0 to bound - 1; the same on every machine.
  uint64_t Below(uint64_t bound) { return engine_() % bound; }
  // From `least` to `most`.
  int64_t Between(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(Below(static_cast<uint64_t>(most - least + 1)));
  }
  // True so many times in a thousand.
  bool Permille(uint64_t times) { return Below(1'000) < times; }
  template <class T>
  T& Of(std::vector<T>& some) {
    return some[Below(some.size())];
  }
  template <class T>
  const T& Of(const std::vector<T>& some) {
    return some[Below(some.size())];
  }

 private:
  std::mt19937_64 engine_;
};

class SimulatedEntropy final : public engine::Entropy {
 public:
  explicit SimulatedEntropy(Random& random) : random_(random) {}
  std::string Bytes(size_t count) override {
    std::string bytes(count, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_.Below(256));
    return bytes;
  }

 private:
  Random& random_;
};

class Scheduler {
 public:
  // What is due at the same time runs in the order in which it was given.
  void After(int64_t micros, std::function<void()> work) {
    items_.push_back({now_micros_ + micros, next_++, std::move(work)});
    std::push_heap(items_.begin(), items_.end(), std::greater<>());
  }

  // False if nothing is left.
  bool RunNext() {
    if (items_.empty()) return false;
    std::pop_heap(items_.begin(), items_.end(), std::greater<>());
    Item item = std::move(items_.back());
    items_.pop_back();
    now_micros_ = item.at;
    item.work();
    return true;
  }

  int64_t now_micros() const { return now_micros_; }

 private:
  struct Item {
    int64_t at;
    uint64_t number;
    std::function<void()> work;
    bool operator>(const Item& other) const {
      return at != other.at ? at > other.at : number > other.number;
    }
  };

  int64_t now_micros_ = 0;
  uint64_t next_ = 0;
  std::vector<Item> items_;
};

// A loop of one process: what it has not run when the process ends is never run.
class SimulatedLoop final : public engine::Loop {
 public:
  SimulatedLoop(Scheduler& scheduler, Random& random) : scheduler_(scheduler), random_(random) {}

  // In order; a busy machine or a slow disk takes its time, and work piles up behind it.
  void Post(std::function<void()> work) override {
    const int64_t busy_micros =
        random_.Permille(50) ? random_.Between(1'000, 50'000) : random_.Between(0, 200);
    free_at_micros_ = std::max(free_at_micros_, scheduler_.now_micros() + busy_micros);
    PostAfter(free_at_micros_ - scheduler_.now_micros(), std::move(work));
  }
  void PostAfter(int64_t delay_micros, std::function<void()> work) override {
    scheduler_.After(delay_micros, [alive = std::weak_ptr<bool>(alive_), work = std::move(work)] {
      if (!alive.expired()) work();
    });
  }

 private:
  Scheduler& scheduler_;
  Random& random_;
  int64_t free_at_micros_ = 0;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace shangda::simulation
