#include "services/routing/domain/owed.h"

#include <optional>

namespace shangda::routing {

std::vector<v1::Dispatch> RefusedDispatches(const domain::State& state,
                                            const std::string& committee) {
  std::vector<v1::Dispatch> refused;
  auto add = [&](const std::vector<domain::IndexParts>& listed) {
    for (const domain::IndexParts& parts : listed) {
      auto dispatch = state.Find<v1::Dispatch>(parts.back());
      if (dispatch.has_value()) refused.push_back(*std::move(dispatch));
    }
  };
  add(state.List("dispatches_by_state", {committee, std::to_string(v1::Dispatch::STATE_REFUSED)}));
  add(state.List("dispatches_refused_again", {committee}));
  return refused;
}

std::vector<Owed> OwedDispatches(const domain::State& state, size_t limit) {
  std::vector<Owed> owed;
  for (const domain::IndexParts& listed : state.List("dispatches_owed", {})) {
    const std::string& receiver = listed.front();
    if (owed.empty() || owed.back().receiver != receiver) owed.push_back({receiver, {}});
    Owed& last = owed.back();
    if (last.dispatches.size() == limit) continue;
    // One that cannot be read is not there; whoever reads the rows finds that out.
    auto dispatch = state.Find<v1::Dispatch>(listed.back());
    if (dispatch.has_value()) last.dispatches.push_back(*std::move(dispatch));
  }
  return owed;
}

}  // namespace shangda::routing
