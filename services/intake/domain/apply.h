// What each event of intake does to the rows. Computes nothing: what had to be computed, Decide put
// into the event.
#pragma once

#include "common/domain/state.h"
#include "shangda/intake/v1/intake.pb.h"

namespace shangda::intake {

void Apply(domain::State& state, const v1::Event& event);

}  // namespace shangda::intake
