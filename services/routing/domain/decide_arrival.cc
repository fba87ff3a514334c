// Arrivals: taken from lower nodes, acknowledged, and what becomes of them by hand.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/dates.h"
#include "common/domain/names.h"
#include "common/domain/planted.h"
#include "common/domain/series.h"
#include "common/office/office.h"
#include "services/routing/domain/capsule.h"
#include "services/routing/domain/refuse.h"
#include "services/routing/domain/sharing.h"
#include "services/routing/domain/verbs.h"

namespace shangda::routing {
namespace {

using domain::Command;
using domain::State;

// The arrival that the dispatch became here.
std::optional<v1::Arrival> FindTaken(const State& state, const std::string& dispatch) {
  if (SHANGDA_BUG("delivery_taken_twice")) return std::nullopt;
  const auto listed = state.List("arrivals_by_dispatch", {dispatch});
  if (listed.empty()) return std::nullopt;
  return state.Find<v1::Arrival>(listed.front().back());
}

// The delivery's bytes as the capsule that they were promised to be.
std::optional<Rejection> Open(const Command& command,
                              const v1::Delivery& delivery,
                              v1::Capsule* capsule) {
  if (command.texts.Sha256(delivery.capsule()) != delivery.capsule_sha256()) {
    return Rejection{Reason::kHashMismatch};
  }
  auto parsed = ParseCapsule(delivery.capsule());
  if (!parsed.has_value() || parsed->dispatch() != delivery.dispatch() ||
      parsed->edition() != delivery.edition()) {
    return Rejection{Reason::kBadCapsule};
  }
  *capsule = *std::move(parsed);
  return std::nullopt;
}

// Whether it is for somebody here, and from somebody who may send it: what the network file says of
// the day.
std::optional<Rejection> CheckEnds(const State& state,
                                   const Command& command,
                                   const std::string& sending_node,
                                   const v1::Capsule& capsule) {
  if (!office::Hosts(state, command.principal.node, capsule.receiver(), command.today)) {
    return Rejection{Reason::kNotHosted};
  }
  if (!office::Hosts(state, sending_node, capsule.sender(), command.today)) {
    return Rejection{Reason::kMayNotSpeak};
  }
  const auto sender = office::CommitteeOn(state, capsule.sender(), command.today);
  auto has_receiver = [&](const google::protobuf::RepeatedPtrField<std::string>& bodies) {
    return std::find(bodies.begin(), bodies.end(), capsule.receiver()) != bodies.end();
  };
  if (!sender.has_value() ||
      (!has_receiver(sender->parents()) && !has_receiver(sender->direct_report_bodies()))) {
    return Rejection{Reason::kNotABodyAbove};
  }
  return std::nullopt;
}

bool IsByHand(v1::Disposition::Kind kind) {
  switch (kind) {
    case v1::Disposition::KIND_SUPPLEMENT_REQUESTED:
    case v1::Disposition::KIND_KEPT:
    case v1::Disposition::KIND_NOT_ADOPTED:
    case v1::Disposition::KIND_SENT_BACK:
      return true;
    default:
      return false;
  }
}

}  // namespace

Decision TakeDelivery(const State& state,
                      const Command& command,
                      const v1::TakeDeliveryRequest& request) {
  const v1::Delivery& delivery = request.delivery();
  if (const auto taken = FindTaken(state, delivery.dispatch())) {
    const bool is_edition = taken->edition() == delivery.edition();
    if (is_edition && taken->capsule_sha256() == delivery.capsule_sha256()) {
      Decision known;
      known.name = taken->name();
      return known;
    }
    return Decision::Reject(
        {is_edition ? Reason::kHashConflict : Reason::kBadCapsule, {{"arrival", taken->name()}}});
  }
  switch (request.content_problem()) {
    case v1::TakeDeliveryRequest::CONTENT_PROBLEM_UNSPECIFIED:
      break;
    case v1::TakeDeliveryRequest::CONTENT_PROBLEM_CLASSIFIED:
      return Decision::Reject({Reason::kClassified});
    default:
      return Decision::Reject({Reason::kBadCapsule});
  }
  v1::Capsule capsule;
  if (auto refused = Open(command, delivery, &capsule)) {
    return Decision::Reject(*std::move(refused));
  }
  if (auto refused = CheckEnds(state, command, request.sending_node(), capsule)) {
    return Decision::Reject(*std::move(refused));
  }

  const std::string& committee = capsule.receiver();
  const uint32_t year = domain::YearOf(command.today);
  if (auto held = CheckHeld(state, committee, "arrivals", std::to_string(year))) {
    return Decision::Reject(*std::move(held));
  }
  Decision decision;
  decision.name =
      domain::NumberedName(committee, "arrivals", year,
                           domain::NextNumber(state, committee, "arrivals", std::to_string(year)));
  v1::Arrival& arrival =
      *decision.Add(decision.name, committee).mutable_arrival_taken()->mutable_arrival();
  arrival.set_name(decision.name);
  arrival.set_revision(1);
  arrival.set_state(v1::Arrival::STATE_ARRIVED);
  arrival.set_dispatch(capsule.dispatch());
  arrival.set_edition(capsule.edition());
  arrival.set_capsule_sha256(delivery.capsule_sha256());
  *arrival.mutable_capsule_ref() =
      command.texts.PinBytes(decision.name + "/capsule", capsule.edition(), delivery.capsule());
  arrival.set_sender(capsule.sender());
  arrival.set_kind(capsule.kind());
  arrival.set_paper_kind(capsule.paper_kind());
  arrival.set_received_on(command.today);
  arrival.set_urgency(capsule.urgency());
  *arrival.mutable_leaves() = capsule.leaves();
  for (const std::string& name : SharingArrivals(state, arrival)) {
    arrival.add_shares_source_with(name);
  }
  *arrival.mutable_position() = command.position;
  return decision;
}

Decision AcknowledgeArrival(const State& state,
                            const Command& command,
                            const v1::AcknowledgeArrivalRequest& request) {
  v1::Arrival arrival;
  if (auto refused = FindCurrent(state, command, request, &arrival)) {
    return Decision::Reject(*std::move(refused));
  }
  if (arrival.state() != v1::Arrival::STATE_ARRIVED) return Decision::Reject(WrongState(arrival));

  Decision decision;
  decision.name = arrival.name();
  decision.Add(arrival.name(), domain::CommitteeOf(arrival.name()))
      .mutable_arrival_acknowledged()
      ->set_on(command.today);
  return decision;
}

Decision DisposeArrival(const State& state,
                        const Command& command,
                        const v1::DisposeArrivalRequest& request) {
  v1::Arrival arrival;
  if (auto refused = FindCurrent(state, command, request, &arrival)) {
    return Decision::Reject(*std::move(refused));
  }
  if (arrival.state() != v1::Arrival::STATE_ACKNOWLEDGED) {
    return Decision::Reject(WrongState(arrival));
  }
  if (!IsByHand(request.kind())) return Decision::Reject({Reason::kNotByHand});
  if (request.opinion().empty() && request.kind() != v1::Disposition::KIND_KEPT) {
    return Decision::Reject(InvalidField("opinion", "请写明需要补充什么、为何不采用或有哪些问题"));
  }

  Decision decision;
  decision.name = arrival.name();
  v1::Event& event = decision.Add(arrival.name(), domain::CommitteeOf(arrival.name()));
  v1::ArrivalDisposed& disposed = *event.mutable_arrival_disposed();
  disposed.set_dispatch(arrival.dispatch());
  v1::Disposition& disposition = *disposed.mutable_disposition();
  disposition.set_kind(request.kind());
  disposition.set_on(command.today);
  if (!request.opinion().empty()) {
    v1::Opinion opinion;
    opinion.set_text(request.opinion());
    *disposition.mutable_opinion_ref() =
        command.texts.Pin(arrival.name() + "/opinion",
                          static_cast<uint32_t>(arrival.dispositions_size()) + 1, opinion);
    // The sender is told these words.
    *event.mutable_header()->add_texts() = disposition.opinion_ref();
  }
  return decision;
}

}  // namespace shangda::routing
