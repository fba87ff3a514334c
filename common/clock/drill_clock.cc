#include "common/clock/drill_clock.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <utility>

namespace shangda::clock {
namespace {

std::optional<Instant> ReadInstant(const std::string& file) {
  // Longer than any instant, so that a longer file is malformed without being read.
  char buffer[64];
  std::ifstream stream(file, std::ios::binary);
  stream.read(buffer, sizeof(buffer));
  std::string_view line(buffer, static_cast<size_t>(stream.gcount()));
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return ParseRfc3339(line);
}

}  // namespace

absl::StatusOr<std::unique_ptr<DrillClock>> DrillClock::Open(std::string file) {
  const std::optional<Instant> start = ReadInstant(file);
  if (!start) {
    return absl::InvalidArgumentError(
        absl::StrCat("演练时钟文件 ", file,
                     " 里没有可用的时间；请在其中写一行带时区的时间，例如 "
                     "2006-01-05T09:00:00+08:00"));
  }
  return std::unique_ptr<DrillClock>(new DrillClock(std::move(file), *start));
}

Instant DrillClock::Now() {
  std::lock_guard lock(mutex_);
  last_ = std::max(last_, ReadInstant(file_).value_or(last_));
  return last_;
}

}  // namespace shangda::clock
