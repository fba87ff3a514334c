#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/domain/dates.h"
#include "common/domain/names.h"
#include "common/office/office.h"
#include "services/feedback/domain/outcomes.h"
#include "services/feedback/domain/steps.h"

namespace shangda::feedback {
namespace {

using routing::v1::Dispatch;
using routing::v1::Use;

// Something of this office that a body above may adopt: a report, or a paper that has none of its
// own in it.
struct Original {
  std::string name;
  v1::Splits splits;
  std::vector<std::string> dispatches;
};

std::vector<Original> OriginalsOf(const Work& work, const v1::DispatchTrack& dispatch) {
  std::vector<Original> originals;
  for (const std::string& name :
       OwnReports(dispatch.leaves(), domain::CommitteeOf(dispatch.name()))) {
    if (auto report = work.Find<v1::ReportTrack>(name)) {
      originals.push_back(
          {name, report->splits(), {report->dispatches().begin(), report->dispatches().end()}});
    }
  }
  if (!originals.empty()) return originals;
  if (auto paper = work.Find<v1::PaperTrack>(dispatch.paper())) {
    originals.push_back(
        {paper->name(), paper->splits(), {paper->dispatches().begin(), paper->dispatches().end()}});
  }
  return originals;
}

// One report in one issue of one body is one adoption; what went out otherwise goes by its date.
std::string AdoptionKey(const v1::Step& step, const std::string& original) {
  std::string way = step.number() > 0 ? step.serial() + "-" + std::to_string(step.period()) + "-" +
                                            std::to_string(step.number())
                                      : Use::Kind_Name(step.use()) + "-" + step.on();
  return step.body() + "/" + way + "/" + original;
}

// The body has the original in the same issue by a dispatch that was addressed to it.
bool IsAdoptedDirectly(const Work& work, const Original& original, const v1::Step& adopted) {
  return std::any_of(
      original.dispatches.begin(), original.dispatches.end(), [&](const std::string& name) {
        auto dispatch = work.Find<v1::DispatchTrack>(name);
        if (!dispatch.has_value() || dispatch->receiver() != adopted.body()) return false;
        return std::any_of(
            dispatch->steps().begin(), dispatch->steps().end(), [&](const v1::Step& step) {
              return step.kind() == v1::Step::KIND_ADOPTED && step.body() == adopted.body() &&
                     AdoptionKey(step, original.name) == AdoptionKey(adopted, original.name);
            });
      });
}

std::vector<SplitValue> ValuesAbove(const Original& original, const v1::Step& step) {
  std::vector<SplitValue> values = SplitValuesOf(original.splits);
  values.emplace_back(v1::SPLIT_KIND_BODY, step.body());
  return values;
}

// 上级采用: reached through relay; what also came to that body directly is in the cohort and counts
// there.
void CountAdoption(Work& work, const v1::DispatchTrack& dispatch, const v1::Step& step) {
  std::string_view committee = domain::CommitteeOf(dispatch.name());
  // Counted per body: which addressee without a node another body has, nobody below can tell.
  if (step.body().empty()) return;
  bool is_direct = step.body() == dispatch.receiver();
  for (const Original& original : OriginalsOf(work, dispatch)) {
    Count count = {v1::FIGURE_KIND_ADOPTIONS_ABOVE, step.on(), AdoptionKey(step, original.name)};
    if (!is_direct) {
      if (IsAdoptedDirectly(work, original, step)) continue;
      work.tally().Add(committee, {count}, ValuesAbove(original, step), 1);
      continue;
    }
    v1::FigureMove cell;
    cell.set_figure(count.figure);
    cell.set_period(domain::MonthOf(count.on));
    cell.set_thing(count.thing);
    auto relayed = work.Find<v1::Distinct>(DistinctName(committee, cell));
    if (!relayed.has_value() || relayed->count() == 0) continue;
    work.tally().Add(committee, {count}, ValuesAbove(original, step),
                     -static_cast<int64_t>(relayed->count()));
  }
}

// 上级批示: one instruction is one, however many dispatches of this office it concerns.
void CountInstruction(Work& work, const v1::DispatchTrack& dispatch, const v1::Step& step) {
  std::string committee(domain::CommitteeOf(dispatch.name()));
  bool counts = step.instruction_kind() != v1::Instruction::KIND_CIRCULATED ||
                office::PolicyOn(work, committee, step.on()).circulated_counts();
  if (!counts) return;
  work.tally().Add(committee, {{v1::FIGURE_KIND_INSTRUCTIONS_ABOVE, step.on(), step.cause()}},
                   SplitValuesOf(dispatch.splits()), 1);
}

// What may go on to the next level: the serial's title, and wording that was released; words about
// this office's own dispatch stay here.
v1::Words WordsBelow(const v1::Step& step, const v1::Words& words) {
  v1::Words below;
  below.set_serial_title(words.serial_title());
  if (step.kind() == v1::Step::KIND_INSTRUCTED) below.set_text(words.text());
  return below;
}

void PassOn(Work& work,
            const v1::DispatchTrack& dispatch,
            const v1::Step& step,
            const v1::Words& words) {
  auto paper = work.Find<v1::PaperTrack>(dispatch.paper());
  if (!paper.has_value()) return;
  for (const routing::v1::ArrivalSource& source : paper->arrivals()) {
    auto arrival = work.Find<v1::ArrivalTrack>(source.arrival());
    if (!arrival.has_value()) continue;
    v1::Step below = step;
    below.clear_recorded_by();
    if (step.kind() == v1::Step::KIND_ADOPTED && source.merged()) {
      below.set_form(Use::FORM_MERGED);
      below.set_source_count(std::max(step.source_count(), paper->source_count()));
    }
    Release(work, *arrival, std::move(below), /*relayed=*/true, WordsBelow(step, words));
  }
}

// What a step follows from: a name of any collection, short enough to stand in a key.
bool IsCause(std::string_view name) {
  constexpr size_t kCauseBytesMax = 100;
  return name.size() <= kCauseBytesMax && domain::IsCommitteeCode(domain::CommitteeOf(name)) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '-';
         });
}

