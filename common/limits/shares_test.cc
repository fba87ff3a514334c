// How many are open at once.
#include "common/limits/shares.h"

#include <gtest/gtest.h>

namespace shangda::limits {
namespace {

using enum Shares::Answer;

TEST(SharesTest, OneHolderGetsItsShareAndNoMore) {
  Shares shares({.in_all = 10, .for_one = 2});
  EXPECT_EQ(shares.Take("a"), kTaken);
  EXPECT_EQ(shares.Take("a"), kTaken);
  EXPECT_EQ(shares.Take("a"), kShareOpen);
  EXPECT_EQ(shares.Take("b"), kTaken);
  EXPECT_EQ(shares.in_all(), 3u);
  shares.Give("a");
  EXPECT_EQ(shares.Take("a"), kTaken);
}

TEST(SharesTest, AllTogetherGetNoMoreThanThereAre) {
  Shares shares({.in_all = 3, .for_one = 2});
  EXPECT_EQ(shares.Take("a"), kTaken);
  EXPECT_EQ(shares.Take("b"), kTaken);
  EXPECT_EQ(shares.Take("c"), kTaken);
  EXPECT_EQ(shares.Take("d"), kAllOpen);
  // Its own share is not the reason.
  EXPECT_EQ(shares.Take("a"), kAllOpen);
  shares.Give("c");
  EXPECT_EQ(shares.Take("d"), kTaken);
}

TEST(SharesTest, GivingBackWhatWasNeverTakenGivesNobodyMore) {
  Shares shares({.in_all = 1, .for_one = 1});
  shares.Give("a");
  EXPECT_EQ(shares.Take("a"), kTaken);
  EXPECT_EQ(shares.Take("b"), kAllOpen);
}

}  // namespace
}  // namespace shangda::limits
