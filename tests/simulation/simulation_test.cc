// The bounded share of the simulation that runs with every test: fixed seeds, and one that nobody has seen before.

#include <gtest/gtest.h>

#include <random>

#include "tests/simulation/clients.h"
#include "tests/simulation/run.h"

namespace shangda::simulation {
namespace {

std::string Words(const RunResult& result) {
  std::string words;
  for (const std::string& what : result.what) words += what + "\n";
  return words;
}

TEST(Simulation, OfFixedSeedsHoldsEveryInvariantAndTriesEveryCell) {
  constexpr uint64_t kSeeds = 18;
  std::set<std::string> cells;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    RunResult result = simulation::Run({.seed = seed, .operations = 2'000});
    EXPECT_TRUE(result.violations.empty()) << "seed " << seed << "\n" << Words(result);
    EXPECT_GE(result.operations, 2'000u);
    EXPECT_GT(result.crashes, 0u);
    EXPECT_GT(result.stores_reopened, 0u);
    cells.merge(result.cells);
  }
  EXPECT_GE(cells.size() * 100, Clients::AllCells().size() * 95);
}

TEST(Simulation, OfASeedThatNobodyHasSeenHoldsEveryInvariant) {
  const uint64_t seed = std::random_device()();
  std::cout << "seed " << seed << std::endl;
  RunResult result = simulation::Run({.seed = seed, .operations = 5'000});
  EXPECT_TRUE(result.violations.empty()) << "seed " << seed << "\n" << Words(result);
}

TEST(Simulation, OfOneSeedIsTheSameEveryTime) {
  const RunResult first = simulation::Run({.seed = 4, .operations = 500});
  const RunResult second = simulation::Run({.seed = 4, .operations = 500});
  EXPECT_EQ(first.crashes, second.crashes);
  EXPECT_EQ(first.messages_lost, second.messages_lost);
  EXPECT_EQ(first.watch_events_checked, second.watch_events_checked);
  EXPECT_EQ(first.answers, second.answers);
}

}  // namespace
}  // namespace shangda::simulation
