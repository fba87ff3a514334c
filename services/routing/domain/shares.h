// How the shares of original reports come out of the shares of a paper's sources, in integers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// A source of a paper and the original reports in it; own material has none.
struct SourceShare {
  // Counts from 1.
  uint64_t weight;
  // Their weights count from 1.
  std::vector<v1::Leaf> leaves;
};

// Each source has its weight's share, and inside a source its leaves share by theirs; a leaf that
// comes by several ways has the sum. Sources without leaves give nothing and take nothing. The
// weights are the smallest integers that say exactly this. In order of first appearance. Nothing if
// they do not fit 64 bits.
std::optional<std::vector<v1::Leaf>> ShareOut(const std::vector<SourceShare>& sources);

}  // namespace shangda::routing
