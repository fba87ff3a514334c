// Arrivals that contain a same report: it may come by two ways.
#pragma once

#include <string>
#include <vector>

#include "common/domain/state.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// The names of the committee's other arrivals with a leaf of this one, in order. As they stand: a
// row holds what was known when it arrived, a read asks again.
std::vector<std::string> SharingArrivals(const domain::State& state,
                                         const ::shangda::routing::v1::Arrival& arrival);

}  // namespace shangda::routing
