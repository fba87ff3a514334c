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
    last.dispatches.push_back(state.Find<::shangda::routing::v1::Dispatch>(listed.back()).value());
  }
  return owed;
}

}  // namespace shangda::routing
