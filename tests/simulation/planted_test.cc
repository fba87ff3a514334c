// The tests are tested: each planted bug is caught, by which invariant and within how many seeds.

#include "common/domain/planted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "tests/simulation/run.h"

namespace shangda::simulation {
namespace {

struct Planted {
  const char* bug;
  // Those that may be the first to see it.
  std::vector<std::string> invariants;
};

void PrintTo(const Planted& planted, std::ostream* out) {
  *out << planted.bug;
}

// Twice what the slowest of them needs.
constexpr uint64_t kSeedsMax = 60;

constexpr char kTold[] = "clients were told the truth";
constexpr char kSeen[] = "watchers saw everything, once and in order";
constexpr char kStands[] = "the node stands";
constexpr char kReplay[] = "replay";
constexpr char kConverges[] = "everything converges";
constexpr char kTracks[] = "what feedback tells of a thing is what its owner says";
constexpr char kHeard[] = "every outcome was heard below, once";
constexpr char kFigures[] = "figures equal a recount";
constexpr char kWaits[] = "no fact waits for ever";

const std::vector<Planted>& AllPlanted() {
  static const auto& planted = *new std::vector<Planted>{
      {"reply_before_sync", {kStands}},
      {"delivery_acknowledged_before_it_is_durable", {kStands}},
      {"cursor_outside_batch", {kReplay}},
      {"request_id_forgotten", {kTold}},
      {"store_not_read_again_when_reopened", {kReplay, kStands, kTold, kSeen}},
      {"number_reused_after_a_crash", {kReplay, kTold}},
      {"bookmark_ahead_of_the_data", {kSeen}},
      {"resume_off_by_one", {kTold, kSeen}},
      {"filter_that_stops_bookmarks", {kConverges}},
      {"drain_drops_the_queue", {kStands}},
      {"fact_dropped_instead_of_parked", {kTracks, kHeard}},
      {"parked_facts_out_of_order", {kTracks, kFigures, kHeard, kWaits}},
      {"older_outcome_overwrites_newer", {kFigures, kTracks}},
      {"delivery_taken_twice", {"one arrival for a dispatch"}},
      {"neighbours_events_shown", {kSeen}},
  };
  return planted;
}

class PlantedBug : public ::testing::TestWithParam<Planted> {
 protected:
  void TearDown() override { domain::PlantedBug().clear(); }
};

TEST_P(PlantedBug, IsCaught) {
  domain::PlantedBug() = GetParam().bug;
  for (uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    const RunResult result = simulation::Run({.seed = seed, .operations = 2'000});
    if (result.violations.empty()) continue;
    std::cout << GetParam().bug << ": seed " << seed << ", " << result.operations << " operations, "
              << result.what.front() << std::endl;
    EXPECT_TRUE(std::ranges::any_of(GetParam().invariants, [&](const std::string& invariant) {
      return result.violations.contains(invariant);
    })) << result.what.front();
    return;
  }
  FAIL() << "no seed up to " << kSeedsMax << " catches " << GetParam().bug;
}

TEST(NoPlantedBug, HoldsEveryInvariant) {
  EXPECT_TRUE(simulation::Run({.seed = 1, .operations = 2'000}).violations.empty());
}

INSTANTIATE_TEST_SUITE_P(Each,
                         PlantedBug,
                         ::testing::ValuesIn(AllPlanted()),
                         [](const auto& planted) { return std::string(planted.param.bug); });

}  // namespace
}  // namespace shangda::simulation
