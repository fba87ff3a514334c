// One run of the simulation from one seed: work and faults, then everything heals, then everything is held against
// what must be.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace shangda::simulation {

struct RunOptions {
  uint64_t seed = 1;
  uint64_t operations = 2'000;
  // Nodes that are put back to an older backup; nothing: the seed decides.
  std::optional<uint64_t> restores;
};

struct RunResult {
  uint64_t operations = 0;
  uint64_t crashes = 0;
  uint64_t restores = 0;
  uint64_t partitions = 0;
  uint64_t messages_lost = 0;
  uint64_t messages_doubled = 0;
  uint64_t unsynced_bytes_dropped = 0;
  uint64_t stores_reopened = 0;
  uint64_t replays_compared = 0;
  uint64_t watch_events_checked = 0;
  std::set<std::string> cells;
  // Invariant → how often it did not hold.
  std::map<std::string, uint64_t> violations;
  // The first few, in words.
  std::vector<std::string> what;
  // How often which command was answered how.
  std::map<std::string, uint64_t> answers;
};

RunResult Run(const RunOptions& options);

}  // namespace shangda::simulation
