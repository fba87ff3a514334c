// Routing's facts about what goes out: the desk, papers, issues and dispatches of this office.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/feedback/domain/facts.h"
#include "services/feedback/domain/outcomes.h"
#include "services/feedback/domain/steps.h"
#include "services/feedback/domain/verbs.h"

namespace shangda::feedback {
namespace {

using routing::v1::DeskItem;
using routing::v1::Dispatch;
using routing::v1::Event;

// ---- The desk.

void TakeDeskItem(Work& work,
                  const Event& fact,
                  DeskItem::State state,
                  std::optional<v1::Step::Kind> kind) {
  const std::string& name = fact.header().subject();
  std::string report_name = ReportOf(name);
  auto before = work.Find<v1::DeskTrack>(name);
  auto report = work.Find<v1::ReportTrack>(report_name);
  if (!before.has_value() || !report.has_value() || before->state() == state) return;
  if (kind.has_value() && HasRecord(report->steps(), StepOf(*kind, fact.header()))) return;
  v1::DeskTrack after = *before;
  after.set_state(state);
  work.Add(name, [&](v1::Event& event) {
    *event.mutable_desk_item_tracked()->mutable_desk_item() = after;
  });
  work.NoteStatus(report_name, StatusOf(*report, before), StatusOf(*report, after));
  if (kind.has_value()) NoteStep(work, report_name, StepOf(*kind, fact.header()), {});
}

v1::Step::Kind StepOfSettled(DeskItem::State state) {
  switch (state) {
    case DeskItem::STATE_RETURNED:
      return v1::Step::KIND_RETURNED;
    case DeskItem::STATE_DECLINED:
      return v1::Step::KIND_DECLINED;
    case DeskItem::STATE_WITHDRAWN:
      return v1::Step::KIND_WITHDRAWN;
    default:
      return v1::Step::KIND_SHELVED;
  }
}

// A withdrawal is answered while the item stays open: a step, and nobody's status. Which of the
// report's withdrawals it is stands in the step.
void TakeWithdrawal(Work& work, v1::Step step, uint32_t which, const std::string& words) {
  auto report = work.Find<v1::ReportTrack>(ReportOf(step.cause()));
  step.set_cause_revision(which);
  if (!report.has_value() || HasStep(report->steps(), step)) return;
  if (!words.empty()) {
    v1::Words told;
    told.set_text(words);
    *step.mutable_words_ref() = work.command().texts.Pin(step.cause(), which, told);
  }
  NoteStep(work, report->name(), step, {});
}

void TakeWithdrawalAsked(Work& work, const Event& fact) {
  const routing::v1::Withdrawal& asked = fact.withdrawal_asked().withdrawal();
  TakeWithdrawal(work, StepOf(v1::Step::KIND_WITHDRAWAL_ASKED, fact.header(), asked.asked_on()),
                 asked.reason_ref().edition(), "");
}

void TakeWithdrawalDeclined(Work& work, const Event& fact) {
  const routing::v1::WithdrawalDeclined& declined = fact.withdrawal_declined();
  const auto words = work.ReadText<routing::v1::Opinion>(declined.answer_ref());
  TakeWithdrawal(work, StepOf(v1::Step::KIND_WITHDRAWAL_DECLINED, fact.header(), declined.on()),
                 declined.answer_ref().edition(), words.has_value() ? words->text() : "");
}

// ---- Papers and issues.

// The units and sectors of its reporters, of the reports in it and of the office's own material.
v1::Splits SplitsOf(const Work& work, const routing::v1::Paper& paper) {
  v1::Splits splits;
  splits.set_category(paper.category());
  auto add = [&](const std::string& unit, const std::string& sector) {
    v1::Splits more;
    if (!unit.empty()) more.add_units(unit);
    if (!sector.empty()) more.add_sectors(sector);
    splits = UnionOf(splits, more);
  };
  for (const std::string& name : OwnReports(paper.leaves(), domain::CommitteeOf(paper.name()))) {
    auto report = work.Find<v1::ReportTrack>(name);
    if (!report.has_value()) continue;
    v1::Splits more = report->splits();
    more.clear_category();
    splits = UnionOf(splits, more);
  }
  for (const intake::v1::Reporter& reporter : paper.reporters()) {
    add(reporter.unit(), reporter.sector());
  }
  for (const routing::v1::Source& source : paper.sources()) add(source.own().unit(), "");
  return splits;
}

// The fact is no younger than the signature that is known. After a restore positions begin again where it went back to,
// so that the time is looked at first, which never does.
bool IsBeforeSignature(const log::v1::EventHeader& header, const v1::PaperTrack& known) {
  const auto& time = header.time();
  const auto& signed_time = known.signed_time();
  // A row of an older build has none.
  if (known.has_signed_time() && time.seconds() != signed_time.seconds()) {
    return time.seconds() < signed_time.seconds();
  }
  if (known.has_signed_time() && time.nanos() != signed_time.nanos()) {
    return time.nanos() < signed_time.nanos();
  }
  return header.position() <= known.signed_position();
}

void TakePaperSigned(Work& work, const Event& fact) {
  const routing::v1::Paper& paper = fact.paper_signed().paper();
  auto before = work.Find<v1::PaperTrack>(paper.name());
  if (before.has_value() && IsBeforeSignature(fact.header(), *before)) return;

  v1::PaperTrack track;
  track.set_name(paper.name());
  track.set_kind(paper.kind());
  *track.mutable_leaves() = paper.leaves();
  *track.mutable_arrivals() = paper.arrivals();
  track.set_source_count(static_cast<uint32_t>(paper.sources_size()));
  *track.mutable_splits() = SplitsOf(work, paper);
  track.set_signed_on(paper.signed_on());
  *track.mutable_text_ref() = paper.text_ref();
  track.set_signed_position(fact.header().position());
  *track.mutable_signed_time() = fact.header().time();
  work.Add(paper.name(), [&](v1::Event& event) {
    *event.mutable_header()->add_texts() = track.text_ref();
    *event.mutable_paper_tracked()->mutable_paper() = track;
  });
  work.NoteStatus(paper.name(), before.has_value() ? "DRAFT" : "", "SIGNED");

  v1::Step step = StepOf(v1::Step::KIND_SIGNED, fact.header(), paper.signed_on());
  step.set_cause_revision(static_cast<uint32_t>(paper.revision()));
  NoteStep(work, paper.name(), step, OwnReports(paper.leaves(), domain::CommitteeOf(paper.name())));
}

// One that is older than the signature that is known was heard too late.
void TakePaperReopened(Work& work, const Event& fact) {
  const std::string& name = fact.header().subject();
  auto paper = work.Find<v1::PaperTrack>(name);
  if (!paper.has_value() || paper->reopened() || IsBeforeSignature(fact.header(), *paper)) return;
  work.Add(name, [](v1::Event& event) { event.mutable_paper_untracked(); });
  work.NoteStatus(name, "SIGNED", "DRAFT");
}

void TakeIssuePublished(Work& work, const Event& fact) {
  const routing::v1::Issue& issue = fact.issue_published().issue();
  if (work.Has<v1::IssueTrack>(issue.name())) return;
  v1::IssueTrack track;
  track.set_name(issue.name());
  track.set_serial(issue.serial());
  track.set_period(issue.period());
  track.set_number(issue.number());
  track.set_issued_on(issue.issued_on());
  *track.mutable_papers() = issue.papers();
  work.Add(issue.name(),
           [&](v1::Event& event) { *event.mutable_issue_tracked()->mutable_issue() = track; });
  work.NoteStatus(issue.name(), "", "PUBLISHED");
  std::string_view committee = domain::CommitteeOf(issue.name());
  work.tally().Add(committee, {{v1::FIGURE_KIND_ISSUES, issue.issued_on()}},
                   {{v1::SPLIT_KIND_UNSPECIFIED, ""}, {v1::SPLIT_KIND_SERIAL, issue.serial()}}, 1);

  v1::Step step = StepOf(v1::Step::KIND_ISSUED, fact.header(), issue.issued_on());
  step.set_serial(issue.serial());
  step.set_period(issue.period());
  step.set_number(issue.number());
  v1::Words words;
  words.set_serial_title(SerialTitle(work, issue.name(), issue.serial()));
  if (!words.serial_title().empty()) {
    *step.mutable_words_ref() = work.command().texts.Pin(issue.name(), 1, words);
  }
  for (const std::string& name : issue.papers()) {
    auto paper = work.Find<v1::PaperTrack>(name);
    if (paper.has_value()) NoteStep(work, name, step, OwnReports(paper->leaves(), committee));
  }
}

// ---- Dispatches.

// Where sender and body live on one node the body may have spoken before the dispatch was known.
void TakeWaitingOutcomes(Work& work, const std::string& dispatch) {
  for (const domain::IndexParts& entry : work.List("outcomes_by_dispatch", {dispatch})) {
    auto outcome = work.Find<v1::Outcome>(entry.back());
    if (!outcome.has_value()) continue;
    auto words = work.ReadText<v1::Words>(outcome->step().words_ref());
    TakeOutcome(work, *outcome, words.value_or(v1::Words()));
  }
}

void TakeDispatchCreated(Work& work, const Event& fact) {
  const Dispatch& dispatch = fact.dispatch_created().dispatch();
  auto paper = work.Find<v1::PaperTrack>(dispatch.paper());
  if (!paper.has_value() || work.Has<v1::DispatchTrack>(dispatch.name())) return;
  v1::DispatchTrack track;
  track.set_name(dispatch.name());
  track.set_paper(dispatch.paper());
  track.set_kind(dispatch.kind());
  track.set_state(Dispatch::STATE_PENDING);
  track.set_channel(dispatch.channel());
  track.set_receiver(dispatch.receiver());
  *track.mutable_splits() = paper->splits();
  track.mutable_splits()->set_channel(dispatch.channel());
  *track.mutable_leaves() = dispatch.leaves();
  *track.mutable_text_ref() = paper->text_ref();
  work.Add(dispatch.name(), [&](v1::Event& event) {
    *event.mutable_dispatch_tracked()->mutable_dispatch() = track;
  });
  work.NoteStatus(dispatch.name(), "", StatusOf(track));

  v1::Step step = StepOf(v1::Step::KIND_DISPATCHED, fact.header());
  NoteStep(work, paper->name(), step,
           OwnReports(dispatch.leaves(), domain::CommitteeOf(dispatch.name())));
  NoteDispatchStep(work, track, step);
  TakeWaitingOutcomes(work, dispatch.name());
}

// What the dispatch says after the fact; nothing of it is decided here.
v1::DispatchTrack DispatchAfter(const Event& fact, v1::DispatchTrack dispatch) {
  switch (fact.payload_case()) {
    case Event::kDispatchDelivered:
      dispatch.set_state(Dispatch::STATE_DELIVERED);
      dispatch.set_handed_over_on(fact.dispatch_delivered().receipt().received_on());
      dispatch.set_arrival(fact.dispatch_delivered().receipt().arrival());
      break;
    case Event::kDispatchHandedOver:
      dispatch.set_state(Dispatch::STATE_HANDED_OVER);
      dispatch.set_handed_over_on(fact.dispatch_handed_over().on());
      break;
    case Event::kDispatchRefused:
      dispatch.set_state(Dispatch::STATE_REFUSED);
      break;
    case Event::kDispatchRetried:
      dispatch.set_state(Dispatch::STATE_PENDING);
      break;
    case Event::kDispatchReceiptRenewed:
      dispatch.set_arrival(fact.dispatch_receipt_renewed().receipt().arrival());
      break;
    default:
      dispatch.set_state(Dispatch::STATE_CANCELLED);
      break;
  }
  return dispatch;
}

std::optional<v1::Step> StepOfDispatch(const Event& fact, const v1::DispatchTrack& after) {
  switch (after.state()) {
    case Dispatch::STATE_DELIVERED:
    case Dispatch::STATE_HANDED_OVER:
      return StepOf(v1::Step::KIND_HANDED_OVER, fact.header(), after.handed_over_on());
    case Dispatch::STATE_REFUSED:
      return StepOf(v1::Step::KIND_REFUSED, fact.header());
    case Dispatch::STATE_CANCELLED:
      return StepOf(v1::Step::KIND_CANCELLED, fact.header());
    default:
      return std::nullopt;
  }
}

// The fact is heard again. A retry leaves no step: it is known by a refusal that came after it.
bool IsHeardAgain(const Event& fact,
                  const v1::DispatchTrack& before,
                  const std::optional<v1::Step>& step) {
  if (step.has_value()) return HasRecord(before.steps(), *step);
  const v1::Step retried = StepOf(v1::Step::KIND_REFUSED, fact.header());
  return before.state() != Dispatch::STATE_REFUSED ||
         std::ranges::any_of(before.steps(), [&](const v1::Step& known) {
           return known.kind() == v1::Step::KIND_REFUSED && IsYounger(known, retried);
         });
}

void TakeDispatchMoved(Work& work, const Event& fact) {
  auto before = work.Find<v1::DispatchTrack>(fact.header().subject());
  if (!before.has_value()) return;
  v1::DispatchTrack after = DispatchAfter(fact, *before);
  const std::optional<v1::Step> step = StepOfDispatch(fact, after);
  if (after.state() == before->state() || IsHeardAgain(fact, *before, step)) return;
  ChangeDispatch(work, *before, after);
  if (step.has_value()) NoteDispatchStep(work, after, *step);
}

// The receiver had lost it and has it again: another receipt, and nothing else.
void TakeReceiptRenewed(Work& work, const Event& fact) {
  auto before = work.Find<v1::DispatchTrack>(fact.header().subject());
  if (!before.has_value()) return;
  v1::DispatchTrack after = DispatchAfter(fact, *before);
  if (after.arrival() != before->arrival()) ChangeDispatch(work, *before, after);
}

void Take(Work& work, const Event& fact) {
  switch (fact.payload_case()) {
    case Event::kDeskItemSettled:
      return TakeDeskItem(work, fact, fact.desk_item_settled().state(),
                          StepOfSettled(fact.desk_item_settled().state()));
    case Event::kDeskItemReopened:
      return TakeDeskItem(work, fact, DeskItem::STATE_OPEN, v1::Step::KIND_TAKEN_UP);
    case Event::kDeskItemUsed:
      return TakeDeskItem(work, fact, DeskItem::STATE_USED, std::nullopt);
    case Event::kWithdrawalAsked:
      return TakeWithdrawalAsked(work, fact);
    case Event::kWithdrawalDeclined:
      return TakeWithdrawalDeclined(work, fact);
    case Event::kPaperSigned:
      return TakePaperSigned(work, fact);
    case Event::kPaperReopened:
      return TakePaperReopened(work, fact);
    case Event::kIssuePublished:
      return TakeIssuePublished(work, fact);
    case Event::kDispatchCreated:
      return TakeDispatchCreated(work, fact);
    case Event::kDispatchDelivered:
    case Event::kDispatchHandedOver:
    case Event::kDispatchRefused:
    case Event::kDispatchRetried:
    case Event::kDispatchCancelled:
      return TakeDispatchMoved(work, fact);
    case Event::kDispatchReceiptRenewed:
      return TakeReceiptRenewed(work, fact);
    default:
      return TakeArrivalFact(work, fact);
  }
}

}  // namespace

Decision TakeRoutingFact(const domain::State& state,
                         const domain::Command& command,
                         const Event& fact) {
  Work work(state, command);
  Take(work, fact);
  return work.Finish(fact.header().subject());
}

}  // namespace shangda::feedback
