// What a service answers of what it has.
#pragma once

#include "tests/bench/options.h"

namespace shangda::bench {

// First pages of the work queue of reports, with each filter in turn.
int ReadPages(const Options& options);
// Returns when the service answers.
int AwaitServing(const Options& options);

}  // namespace shangda::bench
