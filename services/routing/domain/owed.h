// What the link has to deliver.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/domain/state.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// The dispatches that one body has yet to take, in order.
struct Owed {
  // Its committee code.
  std::string receiver;
  // PENDING, or DELIVERED and lost by the receiver; the capsule's bytes are the content of `capsule_ref`.
  std::vector<::shangda::routing::v1::Dispatch> dispatches;
};

// Of every receiver at most the first `limit`, in order of receivers: a receiver that takes nothing
// keeps nobody else waiting.
std::vector<Owed> OwedDispatches(const domain::State& state, size_t limit);

}  // namespace shangda::routing
