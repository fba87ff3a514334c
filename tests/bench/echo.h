// The echo: the limit of the wire.
#pragma once

#include "tests/bench/options.h"

namespace shangda::bench {

// Says where, and serves until the process is asked to end.
int ServeEcho(const Options& options);

}  // namespace shangda::bench
