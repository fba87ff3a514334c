// What is said of numbers after a restore, the same in every service's rejection table.
#pragma once

#include "common/engine/machine.h"
#include "common/rpc/status.h"

namespace shangda::rpc {

// Nothing was numbered, because the series is held. Metadata: series.
Problem NumberingHeld(const engine::Rejected& rejected);
Problem NumberingNotHeld();
// Metadata: lowest.
Problem NumberTooLow(const engine::Rejected& rejected);

}  // namespace shangda::rpc
