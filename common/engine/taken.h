// What this service made of a followed log's facts, read back from its own log: for when that log turns out to have
// forked and some of them no longer stand in it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/kv/store.h"

namespace shangda::engine {

// The things that the records of the log's facts behind `position` are about, in order, each once, as far as the facts
// are not of a branch that an earlier rewinding left. Reads back from the head to the first record of a fact up to
// `position`.
absl::StatusOr<std::vector<std::string>> TakenBehind(const kv::View& view,
                                                     const std::string& upstream,
                                                     uint64_t position);

}  // namespace shangda::engine
