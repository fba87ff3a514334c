// What one watcher saw of a log, response by response and over every reconnection, held to the words of the watch
// contract as it comes, and to the whole log at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "shangda/log/v1/log.pb.h"
#include "tests/storm/findings.h"

namespace shangda::storm {

class History {
 public:
  // `name` stands in the sentences.
  explicit History(std::string name) : name_(std::move(name)) {}

  // The next response, also on a new stream that was resumed after `scanned`.
  void Take(const log::v1::WatchResponse& response);

  // Where a stream resumes.
  const log::v1::LogPosition& scanned() const { return scanned_; }
  size_t events() const { return seen_.size(); }

  // Everything that is not as it should be. `events` are those that a watch from the beginning gives to the same
  // reader, as they were stored.
  void CompareWith(const std::vector<std::string>& events, Findings* findings) const;

 private:
  struct Seen {
    uint64_t position;
    uint32_t ordinal;
    size_t hash;
  };

  void TakeEvent(const std::string& event, const log::v1::WatchResponse& response);
  std::string Named(const Seen& seen, const std::string& what) const;

  const std::string name_;
  log::v1::LogPosition scanned_;
  std::vector<Seen> seen_;
  Findings broken_;
};

}  // namespace shangda::storm