bool IsSerial(std::string_view id) {
  constexpr size_t kSerialIdMax = 12;
  return id.size() <= kSerialIdMax &&
         std::all_of(id.begin(), id.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

bool IsWellFormed(const v1::Step& step) {
  return step.kind() != v1::Step::KIND_UNSPECIFIED && v1::Step::Kind_IsValid(step.kind()) &&
         domain::IsDate(step.on()) &&
         (step.body().empty() || domain::IsCommitteeCode(step.body())) && IsCause(step.cause()) &&
         IsSerial(step.serial());
}

bool IsReleased(const Work& work, const std::string& dispatch, const v1::Step& step) {
  auto is_it = [&](const v1::Outcome& outcome) {
    return outcome.dispatch() == dispatch && IsSameStep(outcome.step(), step);
  };
  for (const v1::Event& event : work.events()) {
    if (event.has_outcome_released() && is_it(event.outcome_released().outcome())) return true;
  }
  for (const domain::IndexParts& entry : work.List("outcomes_by_dispatch", {dispatch})) {
    auto outcome = work.Find<v1::Outcome>(entry.back());
    if (outcome.has_value() && is_it(*outcome)) return true;
  }
  return false;
}

}  // namespace

void ChangeDispatch(Work& work, const v1::DispatchTrack& before, const v1::DispatchTrack& after) {
  work.Add(after.name(), [&](v1::Event& event) {
    v1::DispatchChanged& changed = *event.mutable_dispatch_changed();
    changed.set_state(after.state());
    changed.set_disposition(after.disposition());
    changed.set_adoptions(after.adoptions());
    changed.set_adopted_on(after.adopted_on());
    changed.set_handed_over_on(after.handed_over_on());
    changed.set_arrival(after.arrival());
  });
  std::string_view committee = domain::CommitteeOf(after.name());
  std::vector<SplitValue> values = SplitValuesOf(after.splits());
  work.tally().Add(committee, CountsOf(before), values, -1);
  work.tally().Add(committee, CountsOf(after), values, 1);
  work.NoteStatus(after.name(), StatusOf(before), StatusOf(after));
}

void TakeWord(Work& work,
              const v1::DispatchTrack& dispatch,
              const v1::Step& step,
              const v1::Words& words,
              const std::string& outcome) {
  NoteDispatchStep(work, dispatch, step, outcome);

  v1::DispatchTrack before = work.Find<v1::DispatchTrack>(dispatch.name()).value_or(dispatch);
  Addressed addressed = AddressedOf(before);
  if (addressed.disposition != before.disposition() || addressed.adoptions != before.adoptions() ||
      addressed.adopted_on != before.adopted_on()) {
    v1::DispatchTrack after = before;
    after.set_disposition(addressed.disposition);
    after.set_adoptions(addressed.adoptions);
    after.set_adopted_on(addressed.adopted_on);
    ChangeDispatch(work, before, after);
  }

  if (dispatch.kind() != Dispatch::KIND_COPY) {
    if (step.kind() == v1::Step::KIND_ADOPTED) CountAdoption(work, dispatch, step);
    if (step.kind() == v1::Step::KIND_INSTRUCTED) CountInstruction(work, dispatch, step);
  }
  PassOn(work, dispatch, step, words);
}

bool IsWellFormed(const v1::Outcome& outcome) {
  const v1::Step& step = outcome.step();
  return domain::IsNumberedName(outcome.name(), "outcomes") &&
         domain::IsNumberedName(outcome.dispatch(), "dispatches") && IsWellFormed(step) &&
         (!step.has_words_ref() || step.words_ref().name() == outcome.name());
}

void TakeOutcome(Work& work, const v1::Outcome& outcome, const v1::Words& words) {
  auto dispatch = work.Find<v1::DispatchTrack>(outcome.dispatch());
  if (!dispatch.has_value() || dispatch->receiver().empty()) return;
  const v1::Step& step = outcome.step();
  bool may_speak = domain::CommitteeOf(outcome.name()) == dispatch->receiver() &&
                   (outcome.relayed() || step.body() == dispatch->receiver());
  if (!may_speak || HasStep(dispatch->steps(), step)) return;
  TakeWord(work, *dispatch, step, words, outcome.name());
}

void Release(Work& work,
             const v1::ArrivalTrack& arrival,
             v1::Step step,
             bool relayed,
             const v1::Words& words) {
  if (IsReleased(work, arrival.dispatch(), step)) return;
  v1::Outcome outcome;
  outcome.set_name(work.NextName(domain::CommitteeOf(arrival.name()), "outcomes"));
  outcome.set_audience(arrival.sender());
  outcome.set_dispatch(arrival.dispatch());
  outcome.set_decided(step.cause());
  outcome.set_decided_revision(step.cause_revision());
  outcome.set_relayed(relayed);
  step.clear_words_ref();
  if (words.ByteSizeLong() > 0) {
    *step.mutable_words_ref() = work.command().texts.Pin(outcome.name(), 1, words);
  }
  *outcome.mutable_step() = std::move(step);

  work.Add(outcome.name(), [&](v1::Event& event) {
    event.mutable_header()->set_audience(outcome.audience());
    if (outcome.step().has_words_ref()) {
      *event.mutable_header()->add_texts() = outcome.step().words_ref();
    }
    *event.mutable_outcome_released()->mutable_outcome() = outcome;
  });
  TakeOutcome(work, outcome, words);
}

}  // namespace shangda::feedback
