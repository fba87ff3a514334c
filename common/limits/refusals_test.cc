// What was refused leaves a trace, and no flood.
#include "common/limits/refusals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/clock/manual_clock.h"

namespace shangda::limits {

bool operator==(const Refusals::Count& a, const Refusals::Count& b) {
  return a.reason == b.reason && a.count == b.count;
}

namespace {

using ::testing::ElementsAre;

class RefusalsTest : public ::testing::Test {
 protected:
  clock::ManualMonotonicClock clock_;
  Refusals refusals_{clock_};
};

TEST_F(RefusalsTest, TheFirstIsToldAtOnceAndTheRestOfTheMinuteTogether) {
  auto first = refusals_.Note("QUOTA", "a");
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->count, 1u);
  for (int i = 0; i < 500; ++i) EXPECT_FALSE(refusals_.Note("QUOTA", "b").has_value());
  EXPECT_TRUE(refusals_.Due().empty());
  clock_.AdvanceMicros(Refusals::kLineEveryMicros);
  auto due = refusals_.Due();
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].reason, "QUOTA");
  EXPECT_EQ(due[0].count, 500u);
  EXPECT_EQ(due[0].who, "b");
  EXPECT_TRUE(refusals_.Due().empty());
}

TEST_F(RefusalsTest, ReasonsAreCountedAndToldApart) {
  EXPECT_TRUE(refusals_.Note("QUOTA", "a").has_value());
  EXPECT_TRUE(refusals_.Note("OVERLOADED", "a").has_value());
  refusals_.Note("QUOTA", "a");
  EXPECT_THAT(refusals_.Counts(),
              ElementsAre(Refusals::Count{"OVERLOADED", 1}, Refusals::Count{"QUOTA", 2}));
}

TEST_F(RefusalsTest, TheEndTellsWhatWasNotToldYet) {
  refusals_.Note("QUOTA", "a");
  refusals_.Note("QUOTA", "a");
  EXPECT_TRUE(refusals_.Due().empty());
  EXPECT_EQ(refusals_.Due(/*all=*/true).size(), 1u);
  EXPECT_TRUE(refusals_.Due(/*all=*/true).empty());
}

TEST_F(RefusalsTest, AnHourOfRefusalsIsSixtyLinesAndNoneIsLeftOut) {
  uint64_t told = 0;
  int lines = 0;
  for (int second = 0; second < 3'600; ++second) {
    for (int i = 0; i < 7; ++i) {
      if (auto line = refusals_.Note("QUOTA", "a"); line.has_value()) {
        told += line->count;
        ++lines;
      }
    }
    clock_.AdvanceMicros(1'000'000);
  }
  for (const auto& line : refusals_.Due(/*all=*/true)) told += line.count;
  EXPECT_EQ(told, 3'600u * 7);
  EXPECT_LE(lines, 60);
}

}  // namespace
}  // namespace shangda::limits
