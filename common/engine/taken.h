// What this service made of a followed log's facts, read back from its own log: for when that log turns out to have
// forked and some of them no longer stand in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/kv/store.h"

namespace shangda::engine {

struct Taken {
  // The things that the records of those facts are about, in order, each once; the first ones if there are too many.
  std::vector<std::string> names;
  // How many things there are.
  uint64_t count = 0;
};

// Of the facts behind `position` of the log, as far as they are not of a branch that an earlier rewinding left. Reads
// back from the head to the first record of a fact up to `position`.
absl::StatusOr<Taken> TakenBehind(const kv::View& view,
                                  const std::string& upstream,
                                  uint64_t position,
                                  size_t names_max);

}  // namespace shangda::engine
