#include "services/routing/store/indexes.h"

#include <string>

#include "common/domain/names.h"
#include "common/incident/incident.h"
#include "common/office/office.h"
#include "services/routing/domain/owed.h"
#include "services/routing/domain/withdrawal.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {
namespace {

using Entries = std::vector<engine::IndexEntry>;

template <class Row>
std::string Committee(const Row& row) {
  return std::string(domain::CommitteeOf(row.name()));
}

template <class Row>
std::string State(const Row& row) {
  return std::to_string(static_cast<int>(row.state()));
}

Entries EntriesOf(const v1::DeskItem& item) {
  Entries entries = {{"deskitems", {Committee(item), item.name()}},
                     {"deskitems_by_state", {Committee(item), State(item), item.name()}}};
  if (Unanswered(item) != nullptr) {
    entries.push_back({"deskitems_withdrawal_asked", {Committee(item), item.name()}});
  }
  return entries;
}

Entries EntriesOf(const v1::Paper& paper) {
  return {{"papers", {Committee(paper), paper.name()}},
          {"papers_by_state", {Committee(paper), State(paper), paper.name()}}};
}

Entries EntriesOf(const v1::Issue& issue) {
  return {{"issues",
           {Committee(issue), issue.serial(), std::to_string(issue.period()),
            std::to_string(issue.number()), issue.name()}}};
}

Entries EntriesOf(const v1::Dispatch& dispatch) {
  Entries entries = {
      {"dispatches", {Committee(dispatch), dispatch.name()}},
      {"dispatches_by_state", {Committee(dispatch), State(dispatch), dispatch.name()}},
      {"dispatches_by_paper", {Committee(dispatch), dispatch.paper(), dispatch.name()}},
  };
  if ((dispatch.state() == v1::Dispatch::STATE_PENDING || dispatch.owed_again()) &&
      !dispatch.receiver().empty()) {
    entries.push_back({"dispatches_owed", {dispatch.receiver(), dispatch.name()}});
  }
  if (IsRefusedAgain(dispatch)) {
    entries.push_back({"dispatches_refused_again", {Committee(dispatch), dispatch.name()}});
  }
  return entries;
}

Entries EntriesOf(const v1::Arrival& arrival) {
  Entries entries = {
      {"arrivals", {Committee(arrival), arrival.name()}},
      {"arrivals_by_state", {Committee(arrival), State(arrival), arrival.name()}},
      {"arrivals_by_dispatch", {arrival.dispatch(), arrival.name()}},
  };
  for (const v1::Leaf& leaf : arrival.leaves()) {
    entries.push_back({"arrivals_by_leaf", {Committee(arrival), leaf.report(), arrival.name()}});
  }
  return entries;
}

Entries EntriesOf(const v1::DispatchGone& gone) {
  if (gone.lost_there()) return {};
  const std::string& dispatch = gone.delivery().dispatch();
  return {
      {"dispatches_gone", {std::string(domain::CommitteeOf(dispatch)), gone.receiver(), dispatch}}};
}

Entries EntriesOf(const office::v1::Entry& entry) {
  return {{"entries", {std::string(office::ParentOf(entry.name())), entry.name()}}};
}

Entries EntriesOf(const incident::v1::Incident& incident) {
  return {{"incidents", incident::IndexParts(incident)}};
}

Entries EntriesOf(const incident::v1::DroppedFact& fact) {
  return {{"droppedfacts", incident::IndexParts(fact)}};
}

// The entries if the row is one of these.
template <class Row>
bool IsA(const google::protobuf::Message& row, Entries* entries) {
  if (row.GetDescriptor() != Row::descriptor()) return false;
  *entries = EntriesOf(static_cast<const Row&>(row));
  return true;
}

}  // namespace

std::vector<engine::IndexEntry> IndexEntries(const google::protobuf::Message& row) {
  Entries entries;
  // The first that fits ends the line; number series have no entries.
  (void)(IsA<v1::DeskItem>(row, &entries) || IsA<v1::Paper>(row, &entries) ||
         IsA<v1::Issue>(row, &entries) || IsA<v1::Dispatch>(row, &entries) ||
         IsA<v1::Arrival>(row, &entries) || IsA<v1::DispatchGone>(row, &entries) ||
         IsA<office::v1::Entry>(row, &entries) || IsA<incident::v1::Incident>(row, &entries) ||
         IsA<incident::v1::DroppedFact>(row, &entries));
  return entries;
}

}  // namespace shangda::routing
