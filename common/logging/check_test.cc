#include "common/logging/check.h"

#include <gtest/gtest.h>

namespace {

TEST(CheckTest, CostsNothingButTheConditionWhenItHolds) {
  int conditions = 0;
  int contexts = 0;
  SHANGDA_CHECK(++conditions == 1) << ++contexts;
  EXPECT_EQ(conditions, 1);
  EXPECT_EQ(contexts, 0);
}

TEST(CheckDeathTest, EndsTheProcessWithFileLineConditionAndContext) {
  EXPECT_DEATH(SHANGDA_CHECK(1 + 1 == 3) << "position " << 42,
               "check_test.cc:[0-9]+: SHANGDA_CHECK\\(1 \\+ 1 == 3\\) position 42\n");
}

TEST(CheckDeathTest, StandsAsOneStatementBeforeAnElse) {
  bool reached_else = false;
  if (reached_else)
    SHANGDA_CHECK(false) << "never";
  else
    reached_else = true;
  EXPECT_TRUE(reached_else);
}

}  // namespace
