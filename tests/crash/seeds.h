// How much of the random part a run does: always the same seeds, and one that is new each time and printed.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <vector>

namespace shangda::crash {

// SHANGDA_CRASH_SEED=N repeats one seed alone.
inline std::vector<uint64_t> Seeds() {
  if (const char* seed = std::getenv("SHANGDA_CRASH_SEED")) return {std::stoull(seed)};
  const uint64_t fresh = std::random_device()();
  std::cout << "a new seed: SHANGDA_CRASH_SEED=" << fresh << std::endl;
  return {1, 2, fresh};
}

// SHANGDA_CRASH_LONG=1: every case of a sweep instead of a sample.
inline bool Long() {
  return std::getenv("SHANGDA_CRASH_LONG") != nullptr;
}

}  // namespace shangda::crash
