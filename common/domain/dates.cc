#include "common/domain/dates.h"

#include <array>
#include <cstdio>

namespace shangda::domain {
namespace {

constexpr int64_t kMicrosPerDay = 86'400'000'000;
constexpr int64_t kChinaOffsetMicros = 8 * 3'600'000'000;

struct Civil {
  int32_t year;
  int32_t month;
  int32_t day;
};

// Days since 1970-01-01 of a proleptic Gregorian date, counting years from March so that the leap
// day comes last.
int32_t ToDays(const Civil& date) {
  int32_t year = date.month <= 2 ? date.year - 1 : date.year;
  int32_t era = year / 400;
  int32_t year_of_era = year - era * 400;
  int32_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

Civil FromDays(int32_t days) {
  days += 719'468;
  int32_t era = days / 146'097;
  int32_t day_of_era = days - era * 146'097;
  int32_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int32_t shifted_month = (5 * day_of_year + 2) / 153;
  int32_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  int32_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

int32_t Digits(std::string_view text) {
  int32_t value = 0;
  for (char c : text) value = value * 10 + (c - '0');
  return value;
}

Civil Parse(std::string_view date) {
  return {Digits(date.substr(0, 4)), Digits(date.substr(5, 2)), Digits(date.substr(8, 2))};
}

std::string Format(const Civil& date) {
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", date.year, date.month, date.day);
  return text.data();
}

}  // namespace

std::string ChinaDate(int64_t time_micros) {
  int64_t local = time_micros + kChinaOffsetMicros;
  int64_t days = local / kMicrosPerDay;
  if (local % kMicrosPerDay < 0) --days;
  return Format(FromDays(static_cast<int32_t>(days)));
}

bool IsDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i != 4 && i != 7 && (text[i] < '0' || text[i] > '9')) return false;
  }
  Civil date = Parse(text);
  // A date that is not in the calendar comes back as another.
  return date.year >= 1900 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         Format(FromDays(ToDays(date))) == text;
}

uint32_t YearOf(std::string_view date) {
  return static_cast<uint32_t>(Parse(date).year);
}

uint32_t MonthOf(std::string_view date) {
  Civil civil = Parse(date);
  return static_cast<uint32_t>(civil.year * 100 + civil.month);
}

int32_t DaysBetween(std::string_view from, std::string_view to) {
  return ToDays(Parse(to)) - ToDays(Parse(from));
}

}  // namespace shangda::domain
