// People and dashboards who watch: every office's auditor on each of its three logs, its viewer on
// the states. They lose their streams, come back where they were, and keep what they saw.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "shangda/log/v1/log.pb.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/wire.h"

namespace shangda::simulation {

struct Watcher {
  std::string committee;
  Address to;
  // A viewer's: of the states alone.
  bool is_viewer = false;
  // Position, ordinal and the SHA-256 of each event, in the order in which they came.
  std::vector<std::tuple<uint64_t, uint32_t, std::string>> seen;
  // An event that was seen, and is gone since the service was put back to an older backup.
  struct Lost {
    std::string kind;
    std::string subject;
    std::string sha256;
  };
  std::vector<Lost> lost;
  // Kind and subject of each event in `seen`.
  std::vector<std::pair<std::string, std::string>> about;
  log::v1::LogPosition scanned;

  std::string Text() const {
    return committee + (is_viewer ? " viewer" : " auditor") + " of " + to.Text();
  }
};

class Watchers {
 public:
  // `heard` is told the service and the subject of every event.
  Watchers(Wire& wire,
           Random& random,
           std::function<void(const std::string& service, const std::string& subject)> heard,
           std::function<void(const std::string&)> failed);
  ~Watchers();

  void Start();
  const std::vector<std::unique_ptr<Watcher>>& all() const { return watchers_; }
  uint64_t events_seen() const { return events_seen_; }

 private:
  struct Line;

  void Connect(Watcher& watcher, Line& line);
  void Ask(Watcher& watcher, Line& line);
  void Take(Watcher& watcher, const std::string& bytes);
  // The log forked: what was seen beyond is no more.
  void Rewind(Watcher& watcher, uint64_t position);

  Wire& wire_;
  Random& random_;
  const std::function<void(const std::string&, const std::string&)> heard_;
  const std::function<void(const std::string&)> failed_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  std::vector<std::unique_ptr<Line>> lines_;
  uint64_t events_seen_ = 0;
};

}  // namespace shangda::simulation
