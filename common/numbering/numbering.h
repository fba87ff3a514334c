// Numbering after a restore, the same in every service (MODEL §7): beginning an epoch, going on with a series, what
// neighbours have seen.
//
// Pure: a service's Decide and Apply call these, and so may its reads. The service's Reason has kForbidden,
// kInvalidField, kNumberingHeld, kNumberingNotHeld and kNumberTooLow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/domain/command.h"
#include "common/domain/decision.h"
#include "common/domain/names.h"
#include "common/domain/series.h"
#include "common/domain/state.h"
#include "shangda/numbering/v1/numbering.pb.h"

namespace shangda::numbering {

// The series from which the service draws numbers of the committee on this day, by name, whether or not a number was
// ever drawn: of each collection that of the year, of each serial that of its period, also of last year's if it goes by
// years (issues may bear an earlier date), and that of 总第N期 if it is printed.
std::vector<std::string> OpenSeries(const domain::State& state,
                                    std::string_view service,
                                    std::string_view committee,
                                    const std::string& today);

// Those of them that are held: a person has to resume them.
std::vector<std::string> HeldSeries(const domain::State& state,
                                    std::string_view service,
                                    std::string_view committee,
                                    const std::string& today);

// The series as it stands; held only if it is among `open`.
v1::SeriesState StateOf(const domain::State& state,
                        const std::string& series_name,
                        const std::vector<std::string>& open);

// The lowest `last` that the series may be resumed with.
uint64_t LowestLast(const log::v1::Series& series);

// A neighbour may have seen such a number of a series that the service draws: it says so itself, and may be wrong.
bool MayHaveSeen(std::string_view service,
                 const log::v1::Series& series,
                 const v1::NoteSeenRequest& request);

// Why a series may not go on; the reasons are those of every service.
enum class Wrong { kForbidden, kInvalidField, kNotHeld, kTooLow };
struct Problem {
  Wrong wrong;
  std::vector<std::pair<std::string, std::string>> metadata = {};
  std::vector<domain::FieldProblem> fields = {};
};

// Nothing: it may.
std::optional<Problem> CheckResume(const domain::State& state,
                                   const domain::Command& command,
                                   const v1::ResumeNumberingRequest& request,
                                   std::string_view service);

// Decide: the node's own command, and only while its engine opens.
template <class Event, class Reason>
domain::Decision<Event, Reason> StartEpoch(const domain::Command& command,
                                           const log::v1::StartEpochRequest& request) {
  if (command.principal.is_person()) {
    return domain::Decision<Event, Reason>::Reject({Reason::kForbidden});
  }
  domain::Decision<Event, Reason> decision;
  decision.name = "nodes/" + command.principal.node;
  log::v1::EpochStarted& started = *decision.Add(decision.name, "").mutable_epoch_started();
  started.set_epoch(command.position.epoch());
  started.set_on(command.today);
  started.set_restored_from(request.restored_from());
  return decision;
}

// Decide: the series goes on. `first` is the lowest number that it would ever give: those before it are no void.
template <class Event, class Reason>
domain::Decision<Event, Reason> Resume(const domain::State& state,
                                       const domain::Command& command,
                                       const v1::ResumeNumberingRequest& request,
                                       std::string_view service,
                                       uint64_t first = 1) {
  using Decision = domain::Decision<Event, Reason>;
  if (auto problem = CheckResume(state, command, request, service)) {
    auto reason = [&] {
      switch (problem->wrong) {
        case Wrong::kForbidden:
          return Reason::kForbidden;
        case Wrong::kInvalidField:
          return Reason::kInvalidField;
        case Wrong::kNotHeld:
          return Reason::kNumberingNotHeld;
        case Wrong::kTooLow:
          return Reason::kNumberTooLow;
      }
      return Reason::kForbidden;
    };
    return Decision::Reject({reason(), std::move(problem->metadata), std::move(problem->fields)});
  }
  const std::string_view committee = domain::CommitteeOf(request.parent());
  Decision decision;
  decision.name = domain::SeriesName(committee, request.collection(), request.period());
  const auto series = state.Find<log::v1::Series>(decision.name).value_or(log::v1::Series());
  const uint64_t from = series.last() == 0 ? first : series.last() + 1;
  if (from <= request.last()) {
    log::v1::NumbersVoided& voided =
        *decision.Add(decision.name, committee).mutable_numbers_voided();
    voided.set_collection(request.collection());
    voided.set_period(request.period());
    voided.mutable_numbers()->set_from(from);
    voided.mutable_numbers()->set_to(request.last());
    voided.mutable_numbers()->set_reason(request.basis());
    voided.mutable_numbers()->set_epoch(command.position.epoch());
  }
  log::v1::NumberingResumed& resumed =
      *decision.Add(decision.name, committee).mutable_numbering_resumed();
  resumed.set_collection(request.collection());
  resumed.set_period(request.period());
  resumed.set_last(request.last());
  resumed.set_epoch(command.position.epoch());
  resumed.set_basis(request.basis());
  return decision;
}

// Decide: the node's own command. Nothing to do if it is no more than is known, or cannot be, or of a collection of
// another service: that one hears of it by its own lines.
template <class Event, class Reason>
domain::Decision<Event, Reason> NoteSeen(const domain::State& state,
                                         const domain::Command& command,
                                         const v1::NoteSeenRequest& request,
                                         std::string_view service) {
  using Decision = domain::Decision<Event, Reason>;
  if (command.principal.is_person()) return Decision::Reject({Reason::kForbidden});
  const std::string_view committee = domain::CommitteeOf(request.parent());
  Decision decision;
  decision.name = domain::SeriesName(committee, request.collection(), request.period());
  const auto series = state.Find<log::v1::Series>(decision.name).value_or(log::v1::Series());
  if (!MayHaveSeen(service, series, request)) return decision;
  if (request.seen().last() <= LowestLast(series)) return decision;
  log::v1::NumbersReported& reported =
      *decision.Add(decision.name, committee).mutable_numbers_reported();
  reported.set_collection(request.collection());
  reported.set_period(request.period());
  *reported.mutable_seen() = request.seen();
  return decision;
}

// Apply, for events of the four kinds above; others are passed over.
template <class Event>
void Apply(domain::State& state, const Event& event) {
  const std::string& committee = event.header().committee();
  if (event.has_epoch_started()) {
    domain::EpochStarted(state, event.header(), event.epoch_started());
  } else if (event.has_numbers_voided()) {
    domain::NumbersVoided(state, committee, event.numbers_voided());
  } else if (event.has_numbering_resumed()) {
    domain::NumberingResumed(state, committee, event.numbering_resumed());
  } else if (event.has_numbers_reported()) {
    domain::NumbersReported(state, committee, event.numbers_reported());
  }
}

}  // namespace shangda::numbering
