#include "common/incident/incident.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <set>

#include "common/domain/dates.h"
#include "common/domain/etag.h"
#include "common/domain/names.h"

namespace shangda::incident {
namespace {

using domain::Command;
using domain::State;
using google::protobuf::Timestamp;

constexpr size_t kPageDefault = 100;
constexpr size_t kPageMax = 1'000;
constexpr std::string_view kIncidents = "incidents/";
constexpr std::string_view kDropped = "droppedfacts/";

Timestamp TimeOf(const Command& command) {
  Timestamp time;
  time.set_seconds(command.time_micros / 1'000'000);
  time.set_nanos(static_cast<int32_t>(command.time_micros % 1'000'000 * 1'000));
  return time;
}

// 2^64 - 1 less the id in the name.
std::string LatestFirst(std::string_view name) {
  const std::string_view id = domain::LastPart(name);
  uint64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  return std::to_string(std::numeric_limits<uint64_t>::max() - number);
}

std::string StatePart(v1::Incident::State state) {
  return std::to_string(static_cast<int>(state));
}

Outcome Reject(domain::Rejection<Reason> rejection) {
  Outcome outcome;
  outcome.rejection = std::move(rejection);
  return outcome;
}

// The event about the incident.
Outcome Make(const v1::Incident& incident, Payload payload) {
  Outcome outcome;
  outcome.name = incident.name();
  log::v1::EventHeader header;
  header.set_subject(incident.name());
  header.set_committee(incident.committee());
  outcome.event = {std::move(header), std::move(payload)};
  return outcome;
}

log::v1::TextRef PinNote(const Command& command,
                         const v1::Incident& incident,
                         const std::string& text) {
  v1::Note note;
  note.set_text(text);
  return command.texts.Pin(incident.name(), static_cast<uint32_t>(incident.revision() + 1), note);
}

std::string NoteText(const State& state, const log::v1::TextRef& ref) {
  if (ref.name().empty()) return {};
  return state.ReadText<v1::Note>(ref).value_or(v1::Note()).text();
}

// ---- Conditions.

bool IsAbout(const v1::Incident& incident, const v1::NoteConditionRequest& condition) {
  return incident.kind() == condition.kind() && incident.subject() == condition.subject() &&
         incident.committee() == condition.committee();
}

// The condition's reason and items, in the incident.
void Describe(const v1::NoteConditionRequest& condition,
              const std::vector<std::string>& items,
              v1::Incident* incident) {
  incident->set_reason(condition.reason());
  incident->mutable_items()->Assign(items.begin(), items.end());
  incident->set_items_count(std::max<uint64_t>(condition.items_count(), items.size()));
}

Outcome Open(const Command& command,
             const v1::NoteConditionRequest& condition,
             const std::vector<std::string>& items) {
  v1::IncidentOpened opened;
  v1::Incident& incident = *opened.mutable_incident();
  incident.set_name(std::string(kIncidents) + std::to_string(command.position.position()));
  incident.set_revision(1);
  incident.set_kind(condition.kind());
  incident.set_subject(condition.subject());
  incident.set_committee(condition.committee());
  incident.set_state(v1::Incident::STATE_OPEN);
  incident.set_ends_by_itself(condition.ends_by_itself());
  *incident.mutable_open_time() = TimeOf(command);
  *incident.mutable_change_time() = TimeOf(command);
  *incident.mutable_since() = condition.has_since() ? condition.since() : TimeOf(command);
  Describe(condition, items, &incident);
  const v1::Incident made = incident;
  return Make(made, std::move(opened));
}

// Nothing if it is as it was.
Outcome Change(const Command& command,
               const v1::NoteConditionRequest& condition,
               const std::vector<std::string>& items,
               const v1::Incident& before) {
  v1::IncidentChanged changed;
  v1::Incident& incident = *changed.mutable_incident();
  incident = before;
  Describe(condition, items, &incident);
  if (google::protobuf::util::MessageDifferencer::Equals(before, incident)) {
    return {.name = before.name()};
  }
  if (incident.reason() != before.reason()) {
    // What somebody took on was something else.
    incident.set_state(v1::Incident::STATE_OPEN);
    incident.clear_acknowledged_until();
  }
  incident.set_revision(before.revision() + 1);
  *incident.mutable_change_time() = TimeOf(command);
  return Make(before, std::move(changed));
}

// What was reported before is not reported twice; the rest is added to the latest incident, or is a new one's.
Outcome NoteReported(const Command& command,
                     const v1::NoteConditionRequest& condition,
                     const std::vector<v1::Incident>& known) {
  std::set<std::string_view> named;
  for (const v1::Incident& incident : known) {
    named.insert(incident.items().begin(), incident.items().end());
  }
  std::vector<std::string> news;
  for (const std::string& item : condition.items()) {
    if (named.insert(item).second) news.push_back(item);
  }
  if (known.empty()) return Open(command, condition, news);
  const auto latest = std::ranges::max_element(known, {}, [](const v1::Incident& incident) {
    return std::pair(incident.open_time().seconds(), incident.open_time().nanos());
  });
  if (static_cast<size_t>(latest->items_size()) + news.size() > kReportedItemsMax) {
    return Open(command, condition, news);
  }
  std::vector<std::string> all(latest->items().begin(), latest->items().end());
  all.insert(all.end(), news.begin(), news.end());
  return Change(command, condition, all, *latest);
}

Outcome NoteCondition(const State& state,
                      const Command& command,
                      const v1::NoteConditionRequest& condition) {
  std::vector<v1::Incident> known = Unresolved(state);
  std::erase_if(known, [&](const v1::Incident& incident) { return !IsAbout(incident, condition); });
  if (!condition.ends_by_itself()) return NoteReported(command, condition, known);
  const std::vector<std::string> items(condition.items().begin(), condition.items().end());
  return known.empty() ? Open(command, condition, items)
                       : Change(command, condition, items, known.front());
}

Outcome End(const State& state, const Command&, const v1::EndIncidentRequest& request) {
  auto incident = state.Find<v1::Incident>(request.name());
  if (!incident.has_value() || incident->state() == v1::Incident::STATE_RESOLVED) {
    return {.name = request.name()};
  }
  return Make(*incident, v1::IncidentResolved());
}

Outcome Reopen(const State& state,
               const Command& command,
               const v1::ReopenIncidentRequest& request) {
  auto incident = state.Find<v1::Incident>(request.name());
  if (!incident.has_value() || incident->state() != v1::Incident::STATE_ACKNOWLEDGED ||
      incident->acknowledged_until() >= command.today) {
    return {.name = request.name()};
  }
  return Make(*incident, v1::IncidentReopened());
}

// ---- People's verbs.

// The incident that a verb is about, or why there is none.
template <class Request>
std::variant<v1::Incident, Outcome> Load(const State& state,
                                         const Command& command,
                                         const Request& request) {
  auto incident = state.Find<v1::Incident>(request.name());
  if (!incident.has_value() || !IsVisible(command.principal, incident->committee())) {
    return Reject({Reason::kNotFound});
  }
  const std::string etag = domain::Etag(command.position.epoch(), incident->revision());
  if (request.etag() != etag) return Reject({Reason::kStaleEtag, {{"etag", etag}}});
  if (incident->state() == v1::Incident::STATE_RESOLVED) return Reject({Reason::kResolved});
  return *std::move(incident);
}

Outcome Retry(const State&,
              const Command&,
              const v1::RetryIncidentRequest&,
              const v1::Incident& incident) {
  if (!incident.ends_by_itself()) return Reject({Reason::kNothingToRetry});
  return Make(incident, v1::IncidentRetried());
}

Outcome Resolve(const State&,
                const Command& command,
                const v1::ResolveIncidentRequest& request,
                const v1::Incident& incident) {
  if (incident.ends_by_itself()) return Reject({Reason::kEndsByItself});
  v1::IncidentResolved resolved;
  *resolved.mutable_note_ref() = PinNote(command, incident, request.note());
  const log::v1::TextRef ref = resolved.note_ref();
  Outcome outcome = Make(incident, std::move(resolved));
  *outcome.event->first.add_texts() = ref;
  return outcome;
}

Outcome Acknowledge(const State&,
                    const Command& command,
                    const v1::AcknowledgeIncidentRequest& request,
                    const v1::Incident& incident) {
  const bool is_ahead = request.until() >= command.today;
  if (!is_ahead || domain::DaysBetween(command.today, request.until()) > kAcknowledgeDaysMax) {
    return Reject({Reason::kInvalidField,
                   {},
                   {{"until", is_ahead ? "最多写到 " + std::to_string(kAcknowledgeDaysMax) +
                                             " 天以后,到时还没有好可以再认领"
                                       : std::string("不能早于今天")}}});
  }
  v1::IncidentAcknowledged acknowledged;
  acknowledged.set_until(request.until());
  acknowledged.set_owner(command.principal.Name());
  if (!request.note().empty()) {
    *acknowledged.mutable_note_ref() = PinNote(command, incident, request.note());
  }
  const std::optional<log::v1::TextRef> ref =
      acknowledged.has_note_ref() ? std::optional(acknowledged.note_ref()) : std::nullopt;
  Outcome outcome = Make(incident, std::move(acknowledged));
  if (ref.has_value()) *outcome.event->first.add_texts() = *ref;
  return outcome;
}

// ---- Facts that wait.

Outcome DropFact(const State& state, const Command& command, const v1::DropFactRequest& request) {
  auto parked = state.FindParked(request.under(), request.sequence());
  if (!parked.has_value() || !IsVisible(command.principal, CommitteeOf(*parked))) {
    return Reject({Reason::kFactNotWaiting});
  }
  v1::FactDropped dropped;
  v1::DroppedFact& fact = *dropped.mutable_fact();
  fact.set_name(std::string(kDropped) + std::to_string(command.position.position()));
  *fact.mutable_fact() = ToWaitingFact(*parked);
  fact.set_committee(CommitteeOf(*parked));
  fact.set_dropped_by(command.principal.Name());
  *fact.mutable_drop_time() = TimeOf(command);
  v1::Note reason;
  reason.set_text(request.reason());
  *fact.mutable_reason_ref() = command.texts.Pin(fact.name(), 1, reason);

  Outcome outcome;
  outcome.name = fact.name();
  outcome.drops = *std::move(parked);
  log::v1::EventHeader header;
  header.set_subject(fact.name());
  header.set_committee(fact.committee());
  *header.add_texts() = fact.reason_ref();
  outcome.event = {std::move(header), std::move(dropped)};
  return outcome;
}

Outcome RetryFact(const State& state, const Command&, const v1::RetryFactRequest& request) {
  auto parked = state.FindParked(request.under(), request.sequence());
  // It was taken meanwhile.
  if (!parked.has_value()) return {};
  return {.retakes = std::move(parked)};
}

// ---- Tables.

struct Verb {
  const google::protobuf::Descriptor* request;
  Outcome (*decide)(const State&, const Command&);
};

template <class Request, Outcome (*decide)(const State&, const Command&, const Request&)>
Verb On() {
  return {Request::descriptor(), [](const State& state, const Command& command) {
            return decide(state, command, static_cast<const Request&>(command.request));
          }};
}

// On an incident that there is.
template <class Request,
          Outcome (*decide)(const State&, const Command&, const Request&, const v1::Incident&)>
Verb OnIncident() {
  return {Request::descriptor(), [](const State& state, const Command& command) {
            const auto& request = static_cast<const Request&>(command.request);
            auto found = Load(state, command, request);
            if (auto* rejected = std::get_if<Outcome>(&found)) return std::move(*rejected);
            return decide(state, command, request, std::get<v1::Incident>(found));
          }};
}

const std::vector<Verb>& Verbs() {
  static const auto& verbs = *new std::vector<Verb>{
      OnIncident<v1::RetryIncidentRequest, Retry>(),
      OnIncident<v1::ResolveIncidentRequest, Resolve>(),
      OnIncident<v1::AcknowledgeIncidentRequest, Acknowledge>(),
      On<v1::DropFactRequest, DropFact>(),
      On<v1::NoteConditionRequest, NoteCondition>(),
      On<v1::EndIncidentRequest, End>(),
      On<v1::ReopenIncidentRequest, Reopen>(),
      On<v1::RetryFactRequest, RetryFact>(),
  };
  return verbs;
}

// The incident of the event, one revision on.
v1::Incident Next(State& state, const log::v1::EventHeader& header) {
  auto incident = state.Get<v1::Incident>(header.subject());
  incident.set_revision(incident.revision() + 1);
  *incident.mutable_change_time() = header.time();
  return incident;
}

}  // namespace

std::optional<Outcome> Decide(const State& state, const Command& command) {
  for (const Verb& verb : Verbs()) {
    if (verb.request == command.request.GetDescriptor()) return verb.decide(state, command);
  }
  return std::nullopt;
}

void Apply(State& state, const log::v1::EventHeader&, const v1::IncidentOpened& event) {
  state.Put(event.incident().name(), event.incident());
}

void Apply(State& state, const log::v1::EventHeader&, const v1::IncidentChanged& event) {
  state.Put(event.incident().name(), event.incident());
}

void Apply(State& state,
           const log::v1::EventHeader& header,
           const v1::IncidentAcknowledged& event) {
  v1::Incident incident = Next(state, header);
  incident.set_state(v1::Incident::STATE_ACKNOWLEDGED);
  incident.set_acknowledged_until(event.until());
  incident.set_owner(event.owner());
  if (event.has_note_ref()) *incident.mutable_note_ref() = event.note_ref();
  state.Put(incident.name(), incident);
}

void Apply(State& state, const log::v1::EventHeader& header, const v1::IncidentResolved& event) {
  v1::Incident incident = Next(state, header);
  incident.set_state(v1::Incident::STATE_RESOLVED);
  incident.clear_acknowledged_until();
  if (event.has_note_ref()) *incident.mutable_note_ref() = event.note_ref();
  state.Put(incident.name(), incident);
}

void Apply(State& state, const log::v1::EventHeader& header, const v1::IncidentReopened&) {
  v1::Incident incident = Next(state, header);
  incident.set_state(v1::Incident::STATE_OPEN);
  incident.clear_acknowledged_until();
  state.Put(incident.name(), incident);
}

void Apply(State& state, const log::v1::EventHeader& header, const v1::IncidentRetried&) {
  v1::Incident incident = Next(state, header);
  *incident.mutable_retry_time() = header.time();
  state.Put(incident.name(), incident);
}

void Apply(State& state, const log::v1::EventHeader&, const v1::FactDropped& event) {
  state.Put(event.fact().name(), event.fact());
}

domain::IndexParts IndexParts(const v1::Incident& incident) {
  return {StatePart(incident.state()), LatestFirst(incident.name()), incident.name()};
}

domain::IndexParts IndexParts(const v1::DroppedFact& fact) {
  return {LatestFirst(fact.name()), fact.name()};
}

std::vector<v1::Incident> Unresolved(const State& state) {
  std::vector<v1::Incident> incidents;
  for (auto standing : {v1::Incident::STATE_OPEN, v1::Incident::STATE_ACKNOWLEDGED}) {
    for (const domain::IndexParts& listed : state.List("incidents", {StatePart(standing)})) {
      auto incident = state.Find<v1::Incident>(listed.back());
      if (incident.has_value()) incidents.push_back(*std::move(incident));
    }
  }
  return incidents;
}

bool IsVisible(const domain::Principal& principal, std::string_view committee) {
  return !principal.is_person() || committee.empty() || committee == principal.committee;
}

namespace {

void Complete(const State& state, uint32_t epoch, v1::Incident* incident) {
  incident->set_etag(domain::Etag(epoch, incident->revision()));
  incident->set_note(NoteText(state, incident->note_ref()));
}

// Rows of an index that the principal may see, from `after` on, until the page is full. Answers the parts of the last
// one on the page if there are more. `take` is false where the list ends.
template <class Row>
std::optional<domain::IndexParts> TakePage(const State& state,
                                           const domain::Principal& principal,
                                           std::string_view index,
                                           domain::IndexParts after,
                                           int32_t page_size,
                                           const std::function<bool(Row)>& take) {
  const size_t page =
      page_size <= 0 ? kPageDefault : std::min(static_cast<size_t>(page_size), kPageMax);
  size_t taken = 0;
  for (;;) {
    const std::vector<domain::IndexParts> listed = state.ListAfter(index, {}, after, page + 1);
    for (const domain::IndexParts& parts : listed) {
      auto row = state.Find<Row>(parts.back());
      if (row.has_value() && IsVisible(principal, row->committee())) {
        if (taken == page) return after;
        if (!take(*std::move(row))) return std::nullopt;
        ++taken;
      }
      after = parts;
    }
    if (listed.size() <= page) return std::nullopt;
  }
}

// All but the last part, which follows from them.
std::string Token(const std::optional<domain::IndexParts>& last) {
  if (!last.has_value()) return {};
  const std::string id(domain::LastPart(last->back()));
  return last->size() == 3 ? last->front() + "-" + id : id;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= 19 && text.front() != '0' &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<v1::Incident> Get(const State& state,
                                const domain::Principal& principal,
                                uint32_t epoch,
                                std::string_view name) {
  auto incident = state.Find<v1::Incident>(name);
  if (!incident.has_value() || !IsVisible(principal, incident->committee())) return std::nullopt;
  Complete(state, epoch, &*incident);
  return incident;
}

std::optional<v1::ListIncidentsResponse> List(const State& state,
                                              const domain::Principal& principal,
                                              uint32_t epoch,
                                              const v1::ListIncidentsRequest& request) {
  domain::IndexParts after;
  if (const std::string_view token = request.page_token(); !token.empty()) {
    if (token.size() < 3 || token[0] < '1' || token[0] > '3' || token[1] != '-' ||
        !IsNumber(token.substr(2))) {
      return std::nullopt;
    }
    const std::string name = std::string(kIncidents).append(token.substr(2));
    after = {std::string(token.substr(0, 1)), LatestFirst(name), name};
  }
  v1::ListIncidentsResponse response;
  response.set_next_page_token(Token(TakePage<v1::Incident>(
      state, principal, "incidents", std::move(after), request.page_size(),
      [&](v1::Incident incident) {
        if (request.unresolved() && incident.state() == v1::Incident::STATE_RESOLVED) return false;
        Complete(state, epoch, &incident);
        *response.add_incidents() = std::move(incident);
        return true;
      })));
  return response;
}

std::optional<v1::ListDroppedFactsResponse> List(const State& state,
                                                 const domain::Principal& principal,
                                                 const v1::ListDroppedFactsRequest& request) {
  domain::IndexParts after;
  if (!request.page_token().empty()) {
    if (!IsNumber(request.page_token())) return std::nullopt;
    const std::string name = std::string(kDropped) + request.page_token();
    after = {LatestFirst(name), name};
  }
  v1::ListDroppedFactsResponse response;
  response.set_next_page_token(
      Token(TakePage<v1::DroppedFact>(state, principal, "droppedfacts", std::move(after),
                                      request.page_size(), [&](v1::DroppedFact fact) {
                                        fact.set_reason(NoteText(state, fact.reason_ref()));
                                        *response.add_facts() = std::move(fact);
                                        return true;
                                      })));
  return response;
}

v1::Incident::WaitingFact ToWaitingFact(const log::v1::ParkedFact& parked) {
  log::v1::AnyEvent event;
  event.ParseFromString(parked.event());
  v1::Incident::WaitingFact fact;
  fact.set_under(parked.under());
  fact.set_sequence(parked.sequence());
  fact.set_upstream(parked.source().upstream());
  fact.set_position(parked.source().position().position());
  fact.set_ordinal(parked.source().ordinal());
  fact.set_kind_name(event.header().kind_name());
  fact.set_subject(event.header().subject());
  *fact.mutable_since() = parked.since();
  return fact;
}

std::string CommitteeOf(const log::v1::ParkedFact& parked) {
  log::v1::AnyEvent event;
  event.ParseFromString(parked.event());
  return parked.source().upstream().starts_with("nodes/") ? event.header().audience()
                                                          : event.header().committee();
}

}  // namespace shangda::incident
