#include "services/routing/link/delivery_conditions.h"

#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "common/domain/names.h"
#include "common/office/office.h"
#include "services/routing/domain/owed.h"

namespace shangda::routing {
namespace {

using incident::Condition;
using incident::v1::Incident;

// So many of what is owed to one body are named.
constexpr size_t kNamedMax = 200;

// Conditions by what they are about and whose dispatches they concern.
class Conditions {
 public:
  // The one that the dispatch belongs to.
  Condition& Add(const std::string& subject, const char* reason, const v1::Dispatch& dispatch) {
    const std::string committee(domain::CommitteeOf(dispatch.name()));
    Condition& condition = all_[{subject, committee}];
    if (condition.subject.empty()) {
      condition.kind = Incident::KIND_DELIVERY_FAILING;
      condition.subject = subject;
      condition.committee = committee;
      condition.reason = reason;
    }
    condition.items.push_back(dispatch.name());
    ++condition.items_count;
    return condition;
  }

  std::vector<Condition> Take() {
    std::vector<Condition> conditions;
    for (auto& [cause, condition] : all_) conditions.push_back(std::move(condition));
    return conditions;
  }

 private:
  std::map<std::pair<std::string, std::string>, Condition> all_;
};

void AddOwed(const domain::State& state,
             const Deliverer& deliverer,
             const std::string& today,
             int64_t failing_since_micros,
             Conditions* conditions) {
  const std::map<std::string, Deliverer::Standing> standings = deliverer.Standings();
  for (const Owed& owed : OwedDispatches(state, kNamedMax)) {
    auto node = office::HostOf(state, owed.receiver, today);
    for (const v1::Dispatch& dispatch : owed.dispatches) {
      if (!node.has_value()) {
        conditions->Add("network/committees/" + owed.receiver, "RECEIVER_WITHOUT_NODE", dispatch);
        continue;
      }
      if (!state.TextContent(dispatch.capsule_ref()).has_value()) {
        conditions->Add("capsules", "CONTENT_DESTROYED", dispatch);
        continue;
      }
      auto found = standings.find(node->id());
      if (found == standings.end() || found->second.trying_since_micros == 0) continue;
      const Deliverer::Standing& standing = found->second;
      Condition& condition =
          conditions->Add("nodes/" + node->id(), standing.reason.c_str(), dispatch);
      condition.since_micros = standing.trying_since_micros;
      condition.attempts = standing.attempts;
      condition.next_try_micros = standing.next_try_micros;
      condition.is_undecided = standing.trying_since_micros > failing_since_micros;
    }
  }
}

const char* ReasonOf(v1::Refusal::Retry retry) {
  switch (retry) {
    case v1::Refusal::RETRY_FILE:
      return "REFUSED_FOR_A_FILE";
    case v1::Refusal::RETRY_DAILY:
      return "REFUSED_FOR_NOW";
    default:
      return "REFUSED_FOR_A_PERSON";
  }
}

void AddRefused(const domain::State& state,
                const Deliverer& deliverer,
                const std::vector<std::string>& hosted,
                Conditions* conditions) {
  for (const std::string& committee : hosted) {
    for (const v1::Dispatch& dispatch : RefusedDispatches(state, committee)) {
      const bool waits_for_person = dispatch.refusal().retry() != v1::Refusal::RETRY_FILE &&
                                    dispatch.refusal().retry() != v1::Refusal::RETRY_DAILY;
      const char* reason = ReasonOf(dispatch.refusal().retry());
      Condition& condition = conditions->Add("committees/" + dispatch.receiver(), reason, dispatch);
      // One that waits for a person says so for all.
      if (waits_for_person) condition.reason = reason;
      condition.next_try_micros = condition.reason == ReasonOf(v1::Refusal::RETRY_PERSON)
                                      ? 0
                                      : deliverer.sweep().next_try_micros;
    }
  }
}

}  // namespace

std::vector<Condition> DeliveryConditions(const domain::State& state,
                                          const Deliverer& deliverer,
                                          const std::vector<std::string>& hosted,
                                          const std::string& today,
                                          int64_t failing_since_micros) {
  Conditions found;
  AddOwed(state, deliverer, today, failing_since_micros, &found);
  AddRefused(state, deliverer, hosted, &found);
  std::vector<Condition> conditions = found.Take();
  if (const Deliverer::Sweep& sweep = deliverer.sweep(); !sweep.problem.empty()) {
    conditions.push_back({.kind = Incident::KIND_SWEEP_FAILED,
                          .subject = "refused-dispatches",
                          .committee = {},
                          .reason = sweep.problem,
                          .items = {},
                          .items_count = 0,
                          .since_micros = sweep.since_micros,
                          .attempts = 1,
                          .next_try_micros = sweep.next_try_micros});
  }
  return conditions;
}

}  // namespace shangda::routing
