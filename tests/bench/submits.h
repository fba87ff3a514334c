// Callers who hand in reports, and what else they could be handed to.
#pragma once

#include "tests/bench/options.h"

namespace shangda::bench {

int Submit(const Options& options);
// options.per_second of them a second, whether or not those before were answered.
int SubmitEvenly(const Options& options);

}  // namespace shangda::bench
