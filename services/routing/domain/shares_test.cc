// Shares stay exact: what each source and each report is worth, in the smallest integers.
#include "services/routing/domain/shares.h"

#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace shangda::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Weights = std::vector<std::pair<std::string, uint64_t>>;

std::vector<v1::Leaf> Leaves(const Weights& weights) {
  std::vector<v1::Leaf> leaves;
  for (const auto& [report, weight] : weights) {
    v1::Leaf& leaf = leaves.emplace_back();
    leaf.set_report(report);
    leaf.set_weight(weight);
  }
  return leaves;
}

Weights Shared(const std::vector<SourceShare>& sources) {
  Weights weights;
  const auto leaves = ShareOut(sources);
  EXPECT_TRUE(leaves.has_value());
  for (const v1::Leaf& leaf : *leaves) weights.emplace_back(leaf.report(), leaf.weight());
  return weights;
}

TEST(SharesTest, SingleReportsShareByTheWeightsOfTheSources) {
  EXPECT_THAT(Shared({{1, Leaves({{"a", 1}})}, {3, Leaves({{"b", 1}})}}),
              ElementsAre(Pair("a", 1), Pair("b", 3)));
}

TEST(SharesTest, InsideASourceItsLeavesShareWhatTheSourceHas) {
  // Half of it is a and b as 1 to 2, the other half is c.
  EXPECT_THAT(Shared({{1, Leaves({{"a", 1}, {"b", 2}})}, {1, Leaves({{"c", 1}})}}),
              ElementsAre(Pair("a", 1), Pair("b", 2), Pair("c", 3)));
}

TEST(SharesTest, HowASourceWritesItsWeightsDoesNotMatter) {
  EXPECT_EQ(Shared({{1, Leaves({{"a", 100}, {"b", 200}})}, {1, Leaves({{"c", 7}})}}),
            Shared({{5, Leaves({{"a", 1}, {"b", 2}})}, {5, Leaves({{"c", 1}})}}));
}

TEST(SharesTest, AReportThatComesByTwoWaysHasBothShares) {
  // a: 1/2 + 1/2 · 1/2; b: 1/2 · 1/2.
  EXPECT_THAT(Shared({{1, Leaves({{"a", 1}})}, {1, Leaves({{"a", 1}, {"b", 1}})}}),
              ElementsAre(Pair("a", 3), Pair("b", 1)));
}

TEST(SharesTest, OwnMaterialTakesNothingFromReports) {
  EXPECT_THAT(Shared({{9, {}}, {1, Leaves({{"a", 1}})}}), ElementsAre(Pair("a", 1)));
  EXPECT_THAT(Shared({{1, {}}}), IsEmpty());
  EXPECT_THAT(Shared({}), IsEmpty());
}

// The share of every leaf, computed the other way round as fractions of one denominator, is the
// weight's.
TEST(SharesTest, EveryLeafHasItsExactFractionOfTheWhole) {
  for (uint64_t a = 1; a <= 4; ++a) {
    for (uint64_t b = 1; b <= 4; ++b) {
      for (uint64_t inner = 1; inner <= 5; ++inner) {
        const Weights leaves = Shared({{a, Leaves({{"x", inner}, {"y", 3}})},
                                       {b, Leaves({{"z", 2}, {"u", inner}, {"v", 1}})}});
        uint64_t sum = 0;
        for (const auto& [report, weight] : leaves) sum += weight;
        // weight / sum == source / (a + b) * leaf / leaves of the source.
        const uint64_t first = (a + b) * (inner + 3);
        const uint64_t second = (a + b) * (inner + 3);
        EXPECT_EQ(leaves[0].second * first, sum * a * inner);
        EXPECT_EQ(leaves[1].second * first, sum * a * 3);
        EXPECT_EQ(leaves[2].second * second, sum * b * 2);
        EXPECT_EQ(leaves[3].second * second, sum * b * inner);
        EXPECT_EQ(leaves[4].second * second, sum * b);
        uint64_t divisor = 0;
        for (const auto& [report, weight] : leaves) divisor = std::gcd(divisor, weight);
        EXPECT_EQ(divisor, 1u);
      }
    }
  }
}

TEST(SharesTest, SharesThatNoIntegerHoldsAreNoShares) {
  // Sums that have no common divisor: their product does not fit.
  std::vector<SourceShare> sources;
  for (uint64_t prime : {4294967291u, 4294967279u, 4294967231u}) {
    sources.push_back({1, Leaves({{std::to_string(prime), prime - 1}, {"rest", 1}})});
  }
  EXPECT_FALSE(ShareOut(sources).has_value());
  EXPECT_FALSE(ShareOut({{1, Leaves({{"a", UINT64_MAX}, {"b", UINT64_MAX - 1}})}}).has_value());
}

TEST(SharesTest, LargeWeightsThatReduceAreNoTrouble) {
  EXPECT_THAT(Shared({{1, Leaves({{"a", UINT64_MAX}, {"b", UINT64_MAX}})}}),
              ElementsAre(Pair("a", 1), Pair("b", 1)));
}

}  // namespace
}  // namespace shangda::routing
