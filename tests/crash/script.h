// What clients ask of a service, always the same, so that a run that was disturbed can be held against one that was
// not.
#pragma once

#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/domain/principal.h"
#include "common/engine/engine.h"
#include "common/engine/machine.h"

namespace shangda::crash {

// By the id of the request.
using Answers = std::map<std::string, engine::Reply>;

struct Ask {
  // The request id.
  std::string id;
  domain::Principal principal;
  // The request, given what was answered to earlier steps.
  std::function<std::shared_ptr<google::protobuf::Message>(const Answers& answers)> request;
};

// Exactly one of these.
struct Step {
  // Queued together.
  std::vector<Ask> asks = {};
  // The facts of a followed log up to a position.
  std::string upstream = {};
  uint64_t up_to = 0;
  // The process stops and starts again.
  bool restart = false;
};

struct Script {
  const engine::Machine& machine;
  std::vector<Step> steps;
  // Followed logs: every event is a record of its own, from position 1.
  std::map<std::string, std::vector<std::shared_ptr<const google::protobuf::Message>>> upstreams;
};

// An office takes reports in: entered, submitted, registered, returned and so on, with texts and sealed contacts
// enough to fill several tables. Some requests are rejected.
const Script& IntakeScript();

// Notes that two followed logs speak of, also before there are any: cursors, parked facts and their release.
const Script& ToyScript();

// One note: for tests of how a store is made.
const Script& ShortScript();

// For tests that run with either: the parameter is whether it is intake's.
inline const Script& ScriptOf(bool is_intake) {
  return is_intake ? IntakeScript() : ToyScript();
}
inline std::string ScriptName(const ::testing::TestParamInfo<bool>& script) {
  return script.param ? "Intake" : "Toy";
}

}  // namespace shangda::crash
