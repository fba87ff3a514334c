#include "common/clock/instant.h"

#include <gtest/gtest.h>

namespace shangda::clock {
namespace {

constexpr Instant kNineInTheMorning{1136422800'000000};

TEST(InstantTest, IsWrittenAsChinaTime) {
  EXPECT_EQ(ToRfc3339China(kNineInTheMorning), "2006-01-05T09:00:00+08:00");
  EXPECT_EQ(ToRfc3339China(Instant{0}), "1970-01-01T08:00:00+08:00");
}

TEST(InstantTest, PrintsAFractionOnlyIfThereIsOne) {
  EXPECT_EQ(ToRfc3339China(Instant{kNineInTheMorning.micros + 250'000}),
            "2006-01-05T09:00:00.25+08:00");
}

TEST(InstantTest, HasNoSummerTimeEvenInTheYearsWhenChinaHadIt) {
  EXPECT_EQ(ToRfc3339China(*ParseRfc3339("1988-07-01T00:00:00Z")), "1988-07-01T08:00:00+08:00");
}

TEST(InstantTest, ReadsWhatItWrote) {
  for (const Instant instant :
       {Instant{0}, Instant{-1}, Instant{1}, kNineInTheMorning, Instant{253402271999'999999}}) {
    EXPECT_EQ(ParseRfc3339(ToRfc3339China(instant)), instant) << instant.micros;
  }
}

TEST(InstantTest, ReadsAnyOffset) {
  EXPECT_EQ(ParseRfc3339("2006-01-05T01:00:00Z"), kNineInTheMorning);
  EXPECT_EQ(ParseRfc3339("2006-01-04T19:30:00-05:30"), kNineInTheMorning);
}

TEST(InstantTest, DropsWhatIsFinerThanAMicrosecond) {
  EXPECT_EQ(ParseRfc3339("1970-01-01T00:00:00.0000019Z"), Instant{1});
}

TEST(InstantTest, RefusesWhatIsNotAnInstant) {
  for (const char* text :
       {"", "2006-01-05", "2006-01-05T09:00:00", "2006-01-05 09:00:00+08:00",
        "2006-01-05T09:00+08:00", "2006-1-5T9:00:00+08:00", "2006-01-05T09:00:00+0800",
        "2006-01-05T09:00:00+08", " 2006-01-05T09:00:00+08:00", "2006-01-05T09:00:00+08:00 ",
        "2006-01-05T09:00:00 +08:00", "2006-01-05T09:00:00+08:00Z", "2006-02-29T09:00:00+08:00",
        "2006-13-01T09:00:00+08:00", "2006-01-05T25:00:00+08:00", "12006-01-05T09:00:00+08:00",
        "infinite-future"}) {
    EXPECT_EQ(ParseRfc3339(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace shangda::clock
