#include "common/clock/clock.h"

#include <gtest/gtest.h>

#include "common/clock/manual_clock.h"

namespace shangda::clock {
namespace {

TEST(SystemClockTest, TellsMicrosecondsOfThisCenturyAndIsNoDrill) {
  SystemClock clock;
  EXPECT_GT(clock.Now(), *ParseRfc3339("2020-01-01T00:00:00Z"));
  EXPECT_LT(clock.Now(), *ParseRfc3339("2120-01-01T00:00:00Z"));
  EXPECT_FALSE(clock.drill());
}

TEST(SystemMonotonicClockTest, NeverRunsBackwards) {
  SystemMonotonicClock clock;
  int64_t last = clock.NowMicros();
  for (int i = 0; i < 1000; ++i) {
    const int64_t now = clock.NowMicros();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(ManualClockTest, StandsStillUntilToldToMove) {
  ManualClock clock(Instant{100});
  EXPECT_EQ(clock.Now(), Instant{100});
  clock.AdvanceMicros(5);
  EXPECT_EQ(clock.Now(), Instant{105});
  clock.Set(Instant{7});
  EXPECT_EQ(clock.Now(), Instant{7});

  ManualMonotonicClock monotonic;
  EXPECT_EQ(monotonic.NowMicros(), 0);
  monotonic.AdvanceMicros(30);
  EXPECT_EQ(monotonic.NowMicros(), 30);
}

TEST(ManualClockTest, IsADrillOnlyIfToldSo) {
  ManualClock clock(Instant{0});
  EXPECT_FALSE(clock.drill());
  clock.set_drill(true);
  EXPECT_TRUE(clock.drill());
}

}  // namespace
}  // namespace shangda::clock
