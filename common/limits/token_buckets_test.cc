// What each may ask for in a second, on a clock that stands still until it is told to move.
#include "common/limits/token_buckets.h"

#include <gtest/gtest.h>

#include <string>

#include "common/clock/manual_clock.h"

namespace shangda::limits {
namespace {

constexpr Rate kTenASecond{.per_second = 10, .burst = 3};

class TokenBucketsTest : public ::testing::Test {
 protected:
  clock::ManualMonotonicClock clock_;
  TokenBuckets buckets_{clock_};
};

TEST_F(TokenBucketsTest, ABurstIsTakenAtOnceAndThenTheRateHolds) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(buckets_.Take("a", kTenASecond, 1), 0);
  EXPECT_EQ(buckets_.Take("a", kTenASecond, 1), 100'000);
  clock_.AdvanceMicros(99'999);
  EXPECT_EQ(buckets_.Take("a", kTenASecond, 1), 1);
  clock_.AdvanceMicros(1);
  EXPECT_EQ(buckets_.Take("a", kTenASecond, 1), 0);
  EXPECT_GT(buckets_.Take("a", kTenASecond, 1), 0);
}

TEST_F(TokenBucketsTest, WhatWasRefusedCostsNothing) {
  for (int i = 0; i < 3; ++i) buckets_.Take("a", kTenASecond, 1);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(buckets_.Take("a", kTenASecond, 1), 100'000);
}

TEST_F(TokenBucketsTest, NobodyTakesAnothersTokens) {
  for (int i = 0; i < 3; ++i) buckets_.Take("a", kTenASecond, 1);
  EXPECT_GT(buckets_.Take("a", kTenASecond, 1), 0);
  EXPECT_EQ(buckets_.Take("b", kTenASecond, 1), 0);
}

TEST_F(TokenBucketsTest, ALongRestIsWorthNoMoreThanABurst) {
  buckets_.Take("a", kTenASecond, 1);
  clock_.AdvanceMicros(3'600'000'000);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(buckets_.Take("a", kTenASecond, 1), 0);
  EXPECT_GT(buckets_.Take("a", kTenASecond, 1), 0);
}

TEST_F(TokenBucketsTest, MoreThanABurstIsGivenFromAFullBucketAndPaidForAfterwards) {
  EXPECT_EQ(buckets_.Take("a", kTenASecond, 13), 0);
  // Ten are owed, and one is asked for.
  EXPECT_EQ(buckets_.Take("a", kTenASecond, 1), 1'100'000);
  clock_.AdvanceMicros(1'100'000);
  EXPECT_EQ(buckets_.Take("a", kTenASecond, 1), 0);
  // Not from one that is not full.
  EXPECT_GT(buckets_.Take("a", kTenASecond, 13), 0);
}

// Or a call that brings many commands would never come through: each try takes one for itself.
TEST_F(TokenBucketsTest, WhoHasPaidForTheAskingGetsMoreThanABurst) {
  EXPECT_EQ(buckets_.Take("a", kTenASecond, 1), 0);
  EXPECT_EQ(buckets_.Take("a", kTenASecond, 13), 0);
  EXPECT_GT(buckets_.Take("a", kTenASecond, 1), 0);
}

TEST_F(TokenBucketsTest, RemembersOnlyThoseWhoAskedLately) {
  for (int i = 0; i < 10'000; ++i) {
    buckets_.Take(std::to_string(i), kTenASecond, 1);
    clock_.AdvanceMicros(1'000);
  }
  EXPECT_LT(buckets_.size(), 2'000u);
  // Sweeping forgives nobody.
  buckets_.Take("a", kTenASecond, 3);
  for (int i = 0; i < 10'000; ++i) buckets_.Take(std::to_string(i), kTenASecond, 1);
  EXPECT_GT(buckets_.Take("a", kTenASecond, 1), 0);
}

}  // namespace
}  // namespace shangda::limits
