// How much happens in a year, by level.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "tests/bench/country/country.h"

namespace shangda::country {

// Of 1.35 million originals in a year about one in five is compiled, one in twelve used by a province, one in forty by
// the national body; instructions as their offices report them, a dozen or two for an office's year of papers.
struct Volume {
  // Originals handed in at one office in a year.
  double originals;
  // Of the originals, how many go into papers.
  double compiled;
  // Of the papers made of them, how many go to the body above.
  double sent_up;
  // Of these, how many go past it to the province.
  double sent_past;
  // Of what arrives from below, how many are used: issued and sent on upward.
  double adopted;
  // Of the papers, how many a leader writes something on.
  double instructed;
};

inline constexpr std::array<Volume, kLevels> kYear = {{
    {.originals = 150,
     .compiled = 0.2,
     .sent_up = 1,
     .sent_past = 0.05,
     .adopted = 0,
     .instructed = 0.1},
    {.originals = 1'500,
     .compiled = 0.2,
     .sent_up = 0.625,
     .sent_past = 0,
     .adopted = 0.625,
     .instructed = 0.1},
    {.originals = 12'000,
     .compiled = 0.2,
     .sent_up = 0.4167,
     .sent_past = 0,
     .adopted = 0.6667,
     .instructed = 0.05},
    {.originals = 50'000,
     .compiled = 0.2,
     .sent_up = 0,
     .sent_past = 0,
     .adopted = 0.3,
     .instructed = 0.02},
}};

inline const Volume& VolumeOf(Level level) {
  return kYear[static_cast<size_t>(level)];
}

// Takes a share of what comes, evenly: of n about n × share, whatever n. `phase` in [0, 1) makes offices differ, so
// that a small share of little is not nothing everywhere.
class Quota {
 public:
  Quota(double share, double phase) : share_(share), sum_(phase) {}
  bool Take() {
    const double before = std::floor(sum_);
    sum_ += share_;
    return std::floor(sum_) > before;
  }

 private:
  const double share_;
  double sum_;
};

}  // namespace shangda::country
