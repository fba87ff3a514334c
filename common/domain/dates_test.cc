#include "common/domain/dates.h"

#include <gtest/gtest.h>

namespace shangda::domain {
namespace {

TEST(Dates, TheChinaDateTurnsAtMidnightInChina) {
  // 2006-01-04T16:00:00Z is midnight of the 5th in China.
  constexpr int64_t kMidnight = 1'136'390'400'000'000;
  EXPECT_EQ(ChinaDate(kMidnight), "2006-01-05");
  EXPECT_EQ(ChinaDate(kMidnight - 1), "2006-01-04");
  EXPECT_EQ(ChinaDate(-1), "1970-01-01");
  EXPECT_EQ(ChinaDate(-8 * 3'600'000'000 - 1), "1969-12-31");
}

TEST(Dates, OnlyDaysOfTheCalendarAreDates) {
  for (const char* date : {"2006-01-31", "2008-02-29", "2000-02-29", "9999-12-31", "1900-01-01"}) {
    EXPECT_TRUE(IsDate(date)) << date;
  }
  for (const char* text :
       {"2006-02-29", "1900-02-29", "2006-13-01", "2006-00-10", "2006-04-31", "2006-1-1",
        "2006/01/01", "2006-01-00", "1899-12-31", "2006-01-011", "", "２００６-01-01"}) {
    EXPECT_FALSE(IsDate(text)) << text;
  }
}

TEST(Dates, DaysAreCountedOverMonthsAndLeapDays) {
  EXPECT_EQ(DaysBetween("2008-02-28", "2008-03-01"), 2);
  EXPECT_EQ(DaysBetween("2006-12-31", "2006-01-01"), -364);
  EXPECT_EQ(DaysBetween("2006-05-05", "2006-05-05"), 0);
  EXPECT_EQ(MonthOf("2006-05-05"), 200605u);
  EXPECT_EQ(YearOf("2006-05-05"), 2006u);
}

}  // namespace
}  // namespace shangda::domain
