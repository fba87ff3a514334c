// What the reconciliation found wrong: sentences for people, each with names, request ids and positions.
#pragma once

#include <string>
#include <vector>

namespace shangda::storm {

struct Findings {
  // Acknowledged and gone, or not as it was told.
  std::vector<std::string> lost;
  // Happened twice, or although nobody was told that it did.
  std::vector<std::string> duplicated;
  // Not seen by a watcher, or not arrived at the other end.
  std::vector<std::string> missed;

  bool empty() const { return lost.empty() && duplicated.empty() && missed.empty(); }
};

}  // namespace shangda::storm
