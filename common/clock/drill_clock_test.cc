#include "common/clock/drill_clock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace shangda::clock {
namespace {

class DrillClockTest : public ::testing::Test {
 protected:
  DrillClockTest()
      : folder_(::testing::TempDir() + "drill_clock_" + std::to_string(getpid())),
        file_(folder_ + "/now") {
    std::filesystem::create_directory(folder_);
  }
  ~DrillClockTest() override { std::filesystem::remove_all(folder_); }

  // As the people of the drill do it: write beside, rename over.
  void Move(const std::string& content) {
    std::ofstream(file_ + ".new", std::ios::binary) << content;
    std::filesystem::rename(file_ + ".new", file_);
  }

  std::unique_ptr<DrillClock> Open() {
    absl::StatusOr<std::unique_ptr<DrillClock>> clock = DrillClock::Open(file_);
    EXPECT_TRUE(clock.ok()) << clock.status();
    return clock.ok() ? *std::move(clock) : nullptr;
  }

  const std::string folder_;
  const std::string file_;
};

TEST_F(DrillClockTest, SaysWhatTheFileSaysAndStandsStillBetweenMoves) {
  Move("2006-01-05T09:00:00+08:00\n");
  const auto clock = Open();
  EXPECT_TRUE(clock->drill());
  EXPECT_EQ(ToRfc3339China(clock->Now()), "2006-01-05T09:00:00+08:00");
  EXPECT_EQ(ToRfc3339China(clock->Now()), "2006-01-05T09:00:00+08:00");

  Move("2006-01-06T10:30:00+08:00\n");
  EXPECT_EQ(ToRfc3339China(clock->Now()), "2006-01-06T10:30:00+08:00");
}

TEST_F(DrillClockTest, NeverGoesBack) {
  Move("2006-01-05T09:00:00+08:00");
  const auto clock = Open();
  Move("2006-01-04T09:00:00+08:00");
  EXPECT_EQ(ToRfc3339China(clock->Now()), "2006-01-05T09:00:00+08:00");
  Move("2006-01-05T09:00:01+08:00");
  EXPECT_EQ(ToRfc3339China(clock->Now()), "2006-01-05T09:00:01+08:00");
}

TEST_F(DrillClockTest, KeepsTheLastInstantWhenTheFileIsMalformedOrGone) {
  Move("2006-01-05T09:00:00+08:00");
  const auto clock = Open();
  for (const char* content : {"", "明天上午九点", "2006-01-06T09:00", "2006-01-06T09:00:00Z\n\n",
                              "2006-01-06T09:00:00.0000000000000000000000000000000000000000000000"
                              "0000000000000000000000Z"}) {
    Move(content);
    EXPECT_EQ(ToRfc3339China(clock->Now()), "2006-01-05T09:00:00+08:00") << content;
  }
  std::filesystem::remove(file_);
  EXPECT_EQ(ToRfc3339China(clock->Now()), "2006-01-05T09:00:00+08:00");
}

TEST_F(DrillClockTest, ReadsALineThatEndsAsOnWindows) {
  Move("2006-01-05T09:00:00+08:00\r\n");
  EXPECT_EQ(ToRfc3339China(Open()->Now()), "2006-01-05T09:00:00+08:00");
}

TEST_F(DrillClockTest, DoesNotBeginWithoutAnInstant) {
  const auto missing = DrillClock::Open(file_);
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kInvalidArgument);
  Move("2006-01-05\n");
  const auto malformed = DrillClock::Open(file_);
  EXPECT_EQ(malformed.status().message(),
            "演练时钟文件 " + file_ +
                " 里没有可用的时间；请在其中写一行带时区的时间，例如 2006-01-05T09:00:00+08:00");
}

}  // namespace
}  // namespace shangda::clock
