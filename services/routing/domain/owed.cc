#include "services/routing/domain/owed.h"

#include <optional>

namespace shangda::routing {

namespace v1 = ::shangda::routing::v1;

std::vector<v1::Dispatch> RefusedDispatches(const domain::State& state,
                                            const std::string& committee) {
  std::vector<v1::Dispatch> refused;
  for (const domain::IndexParts& listed : state.List("dispatches_refused", {committee})) {
    auto dispatch = state.Find<v1::Dispatch>(listed.back());
    if (dispatch.has_value()) refused.push_back(*std::move(dispatch));
  }
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
