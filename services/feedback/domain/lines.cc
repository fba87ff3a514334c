#include "services/feedback/domain/lines.h"

#include <algorithm>
#include <optional>

#include "common/domain/dates.h"
#include "common/domain/digest.h"
#include "common/domain/names.h"

namespace shangda::feedback {
namespace {

using domain::State;

std::string ReleasedName(std::string_view body, std::string_view audience) {
  return domain::EntryName(body, "released", audience);
}

std::string TakenName(std::string_view committee, std::string_view body) {
  return domain::EntryName(committee, "taken", body);
}

std::string InHexadecimal(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned char byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

std::string GoneName(std::string_view committee, const v1::ComparedOutcome& outcome) {
  return domain::EntryName(committee, "gone", InHexadecimal(MarkOf(outcome)));
}

std::string LostName(std::string_view body, const v1::ComparedOutcome& outcome) {
  return domain::EntryName(body, "lost", InHexadecimal(MarkOf(outcome)));
}

link::v1::LineDigest LineNamed(const State& state, const std::string& name) {
  return state.Find<link::v1::LineDigest>(name).value_or(link::v1::LineDigest());
}

// Changes the row of a line; one to nobody is in no log but a damaged one.
template <class Change>
void ChangeLine(State& state,
                const std::string& name,
                const log::v1::EventHeader& header,
                Change change) {
  if (!domain::IsCommitteeCode(domain::CommitteeOf(name)) ||
      !domain::IsCommitteeCode(domain::LastPart(name))) {
    return;
  }
  link::v1::LineDigest line = LineNamed(state, name);
  change(line);
  line.set_position(header.position());
  state.Put(name, line);
}

// Every row that is looked at by its name has the row's own columns in it.
bool IsOnRow(const std::optional<v1::ComparedOutcome>& row) {
  return row.has_value() && !row->dispatch().empty();
}

}  // namespace

v1::ComparedOutcome ComparedOf(const std::string& dispatch, const v1::Step& step) {
  v1::ComparedOutcome outcome;
  outcome.set_dispatch(dispatch);
  outcome.set_kind(step.kind());
  outcome.set_on(step.on());
  outcome.set_body(step.body());
  outcome.set_decided(step.cause());
  outcome.set_decided_revision(step.cause_revision());
  *outcome.mutable_record_time() = step.record_time();
  return outcome;
}

std::string MarkOf(const v1::ComparedOutcome& outcome) {
  return domain::MarkOf({outcome.dispatch(), std::to_string(outcome.kind()), outcome.on(),
                         outcome.body(), outcome.decided(),
                         std::to_string(outcome.decided_revision()),
                         std::to_string(outcome.record_time().seconds()),
                         std::to_string(outcome.record_time().nanos())});
}

bool IsFromAbove(const v1::DispatchTrack& dispatch, const v1::Step& step) {
  const std::string_view decided_at = domain::CommitteeOf(step.cause());
  return !dispatch.receiver().empty() && !decided_at.empty() &&
         decided_at != domain::CommitteeOf(dispatch.name());
}

link::v1::LineDigest ReleasedLine(const State& state,
                                  std::string_view body,
                                  std::string_view audience) {
  return LineNamed(state, ReleasedName(body, audience));
}

link::v1::LineDigest TakenLine(const State& state,
                               std::string_view committee,
                               std::string_view body) {
  return LineNamed(state, TakenName(committee, body));
}

void CountReleased(State& state, const v1::Event& event) {
  const v1::Outcome& outcome = event.outcome_released().outcome();
  ChangeLine(state, ReleasedName(domain::CommitteeOf(outcome.name()), outcome.audience()),
             event.header(), [&](link::v1::LineDigest& line) {
               domain::AddTo(*line.mutable_digest(),
                             MarkOf(ComparedOf(outcome.dispatch(), outcome.step())));
             });
}

void CountTaken(State& state, const v1::Event& event) {
  const v1::Step& step = event.step_noted().step();
  const auto dispatch = state.Find<v1::DispatchTrack>(event.header().subject());
  if (!dispatch.has_value() || !IsFromAbove(*dispatch, step)) return;
  const std::string& body = dispatch->receiver();
  ChangeLine(state, TakenName(domain::CommitteeOf(dispatch->name()), body), event.header(),
             [&](link::v1::LineDigest& line) {
               domain::AddTo(*line.mutable_digest(), MarkOf(ComparedOf(dispatch->name(), step)));
               for (const std::string& name : {event.step_noted().outcome(), step.cause()}) {
                 if (domain::CommitteeOf(name) != body) continue;
                 domain::NoteHighest(name, line.mutable_heard());
               }
             });
}

void CountGone(State& state, const v1::Event& event) {
  const v1::OutcomeGone& gone = event.outcome_gone();
  const std::string_view committee = domain::CommitteeOf(gone.outcome().dispatch());
  state.Put(GoneName(committee, gone.outcome()),
            gone.found_again() ? v1::ComparedOutcome() : gone.outcome());
  ChangeLine(state, TakenName(committee, gone.neighbour()), event.header(),
             [&](link::v1::LineDigest& line) {
               const std::string mark = MarkOf(gone.outcome());
               if (gone.found_again()) {
                 domain::AddTo(*line.mutable_digest(), mark);
               } else {
                 domain::TakeFrom(*line.mutable_digest(), mark);
               }
             });
}

void NoteLost(State& state, const v1::Event& event) {
  const v1::OutcomeLost& lost = event.outcome_lost();
  state.Put(LostName(event.header().committee(), lost.outcome()), lost.outcome());
}

std::vector<v1::ComparedOutcome> TakenFrom(const State& state,
                                           std::string_view committee,
                                           std::string_view body) {
  std::vector<v1::ComparedOutcome> taken;
  for (const domain::IndexParts& listed :
       state.List("dispatches_to", {std::string(committee), std::string(body)})) {
    const auto dispatch = state.Find<v1::DispatchTrack>(listed.back());
    if (!dispatch.has_value()) continue;
    for (const v1::Step& step : dispatch->steps()) {
      if (!IsFromAbove(*dispatch, step)) continue;
      v1::ComparedOutcome outcome = ComparedOf(dispatch->name(), step);
      if (!IsGone(state, committee, outcome)) taken.push_back(std::move(outcome));
    }
  }
  return taken;
}

ReleasedPage ReleasedTo(const State& state,
                        std::string_view body,
                        std::string_view audience,
                        const std::string& after,
                        size_t limit) {
  ReleasedPage page;
  const domain::IndexParts line = {std::string(body), std::string(audience)};
  domain::IndexParts behind;
  if (domain::IsNumberedName(after, "outcomes")) {
    behind = line;
    behind.push_back(after);
  }
  for (const domain::IndexParts& listed :
       state.ListAfter("outcomes_by_audience", line, behind, limit)) {
    const auto outcome = state.Find<v1::Outcome>(listed.back());
    if (!outcome.has_value()) continue;
    v1::ComparedOutcome& item =
        page.items.emplace_back(ComparedOf(outcome->dispatch(), outcome->step()));
    item.set_position(outcome->position());
    page.next_after = outcome->name();
  }
  if (page.items.size() < limit) page.next_after.clear();
  return page;
}

bool IsTaken(const State& state, const v1::ComparedOutcome& outcome) {
  const auto dispatch = state.Find<v1::DispatchTrack>(outcome.dispatch());
  if (!dispatch.has_value()) return false;
  const std::string mark = MarkOf(outcome);
  return std::ranges::any_of(dispatch->steps(), [&](const v1::Step& step) {
    return step.kind() == outcome.kind() && MarkOf(ComparedOf(dispatch->name(), step)) == mark;
  });
}

bool IsGone(const State& state, std::string_view committee, const v1::ComparedOutcome& outcome) {
  return IsOnRow(state.Find<v1::ComparedOutcome>(GoneName(committee, outcome)));
}

bool IsLost(const State& state, std::string_view body, const v1::ComparedOutcome& outcome) {
  return IsOnRow(state.Find<v1::ComparedOutcome>(LostName(body, outcome)));
}

bool IsOutcomeFor(const v1::ComparedOutcome& outcome, std::string_view audience) {
  return domain::IsNumberedName(outcome.dispatch(), "dispatches") &&
         domain::CommitteeOf(outcome.dispatch()) == audience &&
         outcome.kind() != v1::Step::KIND_UNSPECIFIED && domain::IsDate(outcome.on());
}

}  // namespace shangda::feedback
