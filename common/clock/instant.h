// A moment in time, and how it is written for people: China's wall clock (UTC+8, no summer time).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shangda::clock {

struct Instant {
  // Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
  int64_t micros = 0;

  friend auto operator<=>(const Instant&, const Instant&) = default;
};

// `2006-01-05T09:00:00+08:00`; a fraction of a second is printed only if there is one, without
// trailing zeros. ParseRfc3339 reads back exactly what this wrote, for the years 0000 to 9999.
std::string ToRfc3339China(Instant instant);

// Reads an RFC 3339 date-time with any offset (`Z`, `+08:00`) and nothing around it. What is finer
// than a microsecond is dropped. Anything else, also a day that the calendar lacks: nullopt.
std::optional<Instant> ParseRfc3339(std::string_view text);

}  // namespace shangda::clock
