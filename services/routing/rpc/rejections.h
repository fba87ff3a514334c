// What each of routing's rejections says: to programs as a code and a reason, to people as a
// sentence.
#pragma once

#include <optional>

#include "common/engine/machine.h"
#include "common/rpc/status.h"
#include "services/routing/domain/rejection.h"

namespace shangda::routing {

// The host's rejection table. Metadata and fields are the rejection's own and come from the host.
rpc::Problem ProblemOf(const engine::Rejected& rejected);

// What a lower node is answered when its delivery was rejected, and what may try again: a changed
// network file on either side, or, for content, only a person. Nothing for reasons that no delivery
// meets.
std::optional<v1::Refusal> AsRefusal(Reason reason);

}  // namespace shangda::routing
