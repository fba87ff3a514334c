#include "tests/storm/cases.h"

#include <string>
#include <vector>

#include "tests/storm/logs.h"

namespace shangda::storm {
namespace {

using feedback::v1::FeedbackService;
using intake::v1::IntakeService;
using log::v1::Committed;
using routing::v1::RoutingService;

constexpr const char* kCategory = "chengjian";
constexpr const char* kSerial = "sqmy";

// ---- Intake.

intake::v1::ReportText ReportText() {
  intake::v1::ReportText text;
  text.set_title("风浪里的来稿");
  text.mutable_body()->set_situation("路灯坏了三天没有人修。");
  text.mutable_body()->set_suggestions("请尽快派人修好。");
  return text;
}

intake::v1::Draft ReportDraft() {
  intake::v1::Draft draft;
  *draft.mutable_text() = ReportText();
  draft.set_category(kCategory);
  draft.set_not_classified(true);
  return draft;
}

Committed Submit(Clerk& clerk) {
  intake::v1::SubmitReportRequest request;
  request.set_parent(clerk.office().parent());
  *request.mutable_draft() = ReportDraft();
  return clerk.Do("reporter", &IntakeService::Stub::SubmitReport, request);
}

Committed Enter(Clerk& clerk) {
  intake::v1::EnterReportRequest request;
  request.set_parent(clerk.office().parent());
  *request.mutable_draft() = ReportDraft();
  intake::v1::Reporter* reporter = request.mutable_draft()->add_reporters();
  reporter->set_name("林小满");
  reporter->set_unit_name("安泰里社区");
  request.set_received_on(clerk.today());
  request.set_received_via(intake::v1::RECEIVED_VIA_PHONE);
  return clerk.Do("registrar", &IntakeService::Stub::EnterReport, request);
}

// A request about what the last answer left.
template <class Request>
Request About(const Committed& last) {
  Request request;
  request.set_name(last.name());
  request.set_etag(last.etag());
  return request;
}

Committed Register(Clerk& clerk, const Committed& report) {
  return clerk.Do("registrar", &IntakeService::Stub::RegisterReport,
                  About<intake::v1::RegisterReportRequest>(report));
}

Committed ReturnAndResubmit(Clerk& clerk, const Committed& report) {
  auto back = About<intake::v1::ReturnReportRequest>(report);
  back.add_defects("请写明地点");
  auto again = About<intake::v1::ResubmitReportRequest>(
      clerk.Do("registrar", &IntakeService::Stub::ReturnReport, back));
  *again.mutable_text() = ReportText();
  again.set_not_classified(true);
  return clerk.Do("registrar", &IntakeService::Stub::ResubmitReport, again);
}

Committed ShelveAndTakeUp(Clerk& clerk, const Committed& report) {
  auto shelve = About<intake::v1::ShelveReportRequest>(report);
  shelve.set_reason("暂存待用");
  return clerk.Do("registrar", &IntakeService::Stub::TakeUpReport,
                  About<intake::v1::TakeUpReportRequest>(
                      clerk.Do("registrar", &IntakeService::Stub::ShelveReport, shelve)));
}

// ---- What became of it.

// Until feedback has heard what another log says up to there. What it heard may still wait for what a third log says.
void AwaitFeedback(Clerk& clerk, const Committed& last) {
  if (!last.has_position()) return;
  feedback::v1::ListInstructionsRequest request;
  request.set_parent(clerk.office().parent());
  request.set_page_size(1);
  *request.mutable_min_position() = last.position();
  clerk.Read("recorder", &FeedbackService::Stub::ListInstructions, request);
}

void Inform(Clerk& clerk, const Committed& report) {
  AwaitFeedback(clerk, report);
  feedback::v1::RecordInformedRequest request;
  request.set_report(report.name());
  request.set_how("电话");
  request.set_on(clerk.today());
  clerk.Do("registrar", &FeedbackService::Stub::RecordInformed, request);
}

void DeclineAndClose(Clerk& clerk, const Committed& report) {
  auto decline = About<intake::v1::DeclineReportRequest>(report);
  decline.set_reason(intake::v1::DECLINE_REASON_PERSONAL_MATTER);
  decline.set_right_door("区信访局");
  const Committed declined = clerk.Do("registrar", &IntakeService::Stub::DeclineReport, decline);
  AwaitFeedback(clerk, declined);
  feedback::v1::CloseReportRequest close;
  close.set_report(report.name());
  close.set_reason("已转告本人");
  clerk.Do("registrar", &FeedbackService::Stub::CloseReport, close);
}

void HandleTask(Clerk& clerk, const Committed& instruction) {
  feedback::v1::AssignTaskRequest assign;
  assign.set_parent(clerk.office().parent());
  assign.set_instruction(instruction.name());
  assign.set_lead(clerk.office().handling_unit);
  assign.set_deadline(clerk.today());
  assign.mutable_words()->set_assigned_by("办公室");
  assign.mutable_words()->set_demand("请研究办理。");
  Committed task = clerk.Do("recorder", &FeedbackService::Stub::AssignTask, assign);
  const bool is_sent_back = clerk.Chance(30);
  for (const bool accept :
       is_sent_back ? std::vector<bool>{false, true} : std::vector<bool>{true}) {
    auto reply = About<feedback::v1::ReplyTaskRequest>(task);
    reply.set_result(feedback::v1::HandlingTask::RESULT_IMPLEMENTED);
    reply.set_text("已经修好。");
    auto review = About<feedback::v1::ReviewReplyRequest>(
        clerk.Do("handler", &FeedbackService::Stub::ReplyTask, reply));
    review.set_accept(accept);
    if (!accept) review.set_opinion("请补充办理时间。");
    task = clerk.Do("recorder", &FeedbackService::Stub::ReviewReply, review);
  }
  clerk.Do("recorder", &FeedbackService::Stub::CloseTask,
           About<feedback::v1::CloseTaskRequest>(task));
}

// A leader's instruction on a paper or an issue, with all that may follow from it.
void Instruct(Clerk& clerk, const Committed& object) {
  feedback::v1::RecordInstructionRequest request;
  request.set_parent(clerk.office().parent());
  request.set_leader(clerk.office().leader);
  if (CollectionOf(object.name()) == "issues") {
    request.mutable_object()->set_issue(object.name());
  } else {
    request.mutable_object()->set_paper(object.name());
  }
  request.set_on(clerk.today());
  const bool asks_for_action = !clerk.office().handling_unit.empty() && clerk.Chance(60);
  request.set_kind(asks_for_action ? feedback::v1::Instruction::KIND_ACTION
                                   : feedback::v1::Instruction::KIND_AFFIRMED);
  request.set_full_text("请有关单位研究。");
  request.set_releasable("请研究。");
  request.mutable_evidence()->mutable_word()->set_whom("办公室");
  request.mutable_evidence()->mutable_word()->set_on(clerk.today());
  request.set_hold(clerk.Chance(25));
  const Committed instruction =
      clerk.Do("recorder", &FeedbackService::Stub::RecordInstruction, request);
  const bool is_released_first = clerk.Chance(50);
  auto release = [&] {
    if (!request.hold()) return;
    // A task has changed it.
    feedback::v1::GetInstructionRequest read;
    read.set_name(instruction.name());
    feedback::v1::ReleaseInstructionRequest go_on;
    go_on.set_name(instruction.name());
    go_on.set_etag(clerk.Read("recorder", &FeedbackService::Stub::GetInstruction, read).etag());
    clerk.Do("recorder", &FeedbackService::Stub::ReleaseInstruction, go_on);
  };
  if (is_released_first) release();
  if (asks_for_action) HandleTask(clerk, instruction);
  if (!is_released_first) release();
}

// ---- Papers.

routing::v1::PaperText PaperText() {
  routing::v1::PaperText text;
  text.set_title("风浪里的稿件");
  text.set_body("路灯坏了三天没有人修,请尽快派人修好。");
  return text;
}

Committed PutInAndAgree(Clerk& clerk, const Committed& paper) {
  return clerk.Do("reviewer", &RoutingService::Stub::AgreePaper,
                  About<routing::v1::AgreePaperRequest>(
                      clerk.Do("editor", &RoutingService::Stub::PutInPaper,
                               About<routing::v1::PutInPaperRequest>(paper))));
}

Committed Draft(Clerk& clerk, const std::vector<routing::v1::Source>& sources) {
  routing::v1::DraftPaperRequest request;
  request.set_parent(clerk.office().parent());
  request.set_kind(routing::v1::Paper::KIND_OPINION);
  request.mutable_sources()->Assign(sources.begin(), sources.end());
  *request.mutable_text() = PaperText();
  Committed paper = clerk.Do("editor", &RoutingService::Stub::DraftPaper, request);
  if (clerk.Chance(25)) {
    auto edit = About<routing::v1::EditPaperRequest>(paper);
    *edit.mutable_text() = PaperText();
    paper = clerk.Do("editor", &RoutingService::Stub::EditPaper, edit);
  }
  return paper;
}

struct WaysOut {
  bool issue;
  std::vector<std::string> channels;
};

Committed Sign(Clerk& clerk, Committed paper, const WaysOut& ways) {
  if (clerk.Chance(20)) {
    auto back = About<routing::v1::SendBackPaperRequest>(PutInAndAgree(clerk, paper));
    back.set_opinion("请再核一遍。");
    paper = clerk.Do("signer", &RoutingService::Stub::SendBackPaper, back);
  }
  auto sign = About<routing::v1::SignOffPaperRequest>(PutInAndAgree(clerk, paper));
  if (ways.issue) sign.set_serial(kSerial);
  sign.mutable_channels()->Assign(ways.channels.begin(), ways.channels.end());
  return clerk.Do("signer", &RoutingService::Stub::SignOffPaper, sign);
}

Committed Publish(Clerk& clerk, const Committed& paper) {
  routing::v1::PublishIssueRequest request;
  request.set_parent(clerk.office().parent());
  request.set_serial(kSerial);
  request.add_papers(paper.name());
  request.set_issued_on(clerk.today());
  return clerk.Do("dispatcher", &RoutingService::Stub::PublishIssue, request);
}

// By hand, to a channel without a node, which then lets the office know what it did.
void HandOver(Clerk& clerk, const Committed& dispatch, const Committed& report) {
  auto request = About<routing::v1::HandOverDispatchRequest>(dispatch);
  request.set_on(clerk.today());
  request.mutable_handed_to()->set_to("收发室");
  const Committed handed_over =
      clerk.Do("dispatcher", &RoutingService::Stub::HandOverDispatch, request);
  AwaitFeedback(clerk, report);
  AwaitFeedback(clerk, handed_over);
  feedback::v1::RecordDispositionRequest disposition;
  disposition.set_dispatch(dispatch.name());
  disposition.set_disposition(feedback::v1::DispatchTrack::DISPOSITION_ADOPTED);
  disposition.set_on(clerk.today());
  disposition.mutable_evidence()->mutable_word()->set_whom("收发室");
  disposition.mutable_evidence()->mutable_word()->set_on(clerk.today());
  clerk.Do("dispatcher", &FeedbackService::Stub::RecordDisposition, disposition);
}

Committed Dispatch(Clerk& clerk, const Committed& paper, const std::string& channel) {
  routing::v1::DispatchPaperRequest request;
  request.set_parent(clerk.office().parent());
  request.set_paper(paper.name());
  request.set_channel(channel);
  return clerk.Do("dispatcher", &RoutingService::Stub::DispatchPaper, request);
}

// Signed, out by one way or several, and sometimes read by a leader. `report` is the one that the paper is made of,
// as registered; empty: none of the office's own.
void SendOut(Clerk& clerk, const Committed& draft, const Committed& report) {
  const Office& office = clerk.office();
  WaysOut ways;
  for (const std::string& channel : office.upward) {
    if (channel == office.upward.front() ? clerk.Chance(85) : clerk.Chance(15)) {
      ways.channels.push_back(channel);
    }
  }
  if (!office.outside.empty() && clerk.Chance(20)) ways.channels.push_back(office.outside);
  ways.issue = ways.channels.empty() || clerk.Chance(40);
  const Committed paper = Sign(clerk, draft, ways);
  const Committed object = ways.issue ? Publish(clerk, paper) : paper;
  for (const std::string& channel : ways.channels) {
    const Committed dispatch = Dispatch(clerk, paper, channel);
    if (channel == office.outside) HandOver(clerk, dispatch, report);
  }
  if (office.leader.empty() || !clerk.Chance(25)) return;
  AwaitFeedback(clerk, report);
  AwaitFeedback(clerk, object);
  Instruct(clerk, object);
}

// ---- The desk.

routing::v1::DeskItem ReadDeskItem(Clerk& clerk, const Committed& report) {
  routing::v1::GetDeskItemRequest request;
  std::string name = report.name();
  const std::string reports = "/reports/";
  if (const size_t at = name.find(reports); at != std::string::npos) {
    name.replace(at, reports.size(), "/deskitems/");
  }
  request.set_name(name);
  *request.mutable_min_position() = report.position();
  return clerk.Read("editor", &RoutingService::Stub::GetDeskItem, request);
}

void Settle(Clerk& clerk, const routing::v1::DeskItem& item) {
  routing::v1::SettleDeskItemRequest keep;
  keep.set_name(item.name());
  keep.set_etag(item.etag());
  keep.set_state(routing::v1::DeskItem::STATE_KEPT);
  keep.set_reason(routing::v1::SETTLE_REASON_NOT_RIPE);
  const Committed kept = clerk.Do("editor", &RoutingService::Stub::SettleDeskItem, keep);
  clerk.Do("editor", &RoutingService::Stub::ReopenDeskItem,
           About<routing::v1::ReopenDeskItemRequest>(kept));
}

// ---- Arrivals.

Committed Acknowledge(Clerk& clerk, const std::string& name) {
  routing::v1::GetArrivalRequest read;
  read.set_name(name);
  const auto arrival = clerk.Read("dispatcher", &RoutingService::Stub::GetArrival, read);
  routing::v1::AcknowledgeArrivalRequest request;
  request.set_name(name);
  request.set_etag(arrival.etag());
  return clerk.Do("dispatcher", &RoutingService::Stub::AcknowledgeArrival, request);
}

Committed Dispose(Clerk& clerk, const Committed& arrival, routing::v1::Disposition::Kind kind) {
  auto request = About<routing::v1::DisposeArrivalRequest>(arrival);
  request.set_kind(kind);
  if (kind != routing::v1::Disposition::KIND_KEPT) request.set_opinion("请写明是哪一盏灯。");
  return clerk.Do("editor", &RoutingService::Stub::DisposeArrival, request);
}

void Receive(Clerk& clerk, const std::string& name) {
  using routing::v1::Disposition;
  Committed arrival = Acknowledge(clerk, name);
  // What is decided of an arrival is a series; the same may come twice.
  for (const auto kind :
       {Disposition::KIND_SUPPLEMENT_REQUESTED, Disposition::KIND_SUPPLEMENT_REQUESTED,
        Disposition::KIND_KEPT, Disposition::KIND_NOT_ADOPTED, Disposition::KIND_SENT_BACK}) {
    if (clerk.Chance(12)) arrival = Dispose(clerk, arrival, kind);
  }
}

}  // namespace

void WorkOnReport(Clerk& clerk) {
  clerk.Begin();
  const bool is_submitted = clerk.office().seats.contains("reporter") && clerk.Chance(30);
  Committed report = is_submitted ? Submit(clerk) : Enter(clerk);
  if (clerk.Chance(15)) report = ReturnAndResubmit(clerk, report);
  if (clerk.Chance(10)) report = ShelveAndTakeUp(clerk, report);
  if (clerk.Chance(8)) {
    DeclineAndClose(clerk, report);
    return;
  }
  if (clerk.Chance(5)) {
    clerk.Do("registrar", &IntakeService::Stub::WithdrawReport,
             About<intake::v1::WithdrawReportRequest>(report));
    return;
  }
  report = Register(clerk, report);
  const routing::v1::DeskItem item = ReadDeskItem(clerk, report);
  if (clerk.Chance(10)) Settle(clerk, item);
  if (clerk.Chance(80)) {
    routing::v1::Source source;
    source.set_desk_item(item.name());
    SendOut(clerk, Draft(clerk, {source}), report);
  }
  if (clerk.Chance(30)) Inform(clerk, report);
}

bool WorkOnArrivals(Clerk& clerk, Inbox& inbox) {
  clerk.Begin();
  std::vector<routing::v1::Source> sources;
  do {
    const auto name = inbox.Take();
    if (!name.has_value()) break;
    Receive(clerk, *name);
    sources.emplace_back().set_arrival(*name);
  } while (clerk.Chance(30));
  if (sources.empty()) return false;
  if (clerk.Chance(75)) SendOut(clerk, Draft(clerk, sources), {});
  return true;
}

}  // namespace shangda::storm
