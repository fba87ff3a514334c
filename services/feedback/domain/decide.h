// Decide: what a command does to feedback's rows, or why it does nothing.
//
// A function of the rows, the command and the texts that it pins. Requests are a table by message
// type; facts from intake, routing and the feedback of bodies above are never rejected.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/command.h"
#include "common/domain/state.h"
#include "services/feedback/domain/rejection.h"

namespace shangda::feedback {

Decision Decide(const domain::State& state, const domain::Command& command);

// An empty event of the log behind "intake", "routing" or "nodes/{id}/feedback"; nullptr for any
// other.
std::unique_ptr<google::protobuf::Message> NewFact(std::string_view upstream);

// The names that a fact cannot be taken without. What routing says of a report waits for its desk
// item, and so for all that intake said of it: the two logs may be read in any order and come to
// the same.
std::vector<std::string> Needs(const google::protobuf::Message& fact);

// There is a row under the name.
bool Knows(const domain::State& state, std::string_view name);

}  // namespace shangda::feedback
