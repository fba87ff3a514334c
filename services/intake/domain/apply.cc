#include "services/intake/domain/apply.h"

#include "common/domain/series.h"
#include "common/incident/incident.h"
#include "common/numbering/numbering.h"
#include "common/office/office.h"

namespace shangda::intake {
namespace {

void Put(domain::State& state, const v1::Report& report) {
  state.Put(report.name(), report);
}

// The event's report in its next state, with the event's time.
v1::Report MovedTo(v1::Report::State next,
                   domain::State& state,
                   const log::v1::EventHeader& header) {
  v1::Report report = state.Get<v1::Report>(header.subject());
  report.set_state(next);
  report.set_revision(report.revision() + 1);
  *report.mutable_update_time() = header.time();
  return report;
}

void ApplyReturned(domain::State& state, const v1::Event& event) {
  v1::Report report = MovedTo(v1::Report::STATE_RETURNED, state, event.header());
  *report.mutable_notice_ref() = event.report_returned().notice_ref();
  Put(state, report);
}

void ApplyDeclined(domain::State& state, const v1::Event& event) {
  const v1::ReportDeclined& declined = event.report_declined();
  v1::Report report = MovedTo(v1::Report::STATE_DECLINED, state, event.header());
  report.set_decline_reason(declined.reason());
  *report.mutable_notice_ref() = declined.notice_ref();
  if (!declined.duplicate_of().empty()) {
    v1::Relation& relation = *report.add_relates_to();
    relation.set_kind(v1::Relation::KIND_DUPLICATE_OF);
    relation.set_report(declined.duplicate_of());
  }
  Put(state, report);
}

void ApplyShelved(domain::State& state, const v1::Event& event) {
  v1::Report report = MovedTo(v1::Report::STATE_SHELVED, state, event.header());
  *report.mutable_notice_ref() = event.report_shelved().notice_ref();
  Put(state, report);
}

}  // namespace

void Apply(domain::State& state, const v1::Event& event) {
  switch (event.payload_case()) {
    case v1::Event::kReportReceived:
      domain::NameDrawn(state, event.header().subject());
      return Put(state, event.report_received().report());
    case v1::Event::kReportRegistered:
      return Put(state, event.report_registered().report());
    case v1::Event::kReportReturned:
      return ApplyReturned(state, event);
    case v1::Event::kReportResubmitted:
      return Put(state, event.report_resubmitted().report());
    case v1::Event::kReportDeclined:
      return ApplyDeclined(state, event);
    case v1::Event::kReportShelved:
      return ApplyShelved(state, event);
    case v1::Event::kReportTakenUp:
      return Put(state, MovedTo(v1::Report::STATE_SUBMITTED, state, event.header()));
    case v1::Event::kReportWithdrawn:
      return Put(state, MovedTo(v1::Report::STATE_WITHDRAWN, state, event.header()));
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

}  // namespace shangda::intake
