#include "services/routing/domain/owed.h"

#include <optional>

namespace shangda::routing {

std::vector<Owed> OwedDispatches(const domain::State& state, size_t limit) {
  std::vector<Owed> owed;
  for (const domain::IndexParts& listed : state.List("dispatches_owed", {})) {
    const std::string& receiver = listed.front();
    if (owed.empty() || owed.back().receiver != receiver) owed.push_back({receiver, {}});
    Owed& last = owed.back();
    if (last.dispatches.size() == limit) continue;
    // One that cannot be read is not there; whoever reads the rows finds that out.
    auto dispatch = state.Find<::shangda::routing::v1::Dispatch>(listed.back());
    if (dispatch.has_value()) last.dispatches.push_back(*std::move(dispatch));
  }
  return owed;
}

}  // namespace shangda::routing
