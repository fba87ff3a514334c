// Incidents as every service keeps them: what a verb or a condition does to them, and what somebody may see of them.
//
// Pure: a service's Decide and Apply call these, and so do the reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/domain/command.h"
#include "common/domain/decision.h"
#include "common/domain/state.h"
#include "shangda/incident/v1/incident.pb.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::incident {

// Why a verb is rejected; the same values in every service, out of the way of its own. common/rpc/incident_problem.h
// says each to people.
enum class Reason {
  // No such incident, or none that the caller may see: alike.
  kNotFound = 230,
  // No fact waits there, or none of the caller's: alike.
  kFactNotWaiting = 231,
  // Metadata: etag.
  kStaleEtag = 232,
  // It is over.
  kResolved = 233,
  // It is over when what it is about is.
  kEndsByItself = 234,
  // Only a person can mend it.
  kNothingToRetry = 235,
  // Fields that are wrong in the light of the day.
  kInvalidField = 236,
};

// An incident that does not end by itself names no more items than this; more are another incident's.
inline constexpr int kReportedItemsMax = 2'000;
// So far ahead an incident can be acknowledged: nothing is out of sight for good.
inline constexpr int32_t kAcknowledgeDaysMax = 92;

using Payload = std::variant<v1::IncidentOpened,
                             v1::IncidentAcknowledged,
                             v1::IncidentChanged,
                             v1::IncidentResolved,
                             v1::IncidentReopened,
                             v1::IncidentRetried,
                             v1::FactDropped>;

// What a command does; see domain::Decision.
struct Outcome {
  std::string name;
  // At most one event, with subject, committee and texts in its header.
  std::optional<std::pair<log::v1::EventHeader, Payload>> event;
  std::optional<domain::Rejection<Reason>> rejection;
  std::optional<log::v1::ParkedFact> drops;
  std::optional<log::v1::ParkedFact> retakes;
};

// Decide; nothing if the request is none about incidents.
std::optional<Outcome> Decide(const domain::State& state, const domain::Command& command);

// Apply.
void Apply(domain::State& state,
           const log::v1::EventHeader& header,
           const v1::IncidentOpened& event);
void Apply(domain::State& state,
           const log::v1::EventHeader& header,
           const v1::IncidentAcknowledged& event);
void Apply(domain::State& state,
           const log::v1::EventHeader& header,
           const v1::IncidentChanged& event);
void Apply(domain::State& state,
           const log::v1::EventHeader& header,
           const v1::IncidentResolved& event);
void Apply(domain::State& state,
           const log::v1::EventHeader& header,
           const v1::IncidentReopened& event);
void Apply(domain::State& state,
           const log::v1::EventHeader& header,
           const v1::IncidentRetried& event);
void Apply(domain::State& state, const log::v1::EventHeader& header, const v1::FactDropped& event);

// The parts in the indexes "incidents" and "droppedfacts".
domain::IndexParts IndexParts(const v1::Incident& incident);
domain::IndexParts IndexParts(const v1::DroppedFact& fact);

// Those that are not resolved, open ones first, the latest first.
std::vector<v1::Incident> Unresolved(const domain::State& state);

// What is the node's is everybody's who may ask, what is a committee's is its people's.
bool IsVisible(const domain::Principal& principal, std::string_view committee);

// With etag and note. Nothing if there is none that the principal may see.
std::optional<v1::Incident> Get(const domain::State& state,
                                const domain::Principal& principal,
                                uint32_t epoch,
                                std::string_view name);

// A page without position; nothing if the page token is not one that a list gave.
std::optional<v1::ListIncidentsResponse> List(const domain::State& state,
                                              const domain::Principal& principal,
                                              uint32_t epoch,
                                              const v1::ListIncidentsRequest& request);
std::optional<v1::ListDroppedFactsResponse> List(const domain::State& state,
                                                 const domain::Principal& principal,
                                                 const v1::ListDroppedFactsRequest& request);

// A waiting fact as people are told of it.
v1::Incident::WaitingFact ToWaitingFact(const log::v1::ParkedFact& parked);
// The committee whose matter the fact is: of another node's, the one for which it was made.
std::string CommitteeOf(const log::v1::ParkedFact& parked);

// ---- A service's own types.

// The field of the service's event that holds the payload.
template <class Event>
void Set(Event* event, v1::IncidentOpened payload) {
  *event->mutable_incident_opened() = std::move(payload);
}
template <class Event>
void Set(Event* event, v1::IncidentAcknowledged payload) {
  *event->mutable_incident_acknowledged() = std::move(payload);
}
template <class Event>
void Set(Event* event, v1::IncidentChanged payload) {
  *event->mutable_incident_changed() = std::move(payload);
}
template <class Event>
void Set(Event* event, v1::IncidentResolved payload) {
  *event->mutable_incident_resolved() = std::move(payload);
}
template <class Event>
void Set(Event* event, v1::IncidentReopened payload) {
  *event->mutable_incident_reopened() = std::move(payload);
}
template <class Event>
void Set(Event* event, v1::IncidentRetried payload) {
  *event->mutable_incident_retried() = std::move(payload);
}
template <class Event>
void Set(Event* event, v1::FactDropped payload) {
  *event->mutable_fact_dropped() = std::move(payload);
}

// Decide as the service's decision; nothing if the request is none about incidents.
template <class Event, class ServiceReason>
std::optional<domain::Decision<Event, ServiceReason>> DecideAs(const domain::State& state,
                                                               const domain::Command& command) {
  std::optional<Outcome> outcome = Decide(state, command);
  if (!outcome.has_value()) return std::nullopt;
  domain::Decision<Event, ServiceReason> decision;
  if (outcome->rejection.has_value()) {
    decision.rejection = {static_cast<ServiceReason>(outcome->rejection->reason),
                          std::move(outcome->rejection->metadata),
                          std::move(outcome->rejection->problems)};
    return decision;
  }
  decision.name = std::move(outcome->name);
  decision.drops = std::move(outcome->drops);
  decision.retakes = std::move(outcome->retakes);
  if (outcome->event.has_value()) {
    Event& event = decision.events.emplace_back();
    *event.mutable_header() = std::move(outcome->event->first);
    std::visit([&](auto& payload) { Set(&event, std::move(payload)); }, outcome->event->second);
  }
  return decision;
}

// Apply of the service's event, whose payload is one about incidents.
template <class Event>
void ApplyEvent(domain::State& state, const Event& event) {
  const log::v1::EventHeader& header = event.header();
  if (event.has_incident_opened()) return Apply(state, header, event.incident_opened());
  if (event.has_incident_acknowledged()) return Apply(state, header, event.incident_acknowledged());
  if (event.has_incident_changed()) return Apply(state, header, event.incident_changed());
  if (event.has_incident_resolved()) return Apply(state, header, event.incident_resolved());
  if (event.has_incident_reopened()) return Apply(state, header, event.incident_reopened());
  if (event.has_incident_retried()) return Apply(state, header, event.incident_retried());
  if (event.has_fact_dropped()) return Apply(state, header, event.fact_dropped());
}

}  // namespace shangda::incident
