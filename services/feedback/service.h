// Feedback to the engine.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/engine/machine.h"
#include "services/feedback/domain/apply.h"
#include "services/feedback/domain/decide.h"
#include "services/feedback/store/indexes.h"
#include "services/feedback/store/keys.h"

namespace shangda::feedback {

struct Feedback {
  using Event = v1::Event;
  using Reason = feedback::Reason;

  static constexpr std::string_view kName = "feedback";

  static const kv::Grammar& Keys() { return feedback::Keys(); }
  static Decision Decide(const domain::State& state, const domain::Command& command) {
    return feedback::Decide(state, command);
  }
  static void Apply(domain::State& state, const Event& event) { feedback::Apply(state, event); }
  static std::vector<engine::IndexEntry> IndexEntries(const google::protobuf::Message& row) {
    return feedback::IndexEntries(row);
  }
  static std::unique_ptr<google::protobuf::Message> NewFact(std::string_view upstream) {
    return feedback::NewFact(upstream);
  }
  static std::vector<std::string> Needs(const google::protobuf::Message& fact) {
    return feedback::Needs(fact);
  }
  static bool Knows(const domain::State& state, std::string_view name) {
    return feedback::Knows(state, name);
  }
};

static_assert(engine::Domain<Feedback>);

}  // namespace shangda::feedback
