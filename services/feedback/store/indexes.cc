#include "services/feedback/store/indexes.h"

#include <string>

#include "common/domain/names.h"
#include "common/incident/incident.h"
#include "common/office/office.h"
#include "shangda/feedback/v1/feedback.pb.h"

namespace shangda::feedback {
namespace {

using Entries = std::vector<engine::IndexEntry>;

std::string CommitteeOf(const std::string& name) {
  return std::string(domain::CommitteeOf(name));
}

Entries EntriesOf(const v1::DispatchTrack& dispatch) {
  std::string committee = CommitteeOf(dispatch.name());
  Entries entries;
  if (domain::IsCommitteeCode(dispatch.receiver())) {
    entries.push_back({"dispatches_to", {committee, dispatch.receiver(), dispatch.name()}});
  }
  // A copy counts nowhere.
  if (dispatch.kind() == routing::v1::Dispatch::KIND_COPY) return entries;
  entries.push_back(
      {"dispatches_by_state", {committee, std::to_string(dispatch.state()), dispatch.name()}});
  if (!dispatch.handed_over_on().empty()) {
    entries.push_back(
        {"dispatches_by_handover", {committee, dispatch.handed_over_on(), dispatch.name()}});
  }
  return entries;
}

Entries EntriesOf(const v1::Outcome& outcome) {
  Entries entries = {{"outcomes_by_dispatch", {outcome.dispatch(), outcome.name()}}};
  if (domain::IsCommitteeCode(outcome.audience())) {
    entries.push_back({"outcomes_by_audience",
                       {CommitteeOf(outcome.name()), outcome.audience(), outcome.name()}});
  }
  return entries;
}

Entries EntriesOf(const v1::Counter& counter) {
  return {{"counters",
           {counter.committee(), std::to_string(counter.figure()), std::to_string(counter.split()),
            std::to_string(counter.period()), counter.value()}}};
}

Entries EntriesOf(const v1::Adoption& adoption) {
  return {{"adoptions", {CommitteeOf(adoption.name()), adoption.name()}}};
}

Entries EntriesOf(const v1::Instruction& instruction) {
  return {{"instructions", {CommitteeOf(instruction.name()), instruction.name()}}};
}

Entries EntriesOf(const v1::HandlingTask& task) {
  return {{"tasks", {CommitteeOf(task.name()), task.name()}}};
}

Entries EntriesOf(const office::v1::Entry& entry) {
  return {{"entries", office::EntryIndexParts(entry)}};
}

Entries EntriesOf(const incident::v1::Incident& incident) {
  return {{"incidents", incident::IndexParts(incident)}};
}

Entries EntriesOf(const incident::v1::DroppedFact& fact) {
  return {{"droppedfacts", incident::IndexParts(fact)}};
}

// The entries of the row if it is one of these types.
template <class... Rows>
Entries FirstOf(const google::protobuf::Message& row) {
  Entries entries;
  auto try_type = [&]<class Row>(const Row*) {
    bool is_it = row.GetDescriptor() == Row::descriptor();
    if (is_it) entries = EntriesOf(static_cast<const Row&>(row));
    return is_it;
  };
  (void)(try_type(static_cast<const Rows*>(nullptr)) || ...);
  return entries;
}

}  // namespace

Entries IndexEntries(const google::protobuf::Message& row) {
  return FirstOf<v1::DispatchTrack, v1::Outcome, v1::Counter, v1::Adoption, v1::Instruction,
                 v1::HandlingTask, office::v1::Entry, incident::v1::Incident,
                 incident::v1::DroppedFact>(row);
}

}  // namespace shangda::feedback
