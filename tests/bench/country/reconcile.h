// The year counted three times: what the clients were told, what the services answer, what their logs say.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/country/desk.h"

namespace shangda::country {

struct Reconciled {
  // A sentence each; none: all three are the same, for every committee.
  std::vector<std::string> differences;
  // Events of all nine logs since the year began.
  int64_t events = 0;
  // From a county's dispatch straight to its province, to its arrival there, in milliseconds, sorted.
  std::vector<double> county_to_province_ms;
};

// The positions of all logs, by node and service.
using Heads = std::map<std::string, std::map<std::string, uint64_t>>;
Heads ReadHeads(const Country& country);

// Waits until the feedback of every office has heard of everything, but not for ever, and counts. `begin` is where the
// logs stood when the year began.
Reconciled Reconcile(Setting& setting,
                     std::deque<Desk>& desks,
                     const Heads& begin,
                     const std::string& first_day);

}  // namespace shangda::country
