#include "services/routing/domain/sharing.h"

#include <set>

#include "common/domain/names.h"

namespace shangda::routing {

std::vector<std::string> SharingArrivals(const domain::State& state,
                                         const ::shangda::routing::v1::Arrival& arrival) {
  const std::string committee(domain::CommitteeOf(arrival.name()));
  std::set<std::string> names;
  for (const auto& leaf : arrival.leaves()) {
    for (const auto& listed : state.List("arrivals_by_leaf", {committee, leaf.report()})) {
      if (listed.back() != arrival.name()) names.insert(listed.back());
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace shangda::routing
