// What intake answers to each command: MODEL §3 as a function.
#pragma once

#include "common/domain/command.h"
#include "common/domain/decision.h"
#include "common/domain/state.h"
#include "services/intake/domain/rejection.h"
#include "shangda/intake/v1/intake.pb.h"

namespace shangda::intake {

using Decision = domain::Decision<v1::Event, Reason>;

// The events that the command makes, or why it is rejected. Relies on the request being well-formed
// (common/check) and on the caller holding one of the roles that the rpc asks for.
Decision Decide(const domain::State& state, const domain::Command& command);

}  // namespace shangda::intake
