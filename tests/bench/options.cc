#include "tests/bench/options.h"

#include <algorithm>
#include <cstdio>

namespace shangda::bench {

int Print(Measured measured, uint64_t stored) {
  std::ranges::sort(measured.micros);
  std::printf(
      "{\"answered\": %llu, \"stored\": %llu, \"per_second\": %.1f, \"p50_us\": %u, \"p99_us\": "
      "%u}\n",
      static_cast<unsigned long long>(measured.answered), static_cast<unsigned long long>(stored),
      measured.per_second > 0 ? measured.per_second
                              : static_cast<double>(measured.micros.size()) / measured.seconds,
      Percentile(measured.micros, 0.50), Percentile(measured.micros, 0.99));
  return 0;
}

}  // namespace shangda::bench
