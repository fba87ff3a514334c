// The checks that every verb begins with, and how its refusals are written.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "common/domain/command.h"
#include "common/domain/etag.h"
#include "common/domain/series.h"
#include "common/domain/state.h"
#include "services/routing/domain/rejection.h"

namespace shangda::routing {

inline Rejection NotFound(const std::string& name) {
  return {Reason::kNotFound, {{"name", name}}};
}

inline Rejection InvalidField(std::string field, std::string description) {
  return {Reason::kInvalidField, {}, {{std::move(field), std::move(description)}}};
}

// The row is in a state that the verb does not know.
template <class Row>
Rejection WrongState(const Row& row) {
  return {Reason::kWrongState, {{"name", row.name()}, {"state", Row::State_Name(row.state())}}};
}

// The item stays as it is until the withdrawal that was asked for is answered.
inline Rejection WithdrawalUnanswered(const v1::DeskItem& item, const v1::Withdrawal& asked) {
  return {Reason::kWithdrawalUnanswered,
          {{"desk_item", item.name()}, {"asked_on", asked.asked_on()}}};
}

// Reads the row that a verb names into `row`; or why the verb ends here: there is none, or it
// changed since the caller read it. Whoever may call a verb of routing may see every row that the
// verb could name, so a missing one is told as such; a verb that reporters may call looks first.
template <class Row, class Request>
std::optional<Rejection> FindCurrent(const domain::State& state,
                                     const domain::Command& command,
                                     const Request& request,
                                     Row* row) {
  std::optional<Row> found = state.Find<Row>(request.name());
  if (!found.has_value()) return NotFound(request.name());
  std::string etag = domain::Etag(command.position.epoch(), found->revision());
  if (request.etag() != etag) return Rejection{Reason::kStaleEtag, {{"etag", etag}}};
  *row = *std::move(found);
  return std::nullopt;
}

// The number may not be drawn now.
inline std::optional<Rejection> CheckHeld(const domain::State& state,
                                          std::string_view committee,
                                          std::string_view collection,
                                          std::string_view period) {
  if (!domain::IsHeld(state, committee, collection, period)) return std::nullopt;
  return Rejection{Reason::kNumberingHeld,
                   {{"series", domain::SeriesName(committee, collection, period)}}};
}

}  // namespace shangda::routing
