// The last word to the reporter: told, read, or closed by the office.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/domain/names.h"
#include "services/feedback/domain/refuse.h"
#include "services/feedback/domain/steps.h"
#include "services/feedback/domain/verbs.h"
#include "services/feedback/domain/visible.h"

namespace shangda::feedback {
namespace {

using intake::v1::Report;

v1::Step StepOf(const Work& work, v1::Step::Kind kind, const v1::ReportTrack& report) {
  v1::Step step;
  step.set_kind(kind);
  step.set_on(work.today());
  step.set_body(std::string(domain::CommitteeOf(report.name())));
  step.set_cause(report.name());
  step.set_recorded_by(work.command().principal.person);
  *step.mutable_record_time() = work.now();
  step.set_record_position(work.command().position.position());
  return step;
}

void NoteInformed(Work& work, const v1::ReportTrack& report, const v1::Step& step) {
  NoteStep(work, report.name(), step, {});
  work.Add(report.name(),
           [](v1::Event& event) { event.mutable_report_informed()->set_informed(true); });
}

// How often something of this kind happened to the report.
uint32_t CountSteps(const v1::ReportTrack& report, v1::Step::Kind kind) {
  return static_cast<uint32_t>(
      std::count_if(report.steps().begin(), report.steps().end(),
                    [&](const v1::Step& step) { return step.kind() == kind; }));
}

// The last record in which something happened that the timeline shows.
uint64_t ChangedPosition(const domain::State& state, const v1::ReportTrack& report) {
  uint64_t changed = report.changed_position();
  for (const std::string& name : report.dispatches()) {
    auto dispatch = state.Find<v1::DispatchTrack>(name);
    if (dispatch.has_value()) changed = std::max(changed, dispatch->changed_position());
  }
  return changed;
}

}  // namespace

Decision RecordInformed(const domain::State& state,
                        const domain::Command& command,
                        const v1::RecordInformedRequest& request) {
  auto report = state.Find<v1::ReportTrack>(request.report());
  if (!report.has_value()) return Decision::Reject({Reason::kNotFound});
  Problems problems;
  problems.AddIf(request.on() < report->received_on(), "on",
                 "告知日期不能早于收到来稿的日期 " + report->received_on());
  if (!problems.empty()) return std::move(problems).Reject();

  Work work(state, command);
  v1::Step step = StepOf(work, v1::Step::KIND_INFORMED, *report);
  step.set_on(request.on());
  step.set_cause_revision(CountSteps(*report, v1::Step::KIND_INFORMED) + 1);
  v1::Words words;
  words.set_text(request.how());
  *step.mutable_words_ref() =
      command.texts.Pin(report->name() + "/informed", step.cause_revision(), words);
  NoteInformed(work, *report, step);
  return work.Finish(report->name());
}

Decision ConfirmRead(const domain::State& state,
                     const domain::Command& command,
                     const v1::ConfirmReadRequest& request) {
  auto report = state.Find<v1::ReportTrack>(request.report());
  if (!report.has_value() || !IsOwn(*report, command.principal)) {
    return Decision::Reject({Reason::kForbidden});
  }
  const log::v1::LogPosition& shown = request.position();
  uint64_t changed = ChangedPosition(state, *report);
  bool is_current = shown.log_id() == command.position.log_id() &&
                    shown.epoch() == command.position.epoch() && shown.position() >= changed &&
                    shown.position() < command.position.position();
  if (!is_current) {
    return Decision::Reject({Reason::kReadTooOld, {{"position", std::to_string(changed)}}});
  }

  Work work(state, command);
  if (!report->informed()) {
    v1::Step step = StepOf(work, v1::Step::KIND_INFORMED, *report);
    step.set_cause_revision(CountSteps(*report, v1::Step::KIND_INFORMED) + 1);
    NoteInformed(work, *report, step);
  }
  return work.Finish(report->name());
}

Decision CloseReport(const domain::State& state,
                     const domain::Command& command,
                     const v1::CloseReportRequest& request) {
  auto report = state.Find<v1::ReportTrack>(request.report());
  if (!report.has_value()) return Decision::Reject({Reason::kNotFound});
  if (report->state() == Report::STATE_SUBMITTED || report->state() == Report::STATE_RETURNED) {
    return Decision::Reject(
        {Reason::kStillAtIntake, {{"state", Report::State_Name(report->state())}}});
  }
  if (report->closed()) return Decision::Reject({Reason::kAlreadyClosed});

  Work work(state, command);
  v1::Step step = StepOf(work, v1::Step::KIND_CLOSED, *report);
  v1::Words words;
  words.set_text(request.reason());
  *step.mutable_words_ref() = command.texts.Pin(report->name() + "/closing", 1, words);
  work.Add(report->name(), [&](v1::Event& event) {
    *event.mutable_header()->add_texts() = step.words_ref();
    *event.mutable_report_closed()->mutable_words_ref() = step.words_ref();
  });
  NoteStep(work, report->name(), step, {});
  return work.Finish(report->name());
}

}  // namespace shangda::feedback
