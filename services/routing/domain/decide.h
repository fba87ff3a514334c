// Decide: what a command does to routing's rows, or why it does nothing.
//
// A function of the rows, the command and the texts that it pins. Requests and the node's own
// commands are a table by message type; facts from intake come to DecideFact and are never
// rejected.
#pragma once

#include "common/domain/command.h"
#include "common/domain/decision.h"
#include "common/domain/state.h"
#include "services/routing/domain/rejection.h"

namespace shangda::routing {

using Decision = domain::Decision<v1::Event, Reason>;

Decision Decide(const domain::State& state, const domain::Command& command);

}  // namespace shangda::routing
