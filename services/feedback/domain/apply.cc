#include "services/feedback/domain/apply.h"

#include <optional>
#include <string>

#include "common/domain/names.h"
#include "common/domain/series.h"
#include "common/incident/incident.h"
#include "common/numbering/numbering.h"
#include "common/office/office.h"
#include "services/feedback/domain/figures.h"
#include "services/feedback/domain/lines.h"
#include "services/feedback/domain/steps.h"

namespace shangda::feedback {
namespace {

using domain::State;

// Changes the row that the event is about, or another; one that is not there stays so.
template <class Row, class Change>
void Update(State& state, const std::string& name, Change change) {
  std::optional<Row> row = state.Find<Row>(name);
  if (!row.has_value()) return;
  change(*row);
  row->set_revision(row->revision() + 1);
  state.Put(name, *row);
}

void AddOnce(google::protobuf::RepeatedPtrField<std::string>* names, const std::string& name) {
  for (const std::string& known : *names) {
    if (known == name) return;
  }
  *names->Add() = name;
}

void ApplyReportTracked(State& state, const v1::Event& event) {
  v1::ReportTrack report = event.report_tracked().report();
  if (auto old = state.Find<v1::ReportTrack>(report.name())) {
    report.mutable_steps()->Swap(old->mutable_steps());
    report.mutable_papers()->Swap(old->mutable_papers());
    report.mutable_dispatches()->Swap(old->mutable_dispatches());
    report.set_revision(old->revision());
  }
  report.set_revision(report.revision() + 1);
  report.set_changed_position(event.header().position());
  state.Put(report.name(), report);
}

void ApplyDeskItemTracked(State& state, const v1::Event& event) {
  v1::DeskTrack item = event.desk_item_tracked().desk_item();
  auto old = state.Find<v1::DeskTrack>(item.name());
  item.set_revision((old.has_value() ? old->revision() : 0) + 1);
  state.Put(item.name(), item);
}

void ApplyPaperTracked(State& state, const v1::Event& event) {
  v1::PaperTrack paper = event.paper_tracked().paper();
  if (auto old = state.Find<v1::PaperTrack>(paper.name())) {
    paper.mutable_steps()->Swap(old->mutable_steps());
    paper.set_revision(old->revision());
  }
  paper.set_revision(paper.revision() + 1);
  state.Put(paper.name(), paper);
}

// A row as it begins.
template <class Row>
void PutNew(State& state, Row row) {
  row.set_revision(1);
  state.Put(row.name(), row);
}

void ApplyDispatchChanged(State& state, const v1::Event& event) {
  const v1::DispatchChanged& changed = event.dispatch_changed();
  Update<v1::DispatchTrack>(state, event.header().subject(), [&](v1::DispatchTrack& dispatch) {
    dispatch.set_state(changed.state());
    dispatch.set_disposition(changed.disposition());
    dispatch.set_adoptions(changed.adoptions());
    dispatch.set_adopted_on(changed.adopted_on());
    dispatch.set_handed_over_on(changed.handed_over_on());
    dispatch.set_arrival(changed.arrival());
    dispatch.set_changed_position(event.header().position());
  });
}

// What the step follows from is what the thing is now among the sources of, or went out in.
void ApplyStepNoted(State& state, const v1::Event& event) {
  const v1::Step& step = event.step_noted().step();
  auto note_on_report = [&](const std::string& name) {
    Update<v1::ReportTrack>(state, name, [&](v1::ReportTrack& report) {
      InsertStep(step, report.mutable_steps());
      if (step.kind() == v1::Step::KIND_SIGNED) AddOnce(report.mutable_papers(), step.cause());
      if (step.kind() == v1::Step::KIND_DISPATCHED) {
        AddOnce(report.mutable_dispatches(), step.cause());
      }
      if (step.kind() != v1::Step::KIND_INFORMED) {
        report.set_changed_position(event.header().position());
      }
    });
  };

  const std::string& subject = event.header().subject();
  std::string_view collection = domain::CollectionOf(subject);
  if (collection == "reports") note_on_report(subject);
  for (const std::string& report : event.step_noted().reports()) note_on_report(report);
  if (collection == "papers") {
    Update<v1::PaperTrack>(state, subject, [&](v1::PaperTrack& paper) {
      InsertStep(step, paper.mutable_steps());
      if (step.kind() == v1::Step::KIND_ISSUED) paper.set_issue(step.cause());
      if (step.kind() == v1::Step::KIND_DISPATCHED) {
        AddOnce(paper.mutable_dispatches(), step.cause());
      }
    });
  }
  if (collection == "dispatches") {
    Update<v1::DispatchTrack>(state, subject, [&](v1::DispatchTrack& dispatch) {
      InsertStep(step, dispatch.mutable_steps());
      dispatch.set_changed_position(event.header().position());
    });
    CountTaken(state, event);
  }
}

void ApplyAdoptionNoted(State& state, const v1::Event& event) {
  const v1::Adoption& adoption = event.adoption_noted().adoption();
  domain::NameDrawn(state, adoption.name());
  state.Put(adoption.name(), adoption);
  Update<v1::ArrivalTrack>(state, adoption.arrival(), [&](v1::ArrivalTrack& arrival) {
    *arrival.add_adoptions() = adoption.name();
  });
}

void ApplyInstructionRecorded(State& state, const v1::Event& event) {
  domain::NameDrawn(state, event.header().subject());
  PutNew(state, event.instruction_recorded().instruction());
}

void ApplyTaskAssigned(State& state, const v1::Event& event) {
  const v1::HandlingTask& task = event.task_assigned().task();
  domain::NameDrawn(state, task.name());
  PutNew(state, task);
  Update<v1::Instruction>(state, task.instruction(), [&](v1::Instruction& instruction) {
    *instruction.add_tasks() = task.name();
  });
}

void ApplyTaskReplied(State& state, const v1::Event& event) {
  const v1::TaskReplied& replied = event.task_replied();
  Update<v1::HandlingTask>(state, event.header().subject(), [&](v1::HandlingTask& task) {
    task.set_state(v1::HandlingTask::STATE_REPLIED);
    task.set_result(replied.result());
    task.set_replied_on(replied.on());
    *task.mutable_reply_ref() = replied.reply_ref();
  });
}

void ApplyReplyReviewed(State& state, const v1::Event& event) {
  const v1::ReplyReviewed& reviewed = event.reply_reviewed();
  Update<v1::HandlingTask>(state, event.header().subject(), [&](v1::HandlingTask& task) {
    task.set_state(reviewed.state());
    if (reviewed.has_opinion_ref()) *task.mutable_opinion_ref() = reviewed.opinion_ref();
  });
}

void ApplyReportInformed(State& state, const v1::Event& event) {
  const v1::ReportInformed& informed = event.report_informed();
  auto set = [&](v1::ReportTrack& report) { report.set_informed(informed.informed()); };
  Update<v1::ReportTrack>(state, event.header().subject(), set);
  for (const std::string& report : informed.reports()) Update<v1::ReportTrack>(state, report, set);
}

void ApplyOutcomeReleased(State& state, const v1::Event& event) {
  v1::Outcome outcome = event.outcome_released().outcome();
  outcome.set_position(event.header().position());
  domain::NameDrawn(state, outcome.name());
  state.Put(outcome.name(), outcome);
  CountReleased(state, event);
  if (outcome.relayed()) return;
  Update<v1::ArrivalTrack>(state, outcome.decided(), [&](v1::ArrivalTrack& arrival) {
    arrival.set_outcomes(outcome.decided_revision());
    arrival.set_latest(outcome.step().kind());
  });
}

// A damaged log may say any number: it wraps around.
int64_t Moved(int64_t count, int64_t by) {
  return static_cast<int64_t>(static_cast<uint64_t>(count) + static_cast<uint64_t>(by));
}

void ApplyFiguresMoved(State& state, const v1::Event& event) {
  const std::string& committee = event.header().committee();
  for (const v1::FigureMove& move : event.figures_moved().moves()) {
    if (!move.thing().empty()) {
      std::string name = DistinctName(committee, move);
      auto thing = state.Find<v1::Distinct>(name).value_or(v1::Distinct());
      thing.set_count(static_cast<uint32_t>(Moved(thing.count(), move.by())));
      state.Put(name, thing);
      continue;
    }
    std::string name = CounterName(committee, move);
    auto counter = state.Find<v1::Counter>(name).value_or(v1::Counter());
    counter.set_committee(committee);
    counter.set_figure(move.figure());
    counter.set_period(move.period());
    counter.set_split(move.split());
    counter.set_value(std::string(domain::LastPart(name)));
    counter.set_count(Moved(counter.count(), move.by()));
    state.Put(name, counter);
  }
}

}  // namespace

void Apply(State& state, const v1::Event& event) {
  const std::string& subject = event.header().subject();
  switch (event.payload_case()) {
    case v1::Event::kReportTracked:
      return ApplyReportTracked(state, event);
    case v1::Event::kDeskItemTracked:
      return ApplyDeskItemTracked(state, event);
    case v1::Event::kPaperTracked:
      return ApplyPaperTracked(state, event);
    case v1::Event::kPaperUntracked:
      return Update<v1::PaperTrack>(state, subject,
                                    [](v1::PaperTrack& paper) { paper.set_reopened(true); });
    case v1::Event::kIssueTracked:
      return PutNew(state, event.issue_tracked().issue());
    case v1::Event::kDispatchTracked:
      return PutNew(state, event.dispatch_tracked().dispatch());
    case v1::Event::kDispatchChanged:
      return ApplyDispatchChanged(state, event);
    case v1::Event::kArrivalTracked:
      return PutNew(state, event.arrival_tracked().arrival());
    case v1::Event::kStepNoted:
      return ApplyStepNoted(state, event);
    case v1::Event::kAdoptionNoted:
      return ApplyAdoptionNoted(state, event);
    case v1::Event::kInstructionRecorded:
      return ApplyInstructionRecorded(state, event);
    case v1::Event::kInstructionReleased:
      return Update<v1::Instruction>(state, subject,
                                     [](v1::Instruction& row) { row.set_hold(false); });
    case v1::Event::kTaskAssigned:
      return ApplyTaskAssigned(state, event);
    case v1::Event::kTaskReplied:
      return ApplyTaskReplied(state, event);
    case v1::Event::kReplyReviewed:
      return ApplyReplyReviewed(state, event);
    case v1::Event::kTaskClosed:
      return Update<v1::HandlingTask>(state, subject, [](v1::HandlingTask& task) {
        task.set_state(v1::HandlingTask::STATE_CLOSED);
      });
    case v1::Event::kReportInformed:
      return ApplyReportInformed(state, event);
    case v1::Event::kReportClosed:
      return Update<v1::ReportTrack>(state, subject,
                                     [](v1::ReportTrack& report) { report.set_closed(true); });
    case v1::Event::kOutcomeReleased:
      return ApplyOutcomeReleased(state, event);
    case v1::Event::kOutcomeGone:
      return CountGone(state, event);
    case v1::Event::kOutcomeLost:
      return NoteLost(state, event);
    case v1::Event::kFiguresMoved:
      return ApplyFiguresMoved(state, event);
    case v1::Event::kStatusChanged:
      return;
    case v1::Event::kEntryTaken:
      return office::ApplyEntryTaken(state, event.entry_taken());
    case v1::Event::kIncidentOpened:
    case v1::Event::kIncidentAcknowledged:
    case v1::Event::kIncidentChanged:
    case v1::Event::kIncidentResolved:
    case v1::Event::kIncidentReopened:
    case v1::Event::kIncidentRetried:
    case v1::Event::kFactDropped:
      return incident::ApplyEvent(state, event);
    case v1::Event::kEpochStarted:
    case v1::Event::kNumbersVoided:
    case v1::Event::kNumberingResumed:
    case v1::Event::kNumbersReported:
      return numbering::Apply(state, event);
    case v1::Event::PAYLOAD_NOT_SET:
      return;
  }
}

}  // namespace shangda::feedback
