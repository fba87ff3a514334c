// What the link has to deliver, and what was not taken.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/domain/state.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// DELIVERED, lost by the receiver, who would not take it again.
inline bool IsRefusedAgain(const ::shangda::routing::v1::Dispatch& dispatch) {
  return dispatch.state() == ::shangda::routing::v1::Dispatch::STATE_DELIVERED &&
         dispatch.has_refusal() && !dispatch.owed_again();
}

// The committee's dispatches that its receivers would not take, and those that they would not take again.
std::vector<::shangda::routing::v1::Dispatch> RefusedDispatches(const domain::State& state,
                                                                const std::string& committee);

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
