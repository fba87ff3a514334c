// What the link has to deliver, and what was not taken.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/domain/state.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// The receiver would not take it, or, DELIVERED, would not take it again after it was lost there.
inline bool IsRefused(const ::shangda::routing::v1::Dispatch& dispatch) {
  using Dispatch = ::shangda::routing::v1::Dispatch;
  if (dispatch.state() == Dispatch::STATE_DELIVERED) {
    return dispatch.has_refusal() && !dispatch.owed_again();
  }
  return dispatch.state() == Dispatch::STATE_REFUSED;
}

// The committee's dispatches that are refused, in order.
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
