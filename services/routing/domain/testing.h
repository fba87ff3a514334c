// An office at work: what routing's tests begin with. A city's, between a province above and a
// county below that sends from a node of its own.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/names.h"
#include "common/engine/bytes.h"
#include "common/engine/testing/harness.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/routing/domain/capsule.h"
#include "services/routing/service.h"

namespace shangda::routing {

inline constexpr char kCity[] = "350100";
inline constexpr char kProvince[] = "350000";
inline constexpr char kCounty[] = "350103";
inline constexpr char kParent[] = "committees/350100";
inline constexpr char kNode[] = "n3501";
inline constexpr char kCountyNode[] = "n350103";

inline constexpr char kRegistrar[] = "p0001";
inline constexpr char kEditor[] = "p0002";
inline constexpr char kReviewer[] = "p0003";
inline constexpr char kReviewer2[] = "p0004";
inline constexpr char kSigner[] = "p0005";
inline constexpr char kSigner2[] = "p0006";
inline constexpr char kDispatcher[] = "p0007";
inline constexpr char kRecorder[] = "p0008";
inline constexpr char kMember[] = "p0009";
// Editor, reviewer and signer in one: may do each, but not with one paper.
inline constexpr char kAllInOne[] = "p0010";
inline constexpr char kReporter[] = "p0011";

// Channels: up with a node; outside and not up; outside and not within the 政协; up without a node.
inline constexpr char kUp[] = "province";
inline constexpr char kBureau[] = "bureau";
inline constexpr char kGazette[] = "gazette";
inline constexpr char kUpByHand[] = "office-of-party";

class RoutingTest : public ::testing::Test {
 protected:
  using Reply = engine::testing::TestReply;

  void SetUp() override {
    TakeNetwork();
    TakeOffice();
    h.AddPerson(kCity, kRegistrar, {api::v1::ROLE_REGISTRAR});
    h.AddPerson(kCity, kEditor, {api::v1::ROLE_EDITOR});
    h.AddPerson(kCity, kReviewer, {api::v1::ROLE_REVIEWER});
    h.AddPerson(kCity, kReviewer2, {api::v1::ROLE_REVIEWER});
    h.AddPerson(kCity, kSigner, {api::v1::ROLE_SIGNER}, Named("郑主席"));
    h.AddPerson(kCity, kSigner2, {api::v1::ROLE_SIGNER}, Named("吴副主席"));
    h.AddPerson(kCity, kDispatcher, {api::v1::ROLE_DISPATCHER});
    h.AddPerson(kCity, kRecorder, {api::v1::ROLE_RECORDER});
    h.AddPerson(kCity, kMember, {});
    h.AddPerson(kCity, kReporter, {api::v1::ROLE_REPORTER});
    h.AddPerson(kCity, kAllInOne,
                {api::v1::ROLE_EDITOR, api::v1::ROLE_REVIEWER, api::v1::ROLE_SIGNER});
  }

  // Whatever a test did, the rows are a fold of the log.
  void TearDown() override { h.ExpectReplayEqualsState(); }

  // ---- The files.

  static office::v1::Person Named(const std::string& name) {
    office::v1::Person person;
    person.set_name(name);
    return person;
  }

  void TakeCommittee(const std::string& code,
                     const std::string& name,
                     const std::string& parent,
                     const std::string& direct_report_body = "") {
    office::v1::Entry entry;
    entry.mutable_committee()->set_code(code);
    entry.mutable_committee()->set_name(name);
    if (!parent.empty()) entry.mutable_committee()->add_parents(parent);
    if (!direct_report_body.empty()) {
      entry.mutable_committee()->add_direct_report_bodies(direct_report_body);
    }
    ASSERT_TRUE(h.TakeEntry(entry, "").ok());
  }

  void TakeNode(const std::string& id, const std::vector<std::string>& hosts) {
    office::v1::Entry entry;
    entry.mutable_node()->set_id(id);
    for (const std::string& code : hosts) entry.mutable_node()->add_hosts(code);
    ASSERT_TRUE(h.TakeEntry(entry, "").ok());
  }

