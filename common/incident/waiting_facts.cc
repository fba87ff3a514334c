#include "common/incident/waiting_facts.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "common/engine/messages.h"
#include "common/incident/incident.h"

namespace shangda::incident {
namespace {

constexpr size_t kFactsMax = 10'000;
constexpr size_t kRetriedMax = 1'000;
// As the engine's rows have it (engine/keys.h).
constexpr std::string_view kNotUnderstood = "?";

// Until `take` says that it is enough.
void Scan(const kv::View& view, const std::function<bool(const log::v1::ParkedFact&)>& take) {
  size_t seen = 0;
  view.Scan(kv::Family::kMeta, "P", "Q",
            [&](std::string_view, std::string_view value) {
              log::v1::ParkedFact fact;
              if (!fact.ParseFromArray(value.data(), static_cast<int>(value.size()))) return true;
              return take(fact) && ++seen < kFactsMax;
            })
      .IgnoreError();  // What cannot be read is said where it is needed.
}

v1::Incident::Kind KindOf(const log::v1::ParkedFact& fact) {
  return fact.under() == kNotUnderstood ? v1::Incident::KIND_FACT_NOT_UNDERSTOOD
                                        : v1::Incident::KIND_FACT_PARKED;
}

// The machine knows such events.
bool IsKnownKind(const engine::Machine& machine, const log::v1::ParkedFact& fact) {
  auto event = machine.NewFact(fact.source().upstream());
  return event != nullptr && event->ParseFromString(fact.event()) &&
         engine::PayloadOf(*event) != nullptr;
}

}  // namespace

std::vector<Condition> WaitingFacts(const engine::Engine& engine,
                                    bool not_understood,
                                    int64_t waits_since_micros) {
  if (engine.parked_count() == 0) return {};
  const v1::Incident::Kind kind =
      not_understood ? v1::Incident::KIND_FACT_NOT_UNDERSTOOD : v1::Incident::KIND_FACT_PARKED;
  // By committee and followed log.
  std::map<std::pair<std::string, std::string>, Condition> conditions;
  Scan(*engine.store().Read(), [&](const log::v1::ParkedFact& parked) {
    const int64_t since = google::protobuf::util::TimeUtil::TimestampToMicroseconds(parked.since());
    if (KindOf(parked) != kind || (!not_understood && since > waits_since_micros)) return true;
    const v1::Incident::WaitingFact fact = ToWaitingFact(parked);
    Condition& condition = conditions[{CommitteeOf(parked), fact.upstream()}];
    if (condition.items_count++ == 0) {
      condition.kind = kind;
      condition.subject = fact.upstream();
      condition.committee = CommitteeOf(parked);
      condition.reason = not_understood ? "NOT_TAKEN" : "NAME_NOT_KNOWN";
      condition.since_micros = since;
    }
    condition.since_micros = std::min(condition.since_micros, since);
    if (not_understood && !IsKnownKind(engine.machine(), parked)) {
      condition.reason = "KIND_NOT_KNOWN";
    }
    condition.items.push_back(fact.subject().empty() ? fact.under() : fact.subject());
    return true;
  });
  std::vector<Condition> all;
  for (auto& [cause, condition] : conditions) all.push_back(std::move(condition));
  return all;
}

std::vector<v1::Incident::WaitingFact> FactsOf(const kv::View& view,
                                               const v1::Incident& incident,
                                               size_t limit) {
  std::vector<v1::Incident::WaitingFact> facts;
  if (incident.kind() != v1::Incident::KIND_FACT_PARKED &&
      incident.kind() != v1::Incident::KIND_FACT_NOT_UNDERSTOOD) {
    return facts;
  }
  Scan(view, [&](const log::v1::ParkedFact& parked) {
    if (KindOf(parked) == incident.kind() && parked.source().upstream() == incident.subject() &&
        CommitteeOf(parked) == incident.committee()) {
      facts.push_back(ToWaitingFact(parked));
    }
    return true;
  });
  std::ranges::sort(facts, {}, &v1::Incident::WaitingFact::sequence);
  if (facts.size() > limit) facts.resize(limit);
  return facts;
}

void RetryWaitingFacts(engine::Engine& engine,
                       const domain::Principal& self,
                       const std::string& upstream,
                       bool not_understood) {
  size_t retried = 0;
  Scan(*engine.store().Read(), [&](const log::v1::ParkedFact& parked) {
    if (parked.source().upstream() != upstream ||
        (parked.under() == kNotUnderstood) != not_understood) {
      return true;
    }
    auto retry = std::make_shared<v1::RetryFactRequest>();
    retry->set_under(parked.under());
    retry->set_sequence(parked.sequence());
    engine.Submit({.request = std::move(retry),
                   .principal = self,
                   .source = std::nullopt,
                   .texts = {},
                   .done = [](const engine::Reply&) {}});
    return ++retried < kRetriedMax;
  });
}

}  // namespace shangda::incident
