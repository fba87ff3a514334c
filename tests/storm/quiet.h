// Waits until everybody has heard everything: nothing is owed, nothing waits, every follower is at the end of what it
// follows.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "tests/storm/findings.h"
#include "tests/storm/network.h"

namespace shangda::storm {

// The last position of every log. What is still owed at the deadline, or who does not answer, is missed.
std::map<std::string, uint64_t> AwaitQuiet(const Network& network,
                                           std::chrono::steady_clock::time_point deadline,
                                           Findings* findings);

}  // namespace shangda::storm
