// Many who watch what others write.
#pragma once

#include "tests/bench/options.h"

namespace shangda::bench {

// How soon it all reaches all of them; with options.per_second, how soon each event reaches the last one.
int Watch(const Options& options);
// Opens the watches, says so, and keeps them open until standard input ends.
int WatchIdly(const Options& options);

}  // namespace shangda::bench
