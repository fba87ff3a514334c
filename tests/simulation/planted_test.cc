// The tests are tested: each planted bug is caught, by which invariant and within how many seeds.

#include "common/domain/planted.h"

#include <gtest/gtest.h>

#include "tests/simulation/run.h"

namespace shangda::simulation {
namespace {

struct Planted {
  const char* bug;
  // One of those that catch it.
  const char* invariant;
};

// Far more than any of them needs.
constexpr uint64_t kSeedsMax = 40;

constexpr Planted kPlanted[] = {
    {"reply_before_sync", "the node stands"},
    {"delivery_acknowledged_before_it_is_durable", "the node stands"},
    {"cursor_outside_batch", "replay"},
    {"request_id_forgotten", "clients were told the truth"},
    {"number_reused_after_a_crash", "replay"},
    {"bookmark_ahead_of_the_data", "watchers saw everything, once and in order"},
    {"resume_off_by_one", "clients were told the truth"},
    {"filter_that_stops_bookmarks", "everything converges"},
    {"drain_drops_the_queue", "the node stands"},
    {"fact_dropped_instead_of_parked", "every outcome was heard below, once"},
    {"parked_facts_out_of_order", "what feedback tells of a thing is what its owner says"},
    {"older_outcome_overwrites_newer", "figures equal a recount"},
    {"delivery_taken_twice", "one arrival for a dispatch"},
    {"neighbours_events_shown", "watchers saw everything, once and in order"},
};

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
    EXPECT_TRUE(result.violations.contains(GetParam().invariant)) << result.what.front();
    return;
  }
  FAIL() << "no seed up to " << kSeedsMax << " catches " << GetParam().bug;
}

TEST(NoPlantedBug, HoldsEveryInvariant) {
  EXPECT_TRUE(simulation::Run({.seed = 1, .operations = 2'000}).violations.empty());
}

INSTANTIATE_TEST_SUITE_P(Each, PlantedBug, ::testing::ValuesIn(kPlanted), [](const auto& planted) {
  return std::string(planted.param.bug);
});

}  // namespace
}  // namespace shangda::simulation
