#include "tests/storm/history.h"

#include <functional>
#include <tuple>

namespace shangda::storm {
namespace {

std::string Place(uint64_t position, uint32_t ordinal) {
  return "位置 " + std::to_string(position) + " 第 " + std::to_string(ordinal) + " 个事件";
}

}  // namespace

void History::Take(const log::v1::WatchResponse& response) {
  const log::v1::LogPosition& scanned = response.scanned();
  if (!scanned_.log_id().empty() &&
      (scanned.log_id() != scanned_.log_id() || scanned.epoch() != scanned_.epoch())) {
    broken_.lost.push_back(name_ + ":日志换成了另一个");
  }
  if (scanned.position() < scanned_.position() || response.head() < scanned.position()) {
    broken_.lost.push_back(name_ + ":读到 " + std::to_string(scanned_.position()) +
                           " 之后又说只读到 " + std::to_string(scanned.position()) + ",末尾 " +
                           std::to_string(response.head()));
  }
  for (const std::string& event : response.events()) TakeEvent(event, response);
  scanned_ = scanned;
}

void History::TakeEvent(const std::string& event, const log::v1::WatchResponse& response) {
  log::v1::AnyEvent any;
  if (!any.ParseFromString(event)) {
    broken_.missed.push_back(name_ + ":有一个事件读不懂");
    return;
  }
  const Seen seen = {any.header().position(), any.header().ordinal(),
                     std::hash<std::string>()(event)};
  // A record that was scanned was sent whole: nothing of it may come later.
  const bool was_scanned = seen.position <= scanned_.position();
  const bool falls_back =
      !seen_.empty() && std::tie(seen.position, seen.ordinal) <=
                            std::tie(seen_.back().position, seen_.back().ordinal);
  if (was_scanned || falls_back) {
    broken_.duplicated.push_back(Named(seen, "又来了一次,或来晚了"));
    return;
  }
  if (seen.position > response.scanned().position()) {
    broken_.missed.push_back(Named(seen, "在说是读到了的位置之后"));
  }
  seen_.push_back(seen);
}

void History::CompareWith(const std::vector<std::string>& events, Findings* findings) const {
  auto add = [](const std::vector<std::string>& from, std::vector<std::string>* to) {
    to->insert(to->end(), from.begin(), from.end());
  };
  add(broken_.lost, &findings->lost);
  add(broken_.duplicated, &findings->duplicated);
  add(broken_.missed, &findings->missed);

  auto seen = seen_.begin();
  auto is_before = [](const Seen& a, const Seen& b) {
    return std::tie(a.position, a.ordinal) < std::tie(b.position, b.ordinal);
  };
  for (const std::string& event : events) {
    log::v1::AnyEvent any;
    any.ParseFromString(event);
    const Seen stored = {any.header().position(), any.header().ordinal(),
                         std::hash<std::string>()(event)};
    for (; seen != seen_.end() && is_before(*seen, stored); ++seen) {
      findings->lost.push_back(Named(*seen, "订阅者见过,日志里没有"));
    }
    if (seen == seen_.end() || is_before(stored, *seen)) {
      findings->missed.push_back(Named(stored, "订阅者没有见到"));
      continue;
    }
    if (seen->hash != stored.hash) findings->lost.push_back(Named(stored, "与订阅者见过的不同"));
    ++seen;
  }
  for (; seen != seen_.end(); ++seen) {
    findings->lost.push_back(Named(*seen, "订阅者见过,日志里没有"));
  }
}

std::string History::Named(const Seen& seen, const std::string& what) const {
  return name_ + " " + Place(seen.position, seen.ordinal) + ":" + what;
}

}  // namespace shangda::storm
