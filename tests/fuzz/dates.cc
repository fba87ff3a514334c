// Dates and instants, as text and as numbers: common/domain/dates, common/check/grammar,
// common/clock/instant. Two lines of an input are two texts; its bytes are also two numbers.
#include "common/domain/dates.h"

#include <cstring>
#include <string>

#include "common/check/grammar.h"
#include "common/clock/instant.h"
#include "tests/fuzz/fuzzer.h"

namespace shangda::fuzz {
namespace {

using clock::Instant;

constexpr int64_t kMicrosPerDay = 86'400'000'000;

void CheckDate(std::string_view text) {
  const bool is_date = domain::IsDate(text);
  SHANGDA_CHECK(is_date == check::IsDate(text))
      << "two answers to whether " << text << " is a date";
  if (!is_date) return;
  const std::string compact = std::string(text.substr(0, 4)) + std::string(text.substr(5, 2));
  SHANGDA_CHECK(domain::YearOf(text) == std::stoul(compact.substr(0, 4)));
  SHANGDA_CHECK(domain::MonthOf(text) == std::stoul(compact));
  const auto noon = clock::ParseRfc3339(std::string(text) + "T12:00:00+08:00");
  SHANGDA_CHECK(noon.has_value() && domain::ChinaDate(noon->micros) == text)
      << "another day than " << text;
}

void CheckPair(std::string_view a, std::string_view b) {
  if (!domain::IsDate(a) || !domain::IsDate(b)) return;
  const int32_t days = domain::DaysBetween(a, b);
  SHANGDA_CHECK((days > 0) == (a < b) && (days == 0) == (a == b)) << a << " " << b;
  SHANGDA_CHECK(domain::DaysBetween(b, a) == -days);
  const int64_t from = clock::ParseRfc3339(std::string(a) + "T00:00:00+08:00")->micros;
  SHANGDA_CHECK(domain::ChinaDate(from + days * kMicrosPerDay) == b) << a << " " << b;
}

void CheckInstant(std::string_view text) {
  const auto instant = clock::ParseRfc3339(text);
  if (!instant.has_value()) return;
  const std::string written = clock::ToRfc3339China(*instant);
  // With its offset an instant at the edge may lie in a year of China that has no four digits.
  if (written.find('-') != 4) return;
  SHANGDA_CHECK(clock::ParseRfc3339(written) == instant) << text << " became " << written;
  SHANGDA_CHECK(clock::ToRfc3339China(*clock::ParseRfc3339(written)) == written);
}

// From 1900 to 9999 in China: what a clock may say.
int64_t InRange(uint64_t number) {
  static const int64_t first = clock::ParseRfc3339("1900-01-01T00:00:00+08:00")->micros;
  static const int64_t last = clock::ParseRfc3339("9999-12-31T23:59:59.999999+08:00")->micros;
  return first + static_cast<int64_t>(number % static_cast<uint64_t>(last - first + 1));
}

void CheckMicros(int64_t micros) {
  const std::string date = domain::ChinaDate(micros);
  SHANGDA_CHECK(domain::IsDate(date)) << date;
  const std::string written = clock::ToRfc3339China(Instant{micros});
  SHANGDA_CHECK(written.starts_with(date + "T")) << written << " is not on " << date;
  SHANGDA_CHECK(clock::ParseRfc3339(written) == Instant{micros}) << written;
}

}  // namespace
}  // namespace shangda::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  Input input(data, size);
  const std::string_view first = input.Line();
  const std::string_view second = input.Line();
  CheckDate(first);
  CheckDate(second);
  CheckPair(first, second);
  CheckInstant(first);
  CheckInstant(second);

  uint64_t numbers[2] = {};
  std::memcpy(numbers, data, size < sizeof(numbers) ? size : sizeof(numbers));
  int64_t micros[2] = {InRange(numbers[0]), InRange(numbers[1])};
  if (micros[0] > micros[1]) std::swap(micros[0], micros[1]);
  for (const int64_t each : micros) CheckMicros(each);
  SHANGDA_CHECK(shangda::domain::ChinaDate(micros[0]) <= shangda::domain::ChinaDate(micros[1]));
  return 0;
}
