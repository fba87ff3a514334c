#pragma once

#include <ctime>
#include <string>

namespace shangda::bench {

// China date.
inline std::string Today() {
  constexpr time_t kEastSeconds = 8 * 3600;
  const time_t now = time(nullptr) + kEastSeconds;
  tm parts{};
  gmtime_r(&now, &parts);
  char text[11];
  strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

}  // namespace shangda::bench