  void TakeNetwork() {
    TakeCommittee(kProvince, "福建省政协", "");
    TakeCommittee(kCity, "福州市政协", kProvince);
    TakeCommittee(kCounty, "台江区政协", kCity, kProvince);
    TakeNode(kNode, {kCity});
    TakeNode(kCountyNode, {kCounty});
  }

  void TakeChannel(const std::string& id, const std::string& body, bool within_cppcc, bool upward) {
    office::v1::Entry entry;
    office::v1::Channel& channel = *entry.mutable_channel();
    channel.set_id(id);
    channel.set_name(id);
    channel.set_kind(body.empty() ? office::v1::Channel::KIND_OUTSIDE
                                  : office::v1::Channel::KIND_BODY);
    channel.set_body(body);
    channel.set_within_cppcc(within_cppcc);
    channel.set_upward(upward);
    ASSERT_TRUE(h.TakeEntry(entry, kCity).ok());
  }

  void TakeSerial(const std::string& id,
                  office::v1::Serial::Restart restart,
                  uint32_t first_number = 0,
                  bool running_total = false) {
    office::v1::Entry entry;
    entry.mutable_serial()->set_id(id);
    entry.mutable_serial()->set_title("社情民意");
    entry.mutable_serial()->set_restart(restart);
    entry.mutable_serial()->set_first_number(first_number);
    entry.mutable_serial()->set_running_total(running_total);
    ASSERT_TRUE(h.TakeEntry(entry, kCity).ok());
  }

  void TakePolicy(uint32_t review_steps, bool forwarding_adopts = false) {
    office::v1::Entry entry;
    entry.mutable_policy()->set_id("policy");
    entry.mutable_policy()->set_review_steps(review_steps);
    entry.mutable_policy()->set_forwarding_adopts(forwarding_adopts);
    ASSERT_TRUE(h.TakeEntry(entry, kCity).ok());
  }

  void TakeOffice() {
    TakeChannel(kUp, kProvince, true, true);
    TakeChannel(kBureau, "", true, false);
    TakeChannel(kGazette, "", false, false);
    TakeChannel(kUpByHand, "", false, true);
    TakeSerial("sqmy", office::v1::Serial::RESTART_YEAR);
    TakePolicy(1);
    office::v1::Entry category;
    category.mutable_category()->set_id("livelihood");
    category.mutable_category()->set_name("民生");
    ASSERT_TRUE(h.TakeEntry(category, kCity).ok());
    office::v1::Entry unit;
    unit.mutable_unit()->set_id("u01");
    unit.mutable_unit()->set_name("提案委");
    ASSERT_TRUE(h.TakeEntry(unit, kCity).ok());
  }

  // ---- What comes in.

  static intake::v1::Reporter Reporter(const std::string& name, intake::v1::Disclosure disclosure) {
    intake::v1::Reporter reporter;
    reporter.set_name(name);
    reporter.set_post("委员");
    reporter.set_unit_name("市教育局");
    reporter.set_weight(1);
    reporter.set_disclosure(disclosure);
    return reporter;
  }

  // Intake registers the report of this number; returns the desk item's name.
  std::string Register(uint32_t number,
                       const std::vector<intake::v1::Reporter>& reporters = {
                           Reporter("林某", intake::v1::DISCLOSURE_OPEN)}) {
    intake::v1::Event fact = Registered(number, reporters);
    EXPECT_TRUE(h.Fact("intake", fact).ok());
    return domain::NumberedName(kCity, "deskitems", 2026, number);
  }

