// What the clients were told: the first of three counts of the same year.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "tests/bench/country/country.h"

namespace shangda::country {

// Of one committee; its papers' fates as their receivers were told.
struct Told {
  std::atomic<int64_t> reports = 0;
  std::atomic<int64_t> issues = 0;
  std::atomic<int64_t> sent = 0;
  std::atomic<int64_t> adopted = 0;
  std::atomic<int64_t> kept = 0;
  std::atomic<int64_t> not_adopted = 0;
  std::atomic<int64_t> instructions = 0;
  // What arrived here was looked at.
  std::atomic<int64_t> taken = 0;
};

// By committee. All are there from the beginning, so that threads need no lock.
class Ledgers {
 public:
  explicit Ledgers(const Country& country) {
    for (const Committee& committee : country.committees) told_[committee.code];
  }
  Told& Of(const std::string& code) { return told_.at(code); }

 private:
  std::map<std::string, Told> told_;
};

// Of the whole run.
struct Calls {
  std::atomic<int64_t> rpcs = 0;
  std::atomic<int64_t> mutations = 0;
};

}  // namespace shangda::country
