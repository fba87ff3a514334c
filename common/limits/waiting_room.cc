#include "common/limits/waiting_room.h"

#include <algorithm>

namespace shangda::limits {

std::optional<int> WaitingRoom::Come(int id) {
  std::optional<int> goes;
  if (guests_.size() >= options_.places) {
    if (silent_.empty()) return id;
    goes = silent_.front();
    Leave(*goes);
  }
  silent_.push_back(id);
  guests_[id] = {.since_micros = clock_.NowMicros(), .place = std::prev(silent_.end())};
  return goes;
}

void WaitingRoom::Speak(int id) {
  auto it = guests_.find(id);
  if (it == guests_.end() || it->second.spoke) return;
  it->second.spoke = true;
  queue_.splice(queue_.end(), silent_, it->second.place);
}

void WaitingRoom::Leave(int id) {
  auto it = guests_.find(id);
  if (it == guests_.end()) return;
  (it->second.spoke ? queue_ : silent_).erase(it->second.place);
  guests_.erase(it);
}

std::vector<int> WaitingRoom::Admit() {
  std::vector<int> admitted;
  while (!queue_.empty()) {
    if (const int64_t wait = entries_.Take("", options_.rate, 1); wait > 0) {
      closed_until_micros_ = clock_.NowMicros() + wait;
      break;
    }
    admitted.push_back(queue_.front());
    Leave(queue_.front());
  }
  return admitted;
}

std::vector<int> WaitingRoom::Expire() {
  const int64_t now = clock_.NowMicros();
  std::vector<int> expired;
  for (const std::list<int>* line : {&silent_, &queue_}) {
    // Those who spoke stand in the order in which they did, which is not that of their coming.
    for (int id : *line) {
      if (now - guests_.at(id).since_micros >= options_.patience_micros) expired.push_back(id);
    }
  }
  for (int id : expired) Leave(id);
  return expired;
}

int64_t WaitingRoom::NextMicros() {
  const int64_t now = clock_.NowMicros();
  int64_t next = -1;
  auto at = [&](int64_t micros) {
    const int64_t left = std::max<int64_t>(0, micros - now);
    next = next < 0 ? left : std::min(next, left);
  };
  if (!queue_.empty()) at(closed_until_micros_);
  for (const auto& [id, guest] : guests_) at(guest.since_micros + options_.patience_micros);
  return next;
}

}  // namespace shangda::limits
