// What each event of feedback does to the rows. Computes nothing: what had to be computed, Decide
// put into the event; here it is copied, put in its place among others, or added.
#pragma once

#include "common/domain/state.h"
#include "shangda/feedback/v1/feedback.pb.h"

namespace shangda::feedback {

void Apply(domain::State& state, const v1::Event& event);

}  // namespace shangda::feedback
