#include "tests/bench/country/desk.h"

#include <algorithm>
#include <utility>

#include "tests/bench/country/together.h"

namespace shangda::country {
namespace {

using feedback::v1::FeedbackService;
using intake::v1::IntakeService;
using log::v1::Committed;
using routing::v1::RoutingService;

constexpr const char* kClerk = "p1";
constexpr const char* kSigner = "p2";
constexpr const char* kLeader = "p3";
constexpr const char* kCategory = "chengjian";
constexpr const char* kSerial = "sqmy";
constexpr const char* kUp = "up";
constexpr const char* kPast = "direct";

constexpr int64_t kReportsInAVisit = 250;
constexpr int kArrivalsInAVisit = 250;
constexpr size_t kPapersInAnIssue = 10;
// One paper in so many is made of two sources (综合); one in so many of the arrivals that are not used is kept.
constexpr double kMerged = 0.125;
constexpr double kKept = 0.5;

// Where in its shares an office begins: somewhere, but always there.
double PhaseOf(const std::string& code) {
  constexpr double kGolden = 0.6180339887498949;
  const double turned = std::stod(code) * kGolden;
  return turned - std::floor(turned);
}

std::string DeskItemOf(std::string report) {
  const std::string reports = "/reports/";
  return report.replace(report.find(reports), reports.size(), "/deskitems/");
}

routing::v1::PaperText PaperTextOf(const intake::v1::ReportText& report) {
  routing::v1::PaperText text;
  text.set_title(report.title());
  text.set_body(report.body().situation() + report.body().analysis() + report.body().suggestions());
  return text;
}

template <class Request>
Request About(const Committed& last, std::string request_id) {
  Request request;
  request.set_name(last.name());
  request.set_etag(last.etag());
  request.set_request_id(std::move(request_id));
  return request;
}

// What was made together was not made in the order in which it was asked for.
const log::v1::LogPosition& LastOf(const std::vector<Committed>& made) {
  return std::ranges::max_element(made, {},
                                  [](const Committed& one) { return one.position().position(); })
      ->position();
}

}  // namespace

Desk::Desk(const Committee& committee, int64_t originals, Setting& setting)
    : committee_(committee),
      volume_(VolumeOf(committee.level)),
      setting_(setting),
      told_(setting.ledgers.Of(committee.code)),
      originals_(originals),
      compiled_(volume_.compiled, PhaseOf(committee.code)),
      merged_(kMerged, PhaseOf(committee.code)),
      sent_up_(volume_.sent_up, PhaseOf(committee.code)),
      sent_past_(committee.direct.empty() ? 0 : volume_.sent_past, PhaseOf(committee.code)),
      adopted_(volume_.adopted, PhaseOf(committee.code)),
      kept_(kKept, PhaseOf(committee.code)),
      instructed_(volume_.instructed, PhaseOf(committee.code)) {}

template <class Service>
typename Service::Stub& Desk::Sit(const char* service,
                                  const char* person,
                                  std::unique_ptr<typename Service::Stub>& seat) const {
  if (seat == nullptr) {
    const std::string& address = setting_.country.addresses.at(committee_.node).at(service);
    const bench::Identity identity = setting_.country.IdentityOf(committee_, person);
    seat = Service::NewStub(bench::Connect(address, identity, /*connections=*/1).front());
  }
  return *seat;
}

IntakeService::Stub& Desk::Intake() {
  return Sit<IntakeService>("intake", kClerk, intake_);
}

RoutingService::Stub& Desk::Routing() {
  return Sit<RoutingService>("routing", kClerk, routing_);
}

RoutingService::Stub& Desk::SignersRouting() {
  return Sit<RoutingService>("routing", kSigner, signers_routing_);
}

FeedbackService::Stub& Desk::Feedback() {
  return Sit<FeedbackService>("feedback", kClerk, feedback_);
}

void Desk::Leave() {
  intake_.reset();
  routing_.reset();
  signers_routing_.reset();
}

feedback::v1::Figures Desk::ReadFigures(const std::string& first_day) {
  feedback::v1::GetFiguresRequest request;
  request.set_parent(committee_.name());
  request.set_from(first_day);
  request.set_to(setting_.today);
  return Ask(Feedback(), &FeedbackService::Stub::async::GetFigures, request, &setting_.calls);
}

std::string Desk::NextRequestId() {
  return "nation-" + committee_.code + "-" + std::to_string(++requests_);
}

intake::v1::Draft Desk::NextDraft() {
  // No two offices write the same.
  constexpr uint64_t kTextsOfAnOffice = 1'000'000;
  intake::v1::Draft draft =
      setting_.texts.DraftOf(std::stoull(committee_.code) * kTextsOfAnOffice + ++texts_);
  draft.set_category(kCategory);
  draft.set_not_classified(true);
  intake::v1::Reporter& reporter = *draft.add_reporters();
  reporter.set_name("林小满");
  reporter.set_unit_name("安泰里社区");
  return draft;
}

int64_t Desk::WorkOnReports() {
  const int64_t count = std::min(kReportsInAVisit, originals_left());
  std::vector<intake::v1::Draft> drafts;
  for (int64_t i = 0; i < count; ++i) drafts.push_back(NextDraft());
  const std::vector<Committed> registered = EnterAndRegister(drafts);

  std::vector<Making> makings;
  bool joins = false;
  for (size_t i = 0; i < registered.size(); ++i) {
    if (!compiled_.Take()) continue;
    if (!joins) {
      const char* channel = !sent_up_.Take() ? "" : sent_past_.Take() ? kPast : kUp;
      makings.push_back({.sources = {}, .text = PaperTextOf(drafts[i].text()), .channel = channel});
    }
    makings.back().sources.emplace_back().set_desk_item(DeskItemOf(registered[i].name()));
    joins = !joins && merged_.Take();
  }
  MakePapers(makings);
  originals_done_ += count;
  return count;
}

std::vector<Committed> Desk::EnterAndRegister(const std::vector<intake::v1::Draft>& drafts) {
  IntakeService::Stub& intake = Intake();
  std::vector<intake::v1::EnterReportRequest> enter;
  for (const intake::v1::Draft& draft : drafts) {
    intake::v1::EnterReportRequest& request = enter.emplace_back();
    request.set_parent(committee_.name());
    *request.mutable_draft() = draft;
    request.set_received_on(setting_.today);
    request.set_received_via(intake::v1::RECEIVED_VIA_PHONE);
    request.set_request_id(NextRequestId());
  }
  std::vector<intake::v1::RegisterReportRequest> enroll;
  for (const Committed& entered :
       AskInBulk(intake, &IntakeService::Stub::async::EnterReports, enter, &setting_.calls)) {
    enroll.push_back(About<intake::v1::RegisterReportRequest>(entered, NextRequestId()));
  }
  told_.reports += static_cast<int64_t>(enter.size());
  std::vector<Committed> registered =
      AskInBulk(intake, &IntakeService::Stub::async::RegisterReports, enroll, &setting_.calls);

  routing::v1::ListDeskItemsRequest wait;
  wait.set_parent(committee_.name());
  wait.set_page_size(1);
  last_registered_ = LastOf(registered);
  *wait.mutable_min_position() = last_registered_;
  Ask(Routing(), &RoutingService::Stub::async::ListDeskItems, wait, &setting_.calls);
  return registered;
}

int64_t Desk::WorkOnArrivals() {
  RoutingService::Stub& routing = Routing();
  routing::v1::ListArrivalsRequest list;
  list.set_parent(committee_.name());
  list.set_page_size(kArrivalsInAVisit);
  list.set_state(routing::v1::Arrival::STATE_ARRIVED);
  const auto arrived =
      Ask(routing, &RoutingService::Stub::async::ListArrivals, list, &setting_.calls).arrivals();
  if (arrived.empty()) return 0;

  std::vector<routing::v1::AcknowledgeArrivalRequest> acknowledge;
  for (const routing::v1::Arrival& arrival : arrived) {
    routing::v1::AcknowledgeArrivalRequest& request = acknowledge.emplace_back();
    request.set_name(arrival.name());
    request.set_etag(arrival.etag());
    request.set_request_id(NextRequestId());
  }
  const std::vector<Committed> acknowledged = AskInBulk(
      routing, &RoutingService::Stub::async::AcknowledgeArrivals, acknowledge, &setting_.calls);

  std::vector<Making> makings;
  std::vector<routing::v1::DisposeArrivalRequest> dispose;
  for (int i = 0; i < arrived.size(); ++i) {
    Told& sender = setting_.ledgers.Of(arrived[i].sender());
    if (adopted_.Take()) {
      Making& making = makings.emplace_back();
      making.sources.emplace_back().set_arrival(arrived[i].name());
      making.text = PaperTextOf(NextDraft().text());
      making.channel = committee_.parent.empty() ? "" : kUp;
      ++sender.adopted;
      continue;
    }
    auto request = About<routing::v1::DisposeArrivalRequest>(acknowledged[static_cast<size_t>(i)],
                                                             NextRequestId());
    if (kept_.Take()) {
      request.set_kind(routing::v1::Disposition::KIND_KEPT);
      ++sender.kept;
    } else {
      request.set_kind(routing::v1::Disposition::KIND_NOT_ADOPTED);
      request.set_opinion("已有类似信息,请补充新的情况。");
      ++sender.not_adopted;
    }
    dispose.push_back(std::move(request));
  }
  if (!dispose.empty()) {
    AskInBulk(routing, &RoutingService::Stub::async::DisposeArrivals, dispose, &setting_.calls);
  }
  MakePapers(makings);
  told_.taken += arrived.size();
  return arrived.size();
}

void Desk::MakePapers(const std::vector<Making>& makings) {
  if (makings.empty()) return;
  RoutingService::Stub& clerk = Routing();
  RoutingService::Stub& signer = SignersRouting();
  std::vector<routing::v1::DraftPaperRequest> draft;
  for (const Making& making : makings) {
    routing::v1::DraftPaperRequest& request = draft.emplace_back();
    request.set_parent(committee_.name());
    request.set_kind(routing::v1::Paper::KIND_OPINION);
    request.mutable_sources()->Assign(making.sources.begin(), making.sources.end());
    *request.mutable_text() = making.text;
    request.set_request_id(NextRequestId());
  }
  // All papers of a visit go from hand to hand together.
  std::vector<routing::v1::PutInPaperRequest> put_in;
  for (const Committed& last :
       DoTogether(clerk, &RoutingService::Stub::async::DraftPaper, draft, &setting_.calls)) {
    put_in.push_back(About<routing::v1::PutInPaperRequest>(last, NextRequestId()));
  }
  std::vector<routing::v1::AgreePaperRequest> agree;
  for (const Committed& last :
       DoTogether(clerk, &RoutingService::Stub::async::PutInPaper, put_in, &setting_.calls)) {
    agree.push_back(About<routing::v1::AgreePaperRequest>(last, NextRequestId()));
  }
  std::vector<routing::v1::SignOffPaperRequest> sign;
  for (const Committed& last :
       DoTogether(signer, &RoutingService::Stub::async::AgreePaper, agree, &setting_.calls)) {
    auto request = About<routing::v1::SignOffPaperRequest>(last, NextRequestId());
    request.set_serial(kSerial);
    if (const std::string& channel = makings[sign.size()].channel; !channel.empty()) {
      request.add_channels(channel);
    }
    sign.push_back(std::move(request));
  }
  const std::vector<Committed> papers =
      DoTogether(signer, &RoutingService::Stub::async::SignOffPaper, sign, &setting_.calls);
  Publish(papers);
  Send(makings, papers);
  Instruct(papers);
}

void Desk::Publish(const std::vector<Committed>& papers) {
  std::vector<routing::v1::PublishIssueRequest> publish;
  for (size_t i = 0; i < papers.size(); ++i) {
    if (i % kPapersInAnIssue == 0) {
      routing::v1::PublishIssueRequest& request = publish.emplace_back();
      request.set_parent(committee_.name());
      request.set_serial(kSerial);
      request.set_issued_on(setting_.today);
      request.set_request_id(NextRequestId());
    }
    publish.back().add_papers(papers[i].name());
  }
  DoTogether(Routing(), &RoutingService::Stub::async::PublishIssue, publish, &setting_.calls);
  told_.issues += static_cast<int64_t>(publish.size());
}

void Desk::Send(const std::vector<Making>& makings, const std::vector<Committed>& papers) {
  std::vector<routing::v1::DispatchPaperRequest> dispatch;
  int64_t up = 0;
  int64_t past = 0;
  for (size_t i = 0; i < papers.size(); ++i) {
    if (makings[i].channel.empty()) continue;
    routing::v1::DispatchPaperRequest& request = dispatch.emplace_back();
    request.set_parent(committee_.name());
    request.set_paper(papers[i].name());
    request.set_channel(makings[i].channel);
    request.set_request_id(NextRequestId());
    ++(makings[i].channel == kUp ? up : past);
  }
  if (dispatch.empty()) return;
  AskInBulk(Routing(), &RoutingService::Stub::async::DispatchPapers, dispatch, &setting_.calls);
  told_.sent += static_cast<int64_t>(dispatch.size());
  if (up > 0) setting_.sent(committee_.parent, up);
  if (past > 0) setting_.sent(committee_.direct, past);
}

void Desk::Instruct(const std::vector<Committed>& papers) {
  std::vector<feedback::v1::RecordInstructionRequest> record;
  for (const Committed& paper : papers) {
    if (!instructed_.Take()) continue;
    feedback::v1::RecordInstructionRequest& request = record.emplace_back();
    request.set_parent(committee_.name());
    request.set_leader(kLeader);
    request.mutable_object()->set_paper(paper.name());
    request.set_on(setting_.today);
    request.set_kind(feedback::v1::Instruction::KIND_AFFIRMED);
    request.set_full_text("反映的问题很实在,请有关部门研究。");
    request.set_releasable("请有关部门研究。");
    request.mutable_evidence()->mutable_word()->set_whom("办公室");
    request.mutable_evidence()->mutable_word()->set_on(setting_.today);
    request.set_request_id(NextRequestId());
  }
  if (record.empty()) return;
  FeedbackService::Stub& feedback = Feedback();
  // What feedback has heard of a paper waits for what it has not yet heard of the paper's reports.
  for (const log::v1::LogPosition& position : {last_registered_, LastOf(papers)}) {
    feedback::v1::ListInstructionsRequest wait;
    wait.set_parent(committee_.name());
    wait.set_page_size(1);
    if (position.position() > 0) *wait.mutable_min_position() = position;
    Ask(feedback, &FeedbackService::Stub::async::ListInstructions, wait, &setting_.calls);
  }
  DoTogether(feedback, &FeedbackService::Stub::async::RecordInstruction, record, &setting_.calls);
  told_.instructions += static_cast<int64_t>(record.size());
}

}  // namespace shangda::country
