// What the rejections of the incidents' verbs say, the same in every service.
#pragma once

#include <optional>

#include "common/engine/machine.h"
#include "common/rpc/status.h"

namespace shangda::rpc {

// Nothing if the reason is one of the service's own. Metadata and fields are the rejection's own and come from the
// host.
std::optional<Problem> IncidentProblemOf(const engine::Rejected& rejected);

}  // namespace shangda::rpc
