// What a run is told, and what it prints.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/drive.h"
#include "tests/bench/wire.h"

namespace shangda::bench {

struct Options {
  std::string side;
  std::string address;
  Identity identity;
  std::string texts;
  std::string committee;
  std::string file;
  int connections = 16;
  Plan plan;
  // Evenly spaced calls.
  double per_second = 0;
  // Of those who watch.
  Identity watching;
  size_t watchers = 0;
  size_t watchers_per_connection = 100;
  // Papers: who makes them, where what becomes of them is watched, how they go there.
  Identity editing;
  Identity reviewing;
  Identity signing;
  std::string province_address;
  std::string channel;
};

// One JSON object. `stored` is what was read back.
int Print(Measured measured, uint64_t stored);

}  // namespace shangda::bench
