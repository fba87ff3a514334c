#include "services/routing/domain/adoption.h"

#include "common/domain/names.h"
#include "common/office/office.h"

namespace shangda::routing {

std::optional<v1::Use::Kind> UseOf(const domain::State& state,
                                   const v1::Dispatch& dispatch,
                                   const std::string& date) {
  switch (dispatch.kind()) {
    case v1::Dispatch::KIND_RELAY_UP:
      return v1::Use::KIND_RELAYED;
    case v1::Dispatch::KIND_FORWARD:
      if (office::PolicyOn(state, domain::CommitteeOf(dispatch.name()), date).forwarding_adopts()) {
        return v1::Use::KIND_FORWARDED;
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

void AddAdoptions(const domain::State& state,
                  const v1::Paper& paper,
                  const v1::Use& way,
                  const std::string& date,
                  std::set<std::string>& done,
                  Decision& decision) {
  for (const v1::ArrivalSource& source : paper.arrivals()) {
    if (!done.insert(source.arrival()).second) continue;
    const auto arrival = state.Find<v1::Arrival>(source.arrival()).value();
    v1::ArrivalDisposed& disposed =
        *decision.Add(arrival.name(), domain::CommitteeOf(arrival.name()))
             .mutable_arrival_disposed();
    disposed.set_dispatch(arrival.dispatch());
    v1::Disposition& disposition = *disposed.mutable_disposition();
    disposition.set_kind(v1::Disposition::KIND_ADOPTED);
    disposition.set_on(date);
    *disposition.mutable_use() = way;
    disposition.mutable_use()->set_form(source.merged() ? v1::Use::FORM_MERGED
                                                        : v1::Use::FORM_SINGLE);
    disposition.mutable_use()->set_paper(paper.name());
  }
}

void AddAdoptionsOf(const domain::State& state,
                    const v1::Dispatch& dispatch,
                    const std::string& date,
                    Decision& decision) {
  const std::optional<v1::Use::Kind> kind = UseOf(state, dispatch, date);
  if (!kind.has_value()) return;
  v1::Use way;
  way.set_kind(*kind);
  way.set_dispatch(dispatch.name());
  std::set<std::string> done;
  AddAdoptions(state, state.Find<v1::Paper>(dispatch.paper()).value(), way, date, done, decision);
}

}  // namespace shangda::routing
