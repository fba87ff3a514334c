#include "common/engine/parking.h"

#include <algorithm>

#include "common/domain/planted.h"
#include "common/logging/check.h"

namespace shangda::engine {

std::vector<std::string> Parking::Names::All() const {
  std::vector<std::string> all = needs;
  if (!subject.empty()) all.push_back(subject);
  return all;
}

void Parking::Add(uint64_t sequence, Waiting waiting) {
  for (std::string& name : waiting.names.All()) {
    lines_[{std::move(name), waiting.upstream}].insert(sequence);
  }
  bool is_new = waiting_.emplace(sequence, std::move(waiting)).second;
  SHANGDA_CHECK(is_new) << "two facts wait as number " << sequence;
}

Parking::Waiting Parking::Remove(uint64_t sequence) {
  auto node = waiting_.extract(sequence);
  SHANGDA_CHECK(!node.empty()) << "no fact waits as number " << sequence;
  for (std::string& name : node.mapped().names.All()) {
    auto line = lines_.find({std::move(name), node.mapped().upstream});
    // Gone already if the fact has the name twice.
    if (line == lines_.end()) continue;
    line->second.erase(sequence);
    if (line->second.empty()) lines_.erase(line);
  }
  return std::move(node.mapped());
}

bool Parking::IsTakenUp(const std::string& name,
                        const std::string& upstream,
                        uint64_t sequence) const {
  if (SHANGDA_BUG("parked_facts_out_of_order")) return false;
  auto line = lines_.find({name, upstream});
  return line != lines_.end() && *line->second.begin() < sequence;
}

std::vector<uint64_t> Parking::FirstInLine(const std::string& name) const {
  std::vector<uint64_t> first;
  for (auto line = lines_.lower_bound({name, ""});
       line != lines_.end() && line->first.first == name; ++line) {
    first.push_back(SHANGDA_BUG("parked_facts_out_of_order") ? *line->second.rbegin()
                                                             : *line->second.begin());
  }
  std::sort(first.begin(), first.end());
  return first;
}

std::vector<std::string> Parking::Unders() const {
  std::set<std::string> unders;
  for (const auto& [sequence, waiting] : waiting_) unders.insert(waiting.under);
  return {unders.begin(), unders.end()};
}

}  // namespace shangda::engine
