// What each event of routing does to the rows. Computes nothing: what had to be computed, Decide
// put into the event.
#pragma once

#include "common/domain/state.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

void Apply(domain::State& state, const ::shangda::routing::v1::Event& event);

}  // namespace shangda::routing