  intake::v1::Event Registered(uint32_t number,
                               const std::vector<intake::v1::Reporter>& reporters) {
    intake::v1::Event fact;
    // 2026-02-28 23:00 in China: the registration's own date, not the date on which it is heard.
    fact.mutable_header()->mutable_time()->set_seconds(1772290800);
    intake::v1::Report& report = *fact.mutable_report_registered()->mutable_report();
    report.set_name(domain::NumberedName(kCity, "reports", 2026, number));
    report.set_state(intake::v1::Report::STATE_REGISTERED);
    report.set_received_on("2026-02-27");
    report.set_category("livelihood");
    report.set_urgency(intake::v1::URGENCY_URGENT);
    intake::v1::ReporterTexts names;
    for (intake::v1::Reporter reporter : reporters) {
      intake::v1::Reporter& text = *names.add_reporters();
      text.set_name(reporter.name());
      text.set_post(reporter.post());
      text.set_unit_name(reporter.unit_name());
      reporter.clear_name();
      reporter.clear_post();
      reporter.clear_unit_name();
      *report.add_reporters() = reporter;
    }
    intake::v1::ReportText text;
    text.set_title("第" + std::to_string(number) + "件来稿");
    *report.mutable_text_ref() = h.AddText(report.name(), 1, text);
    *report.mutable_reporters_ref() = h.AddText(report.name() + "/reporters", 1, names);
    *fact.mutable_header()->add_texts() = report.text_ref();
    *fact.mutable_header()->add_texts() = report.reporters_ref();
    return fact;
  }

  static v1::Leaf LeafOf(const std::string& report, uint64_t weight) {
    v1::Leaf leaf;
    leaf.set_report(report);
    leaf.set_weight(weight);
    return leaf;
  }

  static std::string CountyReport(uint32_t number) {
    return domain::NumberedName(kCounty, "reports", 2026, number);
  }

  static v1::Capsule GoodCapsule(uint32_t number) {
    v1::Capsule capsule;
    capsule.set_dispatch(domain::NumberedName(kCounty, "dispatches", 2026, number));
    capsule.set_edition(1);
    capsule.set_kind(v1::Dispatch::KIND_SUBMIT_UP);
    capsule.set_sender(kCounty);
    capsule.set_receiver(kCity);
    capsule.set_paper(domain::NumberedName(kCounty, "papers", 2026, number));
    capsule.set_paper_kind(v1::Paper::KIND_OPINION);
    capsule.mutable_text()->set_title("台江区反映");
    capsule.mutable_text()->set_body("正文");
    capsule.set_urgency(intake::v1::URGENCY_EXTREME);
    capsule.set_signed_on("2026-02-20");
    capsule.add_reporter_line("陈某(区卫健局)");
    *capsule.add_leaves() = LeafOf(CountyReport(number), 1);
    return capsule;
  }

  static v1::TakeDeliveryRequest DeliveryOf(const v1::Capsule& capsule) {
    v1::TakeDeliveryRequest request;
    request.set_sending_node(kCountyNode);
    v1::Delivery& delivery = *request.mutable_delivery();
    delivery.set_dispatch(capsule.dispatch());
    delivery.set_edition(capsule.edition());
    delivery.set_capsule(Serialize(capsule));
    delivery.set_capsule_sha256(engine::Sha256(delivery.capsule()));
    return request;
  }

  Reply Deliver(const v1::TakeDeliveryRequest& request) {
    return h.AsNode(kNode, "routing").Do(request);
  }

  // An arrival with these leaves, or with one of its own number.
  std::string Arrive(uint32_t number, const std::vector<v1::Leaf>& leaves = {}) {
    v1::Capsule capsule = GoodCapsule(number);
    if (!leaves.empty()) *capsule.mutable_leaves() = {leaves.begin(), leaves.end()};
    Reply reply = Deliver(DeliveryOf(capsule));
    EXPECT_TRUE(reply.ok());
    return reply.name();
  }

  std::string Acknowledged(uint32_t number, const std::vector<v1::Leaf>& leaves = {}) {
    const std::string name = Arrive(number, leaves);
    EXPECT_TRUE(Do<v1::AcknowledgeArrivalRequest>(kDispatcher, name).ok());
    return name;
  }

  // ---- Verbs.

  template <class Request>
  Reply By(const std::string& person, const Request& request) {
    return h.As(kCity, person).Do(request);
  }

  template <class Request>
  Reply ByNode(const Request& request) {
    return h.AsNode(kNode, "routing").Do(request);
  }

