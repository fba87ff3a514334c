// Routing to the engine.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/engine/machine.h"
#include "services/routing/domain/apply.h"
#include "services/routing/domain/decide.h"
#include "services/routing/store/indexes.h"
#include "services/routing/store/keys.h"
#include "shangda/intake/v1/intake.pb.h"

namespace shangda::routing {

struct Routing {
  using Event = v1::Event;
  using Reason = routing::Reason;

  static constexpr std::string_view kName = "routing";

  static const kv::Grammar& Keys() { return routing::Keys(); }
  static Decision Decide(const domain::State& state, const domain::Command& command) {
    return routing::Decide(state, command);
  }
  static void Apply(domain::State& state, const Event& event) { routing::Apply(state, event); }
  static std::vector<engine::IndexEntry> IndexEntries(const google::protobuf::Message& row) {
    return routing::IndexEntries(row);
  }

  // Routing follows its node's intake, whose registrations it takes whole: they wait for no name.
  static std::unique_ptr<google::protobuf::Message> NewFact(std::string_view upstream) {
    if (upstream == "intake") return std::make_unique<intake::v1::Event>();
    return nullptr;
  }
  static std::vector<std::string> Needs(const google::protobuf::Message&) { return {}; }
  static bool Knows(const domain::State& state, std::string_view name) {
    return state.Has<v1::DeskItem>(name) || state.Has<v1::Paper>(name) ||
           state.Has<v1::Issue>(name) || state.Has<v1::Dispatch>(name) ||
           state.Has<v1::Arrival>(name);
  }
};

static_assert(engine::Domain<Routing>);

}  // namespace shangda::routing
