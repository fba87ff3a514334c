// Intake's facts: a report is tracked from its receipt to its registration, which opens it to
// routing's facts.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "services/feedback/domain/facts.h"
#include "services/feedback/domain/steps.h"
#include "services/feedback/domain/verbs.h"

namespace shangda::feedback {
namespace {

using intake::v1::Event;
using intake::v1::Relation;
using intake::v1::Report;

v1::Splits SplitsOf(const Report& report) {
  std::set<std::string> units;
  std::set<std::string> sectors;
  if (!report.reporting_unit().empty()) units.insert(report.reporting_unit());
  for (const intake::v1::Reporter& reporter : report.reporters()) {
    if (!reporter.unit().empty()) units.insert(reporter.unit());
    if (!reporter.sector().empty()) sectors.insert(reporter.sector());
  }
  v1::Splits splits;
  splits.mutable_units()->Assign(units.begin(), units.end());
  splits.mutable_sectors()->Assign(sectors.begin(), sectors.end());
  splits.set_category(report.category());
  return splits;
}

// Who may ask: the reporters, and who handed it in, unless the office entered it for them.
std::set<std::string> PersonsOf(const Report& report) {
  std::set<std::string> persons;
  if (!report.entered()) persons.insert(report.author());
  for (const intake::v1::Reporter& reporter : report.reporters()) {
    if (!reporter.person().empty()) persons.insert(reporter.person());
  }
  return persons;
}

bool IsReplacement(const Report& report) {
  return std::any_of(
      report.relates_to().begin(), report.relates_to().end(),
      [](const Relation& relation) { return relation.kind() == Relation::KIND_REPLACES; });
}

// What intake now says of the report, with the figures that this moves and the status. Before a report is registered
// its text stays with intake: the event names the one that came with the fact and no other.
void Track(Work& work,
           const Event& fact,
           const std::optional<v1::ReportTrack>& before,
           v1::ReportTrack after) {
  std::string_view committee = domain::CommitteeOf(after.name());
  after.clear_steps();
  after.clear_papers();
  after.clear_dispatches();
  if (before.has_value()) {
    work.tally().Add(committee, CountsOf(*before), SplitValuesOf(before->splits()), -1);
  }
  work.tally().Add(committee, CountsOf(after), SplitValuesOf(after.splits()), 1);
  work.Add(after.name(), [&](v1::Event& event) {
    for (const log::v1::TextRef& ref : fact.header().texts()) {
      if (ref.name() == after.text_ref().name()) *event.mutable_header()->add_texts() = ref;
    }
    *event.mutable_report_tracked()->mutable_report() = after;
  });
  auto item = work.Find<v1::DeskTrack>(DeskItemOf(after.name()));
  work.NoteStatus(after.name(), before.has_value() ? StatusOf(*before, item) : "",
                  StatusOf(after, item));
}

// The whole report, as of the event.
v1::ReportTrack TrackOf(const Report& report, v1::ReportTrack track) {
  track.set_name(report.name());
  track.set_state(report.state());
  std::set<std::string> persons = PersonsOf(report);
  track.mutable_persons()->Assign(persons.begin(), persons.end());
  track.set_received_on(report.received_on());
  *track.mutable_splits() = SplitsOf(report);
  track.set_replacement(IsReplacement(report));
  *track.mutable_text_ref() = report.text_ref();
  return track;
}

void TakeReceived(Work& work, const Event& fact) {
  const Report& report = fact.report_received().report();
  if (work.Has<v1::ReportTrack>(report.name())) return;
  Track(work, fact, std::nullopt, TrackOf(report, {}));
  NoteStep(work, report.name(),
           StepOf(v1::Step::KIND_RECEIVED, fact.header(), report.received_on()), {});
}

// The report went on; one that carries it whole says everything anew.
void TakeMoved(Work& work,
               const Event& fact,
               Report::State state,
               v1::Step::Kind kind,
               const Report* whole = nullptr) {
  auto before = work.Find<v1::ReportTrack>(fact.header().subject());
  if (!before.has_value() || before->state() == state) return;
  if (HasRecord(before->steps(), StepOf(kind, fact.header()))) return;
  v1::ReportTrack after = whole != nullptr ? TrackOf(*whole, *before) : *before;
  after.set_state(state);
  Track(work, fact, before, std::move(after));
  NoteStep(work, fact.header().subject(), StepOf(kind, fact.header()), {});
}

void TakeRegistered(Work& work, const Event& fact) {
  const Report& report = fact.report_registered().report();
  TakeMoved(work, fact, Report::STATE_REGISTERED, v1::Step::KIND_REGISTERED, &report);
  std::string name = DeskItemOf(report.name());
  if (!work.Has<v1::ReportTrack>(report.name()) || work.Has<v1::DeskTrack>(name)) return;
  work.Add(name, [&](v1::Event& event) {
    v1::DeskTrack& item = *event.mutable_desk_item_tracked()->mutable_desk_item();
    item.set_name(name);
    item.set_state(routing::v1::DeskItem::STATE_OPEN);
  });
}

void Take(Work& work, const Event& fact) {
  switch (fact.payload_case()) {
    case Event::kReportReceived:
      return TakeReceived(work, fact);
    case Event::kReportRegistered:
      return TakeRegistered(work, fact);
    case Event::kReportReturned:
      return TakeMoved(work, fact, Report::STATE_RETURNED, v1::Step::KIND_RETURNED);
    case Event::kReportResubmitted:
      return TakeMoved(work, fact, Report::STATE_SUBMITTED, v1::Step::KIND_RESUBMITTED,
                       &fact.report_resubmitted().report());
    case Event::kReportDeclined:
      return TakeMoved(work, fact, Report::STATE_DECLINED, v1::Step::KIND_DECLINED);
    case Event::kReportShelved:
      return TakeMoved(work, fact, Report::STATE_SHELVED, v1::Step::KIND_SHELVED);
    case Event::kReportTakenUp:
      return TakeMoved(work, fact, Report::STATE_SUBMITTED, v1::Step::KIND_TAKEN_UP);
    case Event::kReportWithdrawn:
      return TakeMoved(work, fact, Report::STATE_WITHDRAWN, v1::Step::KIND_WITHDRAWN);
    default:
      return;
  }
}

}  // namespace

Decision TakeIntakeFact(const domain::State& state,
                        const domain::Command& command,
                        const Event& fact) {
  Work work(state, command);
  Take(work, fact);
  return work.Finish(fact.header().subject());
}

}  // namespace shangda::feedback
