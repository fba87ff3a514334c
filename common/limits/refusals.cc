#include "common/limits/refusals.h"

namespace shangda::limits {

std::optional<Refusals::Line> Refusals::Note(std::string_view reason, std::string_view who) {
  auto it = counters_.find(reason);
  if (it == counters_.end()) it = counters_.emplace(reason, Counter()).first;
  Counter& counter = it->second;
  ++counter.count;
  counter.who = who;
  const int64_t now = clock_.NowMicros();
  if (counter.told_at_micros.has_value() && now - *counter.told_at_micros < kLineEveryMicros) {
    return std::nullopt;
  }
  return Tell(it->first, counter, now);
}

std::vector<Refusals::Line> Refusals::Due(bool all) {
  const int64_t now = clock_.NowMicros();
  std::vector<Line> lines;
  for (auto& [reason, counter] : counters_) {
    if (counter.count == counter.told) continue;
    if (!all && now - *counter.told_at_micros < kLineEveryMicros) continue;
    lines.push_back(Tell(reason, counter, now));
  }
  return lines;
}

std::vector<Refusals::Count> Refusals::Counts() const {
  std::vector<Count> counts;
  for (const auto& [reason, counter] : counters_) counts.push_back({reason, counter.count});
  return counts;
}

Refusals::Line Refusals::Tell(const std::string& reason, Counter& counter, int64_t now_micros) {
  Line line{reason, counter.count - counter.told, counter.who};
  counter.told = counter.count;
  counter.told_at_micros = now_micros;
  return line;
}

}  // namespace shangda::limits
