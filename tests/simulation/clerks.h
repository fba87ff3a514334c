// The clerks who, after their node was put back to an older backup, say how far every series of numbers had gone: they
// have the papers on which the numbers stand.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "tests/simulation/scheduler.h"
#include "tests/simulation/wire.h"

namespace shangda::simulation {

// The highest number that anybody has seen of each series.
class Numbers {
 public:
  // A name that somebody saw. One without a number is passed over.
  void Hear(const std::string& name);
  // By parent, collection and period, as series are named: 0 if none was seen.
  uint64_t Highest(const std::string& parent,
                   const std::string& collection,
                   const std::string& period) const;

 private:
  std::map<std::string, uint64_t> highest_;
};

class Clerks {
 public:
  Clerks(Wire& wire, Random& random, const Numbers& numbers)
      : wire_(wire), random_(random), numbers_(numbers) {}

  // All series of all offices of the node, until none is held any more.
  void ResumeNumbering(const std::string& node);

 private:
  struct Work {
    std::string committee;
    Address service;
  };

  void List(std::shared_ptr<Work> work);
  void Later(std::shared_ptr<Work> work);

  Wire& wire_;
  Random& random_;
  const Numbers& numbers_;
  uint64_t next_id_ = 1;
};

}  // namespace shangda::simulation