  // A well-formed request on the row as it stands.
  template <class Request>
  Request On(const std::string& name) {
    Request request;
    request.set_name(name);
    request.set_etag(h.Etag(name));
    Fill(request);
    return request;
  }

  template <class Request>
  Reply Do(const std::string& person, const std::string& name) {
    return By(person, On<Request>(name));
  }

  // An editor's yes to the withdrawal that was asked for.
  v1::SettleDeskItemRequest GrantOf(const std::string& item) {
    auto request = On<v1::SettleDeskItemRequest>(item);
    request.set_state(v1::DeskItem::STATE_WITHDRAWN);
    request.set_reason(v1::SETTLE_REASON_REPORTER_ASKED);
    return request;
  }

  static v1::Source SourceOf(const std::string& name, uint32_t weight = 0) {
    v1::Source source;
    const std::string_view collection = domain::CollectionOf(name);
    if (collection == "deskitems") source.set_desk_item(name);
    if (collection == "arrivals") source.set_arrival(name);
    if (collection == "papers") source.set_paper(name);
    source.set_weight(weight);
    return source;
  }

  static v1::Source OwnSource() {
    v1::Source source;
    source.mutable_own()->set_kind(v1::OwnMaterial::KIND_MEETING);
    source.mutable_own()->set_title("专题协商会");
    source.mutable_own()->set_unit("u01");
    return source;
  }

  static v1::DraftPaperRequest DraftOf(const std::vector<v1::Source>& sources) {
    v1::DraftPaperRequest request;
    request.set_parent(kParent);
    request.set_kind(v1::Paper::KIND_OPINION);
    for (const v1::Source& source : sources) *request.add_sources() = source;
    request.mutable_text()->set_title("关于加装电梯的建议");
    request.mutable_text()->set_body("建议简化审批。");
    request.set_category("livelihood");
    return request;
  }

  std::string Draft(const std::vector<v1::Source>& sources) {
    Reply reply = By(kEditor, DraftOf(sources));
    EXPECT_TRUE(reply.ok());
    return reply.name();
  }

  // Puts in and takes the one review step.
  void Review(const std::string& paper) {
    ASSERT_TRUE(Do<v1::PutInPaperRequest>(kEditor, paper).ok());
    ASSERT_TRUE(Do<v1::AgreePaperRequest>(kReviewer, paper).ok());
  }

  v1::SignOffPaperRequest SignOffOf(const std::string& paper) {
    return On<v1::SignOffPaperRequest>(paper);
  }

  // A signed paper of these sources.
  std::string Signed(const std::vector<v1::Source>& sources) {
    const std::string paper = Draft(sources);
    Review(paper);
    EXPECT_TRUE(Do<v1::SignOffPaperRequest>(kSigner, paper).ok());
    return paper;
  }

  static v1::PublishIssueRequest IssueOf(const std::vector<std::string>& papers) {
    v1::PublishIssueRequest request;
    request.set_parent(kParent);
    request.set_serial("sqmy");
    for (const std::string& paper : papers) request.add_papers(paper);
    request.set_issued_on("2026-03-01");
    return request;
  }

  static v1::DispatchPaperRequest DispatchOf(const std::string& paper, const std::string& channel) {
    v1::DispatchPaperRequest request;
    request.set_parent(kParent);
    request.set_paper(paper);
    request.set_channel(channel);
    return request;
  }

  std::string Send(const std::string& paper, const std::string& channel) {
    Reply reply = By(kDispatcher, DispatchOf(paper, channel));
    EXPECT_TRUE(reply.ok());
    return reply.name();
  }

  static v1::NoteAttemptRequest AttemptOf(const std::string& dispatch) {
    v1::NoteAttemptRequest request;
    request.set_dispatch(dispatch);
    return request;
  }

  static v1::NoteAnswerRequest ReceiptOf(const std::string& dispatch) {
    v1::NoteAnswerRequest request;
    request.set_dispatch(dispatch);
    request.set_edition(1);
    request.mutable_receipt()->set_arrival("committees/350000/arrivals/2026-000007");
    request.mutable_receipt()->mutable_position()->set_position(12);
    request.mutable_receipt()->set_received_on("2026-03-02");
    return request;
  }

