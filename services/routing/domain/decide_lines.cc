// What a comparison with a neighbour found: the node's own commands.
#include <set>
#include <string>

#include "common/domain/names.h"
#include "services/routing/domain/lines.h"
#include "services/routing/domain/owed.h"
#include "services/routing/domain/refuse.h"
#include "services/routing/domain/verbs.h"

namespace shangda::routing {

using domain::Command;
using domain::State;

Decision NoteOwedAgain(const State& state,
                       const Command& /*command*/,
                       const v1::NoteOwedAgainRequest& request) {
  const auto dispatch = state.Find<v1::Dispatch>(request.dispatch());
  if (!dispatch.has_value()) return Decision::Reject(NotFound(request.dispatch()));
  // What is pending or was refused goes its own way.
  if (dispatch->state() != v1::Dispatch::STATE_DELIVERED) {
    return Decision::Reject(WrongState(*dispatch));
  }
  Decision decision;
  decision.name = dispatch->name();
  // What the receiver would not take again waits until it is retried.
  if (dispatch->owed_again() || IsRefusedAgain(*dispatch) ||
      dispatch->edition() != request.edition()) {
    return decision;
  }
  *decision.Add(dispatch->name(), domain::CommitteeOf(dispatch->name()))
       .mutable_dispatch_owed_again()
       ->mutable_at() = request.at();
  return decision;
}

Decision NoteGone(const State& state,
                  const Command& /*command*/,
                  const v1::NoteGoneRequest& request) {
  Decision decision;
  decision.name = "committees/" + request.sender();
  std::set<std::string> noted;
  for (const v1::ComparedDelivery& delivery : request.deliveries()) {
    if (!IsDeliveryOf(delivery, request.sender()) || !domain::IsCommitteeCode(request.receiver()) ||
        state.Has<v1::Dispatch>(delivery.dispatch()) ||
        IsKnownGone(state, delivery.dispatch()) != request.lost_there() ||
        !noted.insert(delivery.dispatch()).second) {
      continue;
    }
    v1::DispatchGone& gone =
        *decision.Add(delivery.dispatch(), request.sender()).mutable_dispatch_gone();
    *gone.mutable_delivery() = delivery;
    gone.set_receiver(request.receiver());
    gone.set_lost_there(request.lost_there());
  }
  return decision;
}

Decision NoteSenderLost(const State& state,
                        const Command& command,
                        const v1::NoteSenderLostRequest& request) {
  Decision decision;
  decision.name = "committees/" + request.receiver();
  std::set<std::string> noted;
  for (const v1::ComparedDelivery& delivery : request.deliveries()) {
    if (!IsDeliveryOf(delivery, request.sender())) continue;
    for (const domain::IndexParts& listed :
         state.List("arrivals_by_dispatch", {delivery.dispatch()})) {
      const auto arrival = state.Find<v1::Arrival>(listed.back());
      if (!arrival.has_value() || arrival->sender() != request.sender() ||
          domain::CommitteeOf(arrival->name()) != request.receiver() ||
          arrival->capsule_sha256() != delivery.capsule_sha256() ||
          !arrival->sender_lost_on().empty() || !noted.insert(arrival->name()).second) {
        continue;
      }
      decision.Add(arrival->name(), request.receiver())
          .mutable_arrival_sender_lost()
          ->set_on(command.today);
    }
  }
  return decision;
}

}  // namespace shangda::routing
