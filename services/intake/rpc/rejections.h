// What each of intake's rejections says: to programs as a code and a reason, to people as a
// sentence.
#pragma once

#include "common/engine/machine.h"
#include "common/rpc/status.h"

namespace shangda::intake {

// The host's rejection table. Metadata and fields are the rejection's own and come from the host.
rpc::Problem ProblemOf(const engine::Rejected& rejected);

}  // namespace shangda::intake
