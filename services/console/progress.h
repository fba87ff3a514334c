// How far a long command is and how long it still takes, on standard error.
#pragma once

#include <cstdint>
#include <string>

#include "services/console/session.h"

namespace shangda::console {

// At a terminal a bar on one line that is drawn anew; elsewhere a line from time to time. Says nothing for programs.
class Progress {
 public:
  // Of so many `unit`, e.g. 篇.
  Progress(Session& session, std::string unit, size_t total);
  // Leaves the last bar standing.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(size_t done);

 private:
  Session& session_;
  const std::string unit_;
  const size_t total_;
  const int64_t began_micros_;
  int64_t shown_micros_ = 0;
  bool line_is_open_ = false;
};

}  // namespace shangda::console
