// China dates (UTC+8, no summer time) as YYYY-MM-DD, which sort as they are written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace shangda::domain {

// The China date of an instant.
std::string ChinaDate(int64_t time_micros);

// Exists in the Gregorian calendar and is written YYYY-MM-DD, years 1900 to 9999.
bool IsDate(std::string_view text);

// The year of a date. `date` must be one.
uint32_t YearOf(std::string_view date);

// YYYYMM of a date. `date` must be one.
uint32_t MonthOf(std::string_view date);

// Days from one date to another; negative if `to` is earlier. Both must be dates.
int32_t DaysBetween(std::string_view from, std::string_view to);

}  // namespace shangda::domain