  static v1::NoteOwedAgainRequest OwedAgainOf(const std::string& dispatch) {
    v1::NoteOwedAgainRequest request;
    request.set_dispatch(dispatch);
    request.set_edition(1);
    request.mutable_at()->set_position(40);
    return request;
  }

  static v1::NoteAnswerRequest RefusalOf(const std::string& dispatch, v1::Refusal::Retry retry) {
    v1::NoteAnswerRequest request;
    request.set_dispatch(dispatch);
    request.set_edition(1);
    request.mutable_refusal()->set_reason("NOT_HOSTED");
    request.mutable_refusal()->set_retry(retry);
    return request;
  }

  // ---- What came of it.

  template <class Row>
  Row RowOf(const std::string& name) {
    return h.Row<Row>(name).value_or(Row());
  }
  v1::DeskItem Item(const std::string& name) { return RowOf<v1::DeskItem>(name); }
  v1::Paper Paper(const std::string& name) { return RowOf<v1::Paper>(name); }
  v1::Issue Issue(const std::string& name) { return RowOf<v1::Issue>(name); }
  v1::Dispatch Dispatch(const std::string& name) { return RowOf<v1::Dispatch>(name); }
  v1::Arrival Arrival(const std::string& name) { return RowOf<v1::Arrival>(name); }

  // The capsule that a dispatch carries.
  v1::Capsule CapsuleOf(const std::string& dispatch) {
    return h.Text<v1::Capsule>(Dispatch(dispatch).capsule_ref()).value_or(v1::Capsule());
  }

  // The kinds of the last command's events, in order.
  std::vector<std::string> LastKinds() {
    std::vector<std::string> kinds;
    for (const v1::Event& event : h.LastEvents()) kinds.push_back(event.header().kind_name());
    return kinds;
  }

  static Reason ReasonOf(const Reply& reply) { return static_cast<Reason>(reply.reason()); }

  engine::testing::Harness<Routing> h{{.now = "2026-03-01T09:00:00+08:00", .node = kNode}};

 private:
  static void Fill(v1::ReopenDeskItemRequest&) {}
  static void Fill(v1::SettleDeskItemRequest& request) {
    request.set_state(v1::DeskItem::STATE_KEPT);
    request.set_reason(v1::SETTLE_REASON_NOT_RIPE);
  }
  static void Fill(v1::AskWithdrawalRequest& request) {
    request.set_reason("情况有变,想先撤回");
    request.set_asked_via(intake::v1::RECEIVED_VIA_PHONE);
  }
  static void Fill(v1::DeclineWithdrawalRequest& request) {
    request.set_reason("综合稿已在起草,建议保留");
  }
  static void Fill(v1::EditPaperRequest& request) {
    request.mutable_text()->set_title("关于加快加装电梯的建议");
    request.mutable_text()->set_body("建议进一步简化审批。");
  }
  static void Fill(v1::PutInPaperRequest&) {}
  static void Fill(v1::AgreePaperRequest&) {}
  static void Fill(v1::SendBackPaperRequest& request) { request.set_opinion("请补充数据"); }
  static void Fill(v1::SignOffPaperRequest& request) {
    request.set_serial("sqmy");
    for (const char* channel : {kUp, kBureau, kGazette, kUpByHand}) request.add_channels(channel);
  }
  static void Fill(v1::ReopenPaperRequest&) {}
  static void Fill(v1::HandOverDispatchRequest& request) {
    request.set_on("2026-03-01");
    request.mutable_handed_to()->set_to("机要室");
  }
  static void Fill(v1::RetryDispatchRequest&) {}
  static void Fill(v1::CancelDispatchRequest&) {}
  static void Fill(v1::AcknowledgeArrivalRequest&) {}
  static void Fill(v1::DisposeArrivalRequest& request) {
    request.set_kind(v1::Disposition::KIND_NOT_ADOPTED);
    request.set_opinion("已有同类信息");
  }
};

}  // namespace shangda::routing
