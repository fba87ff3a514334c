// Intake to the engine.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/engine/machine.h"
#include "services/intake/domain/apply.h"
#include "services/intake/domain/decide.h"
#include "services/intake/store/indexes.h"
#include "services/intake/store/keys.h"

namespace shangda::intake {

struct Intake {
  using Event = v1::Event;
  using Reason = intake::Reason;

  static constexpr std::string_view kName = "intake";

  static const kv::Grammar& Keys() { return intake::Keys(); }
  static Decision Decide(const domain::State& state, const domain::Command& command) {
    return intake::Decide(state, command);
  }
  static void Apply(domain::State& state, const Event& event) { intake::Apply(state, event); }
  static std::vector<engine::IndexEntry> IndexEntries(const google::protobuf::Message& row) {
    return intake::IndexEntries(row);
  }

  // Intake follows nobody's log: no facts, and no names that they wait for.
  static std::unique_ptr<google::protobuf::Message> NewFact(std::string_view) { return nullptr; }
  static std::vector<std::string> Needs(const google::protobuf::Message&) { return {}; }
  static bool Knows(const domain::State& state, std::string_view name) {
    return state.Has<v1::Report>(name);
  }
};

static_assert(engine::Domain<Intake>);

}  // namespace shangda::intake
