// One office at work: its clerks, its auditor's watches, and what they see arriving.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/storm/clerk.h"
#include "tests/storm/findings.h"
#include "tests/storm/inbox.h"
#include "tests/storm/network.h"
#include "tests/storm/readback.h"
#include "tests/storm/watcher.h"

namespace shangda::storm {

class WorkingOffice {
 public:
  // Begins; the clerks go on until the patience ends.
  WorkingOffice(Office& office,
                const std::string& today,
                uint64_t seed,
                Journal& journal,
                Patience& patience);

  // After the patience has ended, once.
  void JoinClerks();
  // Until the watchers have seen everything up to the heads, by log; who has not by the deadline has missed it.
  void StopWatchers(const std::map<std::string, uint64_t>& heads,
                    std::chrono::steady_clock::time_point deadline,
                    Findings* findings);
  // After StopWatchers. `heard`: of all offices.
  void CompareWatchers(const std::vector<Heard>& heard, Findings* findings) const;

 private:
  void Work(Clerk& clerk, const Patience& patience);
  // What a watcher of routing sees, on its thread.
  void Sort(const std::string& event);

  Office& office_;
  Inbox inbox_;
  // By service.
  std::map<std::string, std::unique_ptr<Watcher>> watchers_;
  std::vector<std::unique_ptr<Clerk>> clerks_;
  std::vector<std::thread> threads_;
};

}  // namespace shangda::storm
