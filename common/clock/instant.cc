#include "common/clock/instant.h"

#include <absl/time/time.h>

namespace shangda::clock {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Whether `text` looks like `shape`, in which 0 stands for any digit.
bool HasShape(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == '0' ? !IsDigit(text[i]) : text[i] != shape[i]) return false;
  }
  return true;
}

bool HasOffset(std::string_view text) {
  if (text.ends_with('Z')) return true;
  if (text.size() < 6) return false;
  const std::string_view offset = text.substr(text.size() - 6);
  return HasShape(offset, "+00:00") || HasShape(offset, "-00:00");
}

}  // namespace

std::string ToRfc3339China(Instant instant) {
  static const absl::TimeZone kChina = absl::FixedTimeZone(8 * 60 * 60);
  return absl::FormatTime(absl::RFC3339_full, absl::FromUnixMicros(instant.micros), kChina);
}

std::optional<Instant> ParseRfc3339(std::string_view text) {
  // Abseil knows the calendar but is generous: it also takes spaces around, one-digit months, years
  // of any length, offsets without a colon, and "infinite-future".
  if (!HasShape(text.substr(0, 19), "0000-00-00T00:00:00") || !HasOffset(text)) {
    return std::nullopt;
  }
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, absl::string_view(text.data(), text.size()), &time,
                       nullptr)) {
    return std::nullopt;
  }
  return Instant{absl::ToUnixMicros(time)};
}

}  // namespace shangda::clock
