// From a county's dispatch to what its province is told of it.
#pragma once

#include "tests/bench/options.h"

namespace shangda::bench {

// Signs so many papers, sends them evenly spaced, and takes the time from when each call is due to the moment when
// somebody at the province has the event of its feedback.
int DispatchEvenly(const Options& options);

}  // namespace shangda::bench
