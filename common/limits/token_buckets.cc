#include "common/limits/token_buckets.h"

#include <algorithm>
#include <cmath>

namespace shangda::limits {

int64_t TokenBuckets::Take(std::string_view holder, const Rate& rate, double tokens) {
  const int64_t now = clock_.NowMicros();
  auto it = buckets_.find(holder);
  if (it == buckets_.end()) {
    if (buckets_.size() >= sweep_at_) Sweep(now);
    it = buckets_.emplace(holder, Bucket{rate, rate.burst, now}).first;
  }
  Bucket& bucket = it->second;
  bucket.level = LevelOf(bucket, now);
  bucket.at_micros = now;
  // Less than a full bucket must be enough: whoever asks for much has paid for the asking first.
  const double enough = std::max(1.0, rate.burst - 1);
  const double missing = std::min(tokens, enough) - bucket.level;
  if (missing > 0) {
    return std::max<int64_t>(1, std::llround(std::ceil(missing / rate.per_second * 1e6)));
  }
  bucket.level -= tokens;
  return 0;
}

double TokenBuckets::LevelOf(const Bucket& bucket, int64_t now_micros) {
  const double seconds = static_cast<double>(now_micros - bucket.at_micros) / 1e6;
  return std::min(bucket.rate.burst, bucket.level + seconds * bucket.rate.per_second);
}

void TokenBuckets::Sweep(int64_t now_micros) {
  std::erase_if(buckets_, [&](const auto& entry) {
    return LevelOf(entry.second, now_micros) >= entry.second.rate.burst;
  });
  sweep_at_ = std::max(sweep_at_, 2 * buckets_.size());
}

}  // namespace shangda::limits
