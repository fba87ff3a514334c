#include "tests/simulation/clients.h"

#include <algorithm>
#include <optional>

#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/intake/v1/intake.pb.h"
#include "shangda/routing/v1/routing.pb.h"
#include "tests/simulation/town.h"

namespace shangda::simulation {
namespace {

using google::protobuf::Message;
using log::v1::LogPosition;

constexpr int64_t kMilli = 1'000;
constexpr int64_t kSecond = 1'000'000;

constexpr int kReportStates = intake::v1::Report::STATE_WITHDRAWN;
constexpr int kDeskStates = routing::v1::DeskItem::STATE_WITHDRAWN;
constexpr int kPaperStates = routing::v1::Paper::STATE_SIGNED;
constexpr int kDispatchStates = routing::v1::Dispatch::STATE_CANCELLED;
constexpr int kArrivalStates = routing::v1::Arrival::STATE_ACKNOWLEDGED;
constexpr int kTaskStates = feedback::v1::HandlingTask::STATE_CLOSED;
constexpr int kHeld = 1;
constexpr int kNotHeld = 2;

int StatesOf(Kind kind) {
  switch (kind) {
    case Kind::kReport:
      return kReportStates;
    case Kind::kDeskItem:
      return kDeskStates;
    case Kind::kPaper:
      return kPaperStates;
    case Kind::kIssue:
      return 0;
    case Kind::kDispatch:
      return kDispatchStates;
    case Kind::kArrival:
      return kArrivalStates;
    case Kind::kInstruction:
      return kNotHeld;
    case Kind::kTask:
      return kTaskStates;
  }
  return 0;
}

std::string CommitteeOf(const std::string& name) {
  const size_t begin = sizeof("committees/") - 1;
  return name.substr(begin, name.find('/', begin) - begin);
}

std::string CollectionOf(const std::string& name) {
  const size_t end = name.rfind('/');
  const size_t begin = name.rfind('/', end - 1) + 1;
  return name.substr(begin, end - begin);
}

const std::map<std::string, Kind>& Collections() {
  static const auto& kinds = *new std::map<std::string, Kind>{{"reports", Kind::kReport},
                                                              {"deskitems", Kind::kDeskItem},
                                                              {"papers", Kind::kPaper},
                                                              {"issues", Kind::kIssue},
                                                              {"dispatches", Kind::kDispatch},
                                                              {"arrivals", Kind::kArrival},
                                                              {"instructions", Kind::kInstruction},
                                                              {"tasks", Kind::kTask}};
  return kinds;
}

const char* ServiceOf(Kind kind) {
  if (kind == Kind::kReport) return "intake";
  return kind == Kind::kInstruction || kind == Kind::kTask ? "feedback" : "routing";
}

const char* ReaderOf(Kind kind) {
  if (kind == Kind::kReport) return kRegistrar;
  return kind == Kind::kInstruction || kind == Kind::kTask ? kRecorder : kEditor;
}

template <class Request>
std::unique_ptr<Request> On(const Thing& thing) {
  auto request = std::make_unique<Request>();
  request->set_name(thing.name);
  request->set_etag(thing.etag);
  return request;
}

void SetId(Message* request, const std::string& id) {
  request->GetReflection()->SetString(request,
                                      request->GetDescriptor()->FindFieldByName("request_id"), id);
}

std::string CellOf(const char* verb, int state) {
  return std::string(verb) + " × " + std::to_string(state);
}

// The commands on things that are there.
std::vector<Verb> MakeVerbs(Random& random, const std::function<std::string(int)>& today) {
  using namespace intake::v1;
  using namespace routing::v1;
  using namespace feedback::v1;
  auto text = [](ReportText* to) {
    to->set_title("关于修缮老旧小區电梯的补充反映");
    to->mutable_body()->set_situation("電梯停运三个月。");
    to->mutable_body()->set_suggestions("請有關部門尽快修复。");
  };
  std::vector<Verb> verbs;
  auto add = [&](const char* name, Kind kind, const char* person, std::set<int> taken_in, int makes,
                 std::function<std::unique_ptr<Message>(const Thing&)> request) {
    verbs.push_back(
        {name, kind, ServiceOf(kind), person, std::move(taken_in), makes, std::move(request)});
  };

  add("RegisterReport", Kind::kReport, kRegistrar, {Report::STATE_SUBMITTED},
      Report::STATE_REGISTERED, [](const Thing& t) { return On<RegisterReportRequest>(t); });
  add("ReturnReport", Kind::kReport, kRegistrar, {Report::STATE_SUBMITTED}, Report::STATE_RETURNED,
      [](const Thing& t) {
        auto request = On<ReturnReportRequest>(t);
        request->add_defects("请写明具体地点");
        return request;
      });
  add("ResubmitReport", Kind::kReport, kRegistrar, {Report::STATE_RETURNED},
      Report::STATE_SUBMITTED, [text](const Thing& t) {
        auto request = On<ResubmitReportRequest>(t);
        text(request->mutable_text());
        request->set_not_classified(true);
        return request;
      });
  add("DeclineReport", Kind::kReport, kRegistrar, {Report::STATE_SUBMITTED}, Report::STATE_DECLINED,
      [](const Thing& t) {
        auto request = On<DeclineReportRequest>(t);
        request->set_reason(DECLINE_REASON_OUT_OF_SCOPE);
        request->set_right_door("信访局");
        return request;
      });
  add("ShelveReport", Kind::kReport, kRegistrar, {Report::STATE_SUBMITTED}, Report::STATE_SHELVED,
      [](const Thing& t) {
        auto request = On<ShelveReportRequest>(t);
        request->set_reason("留待专题研究");
        return request;
      });
  add("TakeUpReport", Kind::kReport, kRegistrar, {Report::STATE_SHELVED}, Report::STATE_SUBMITTED,
      [](const Thing& t) { return On<TakeUpReportRequest>(t); });
  add("WithdrawReport", Kind::kReport, kRegistrar,
      {Report::STATE_SUBMITTED, Report::STATE_RETURNED, Report::STATE_SHELVED},
      Report::STATE_WITHDRAWN, [](const Thing& t) { return On<WithdrawReportRequest>(t); });

  add("SettleDeskItem", Kind::kDeskItem, kEditor, {DeskItem::STATE_OPEN}, DeskItem::STATE_KEPT,
      [](const Thing& t) {
        auto request = On<SettleDeskItemRequest>(t);
        request->set_state(DeskItem::STATE_KEPT);
        request->set_reason(SETTLE_REASON_NOT_RIPE);
        return request;
      });
  add("ReturnDeskItem", Kind::kDeskItem, kEditor, {DeskItem::STATE_OPEN}, DeskItem::STATE_RETURNED,
      [](const Thing& t) {
        auto request = On<SettleDeskItemRequest>(t);
        request->set_state(DeskItem::STATE_RETURNED);
        request->set_reason(SETTLE_REASON_INCOMPLETE);
        return request;
      });
  add("DeclineDeskItem", Kind::kDeskItem, kEditor, {DeskItem::STATE_OPEN}, DeskItem::STATE_DECLINED,
      [](const Thing& t) {
        auto request = On<SettleDeskItemRequest>(t);
        request->set_state(DeskItem::STATE_DECLINED);
        request->set_reason(SETTLE_REASON_OUT_OF_SCOPE);
        return request;
      });
  add("AskWithdrawal", Kind::kDeskItem, kRegistrar, {DeskItem::STATE_OPEN}, DeskItem::STATE_OPEN,
      [](const Thing& t) {
        auto request = On<AskWithdrawalRequest>(t);
        request->set_reason("电梯已恢复运行");
        request->set_asked_via(RECEIVED_VIA_PHONE);
        return request;
      });
  add("DeclineWithdrawal", Kind::kDeskItem, kEditor, {DeskItem::STATE_OPEN}, DeskItem::STATE_OPEN,
      [](const Thing& t) {
        auto request = On<DeclineWithdrawalRequest>(t);
        request->set_reason("综合稿已在起草");
        return request;
      });
  add("WithdrawDeskItem", Kind::kDeskItem, kEditor, {DeskItem::STATE_OPEN},
      DeskItem::STATE_WITHDRAWN, [](const Thing& t) {
        auto request = On<SettleDeskItemRequest>(t);
        request->set_state(DeskItem::STATE_WITHDRAWN);
        request->set_reason(SETTLE_REASON_REPORTER_ASKED);
        return request;
      });
  add("ReopenDeskItem", Kind::kDeskItem, kEditor, {DeskItem::STATE_KEPT}, DeskItem::STATE_OPEN,
      [](const Thing& t) { return On<ReopenDeskItemRequest>(t); });

  add("EditPaper", Kind::kPaper, kEditor, {Paper::STATE_DRAFT}, Paper::STATE_DRAFT,
      [](const Thing& t) {
        auto request = On<EditPaperRequest>(t);
        request->mutable_text()->set_title("建议修缮老旧小區电梯");
        request->mutable_text()->set_body("経核稿:電梯停运,居民出行不便。〔" + t.committee + "〕");
        return request;
      });
  add("PutInPaper", Kind::kPaper, kEditor, {Paper::STATE_DRAFT}, Paper::STATE_IN_REVIEW,
      [](const Thing& t) { return On<PutInPaperRequest>(t); });
  add("AgreePaper", Kind::kPaper, kReviewer, {Paper::STATE_IN_REVIEW}, Paper::STATE_IN_REVIEW,
      [](const Thing& t) { return On<AgreePaperRequest>(t); });
  add("SendBackPaper", Kind::kPaper, kReviewer, {Paper::STATE_IN_REVIEW}, Paper::STATE_DRAFT,
      [](const Thing& t) {
        auto request = On<SendBackPaperRequest>(t);
        request->set_opinion("请核实数字");
        return request;
      });
  add("SignOffPaper", Kind::kPaper, kSigner, {Paper::STATE_IN_REVIEW}, Paper::STATE_SIGNED,
      [&random](const Thing& t) {
        auto request = On<SignOffPaperRequest>(t);
        if (!random.Permille(200)) request->set_serial(kSerial);
        if (!ParentOf(t.committee).empty()) request->add_channels(kUp);
        if (!ParentOf(ParentOf(t.committee)).empty()) request->add_channels(kDirect);
        request->add_channels(kOutside);
        return request;
      });
  add("ReopenPaper", Kind::kPaper, kSigner, {Paper::STATE_SIGNED}, Paper::STATE_DRAFT,
      [](const Thing& t) { return On<ReopenPaperRequest>(t); });
  add("PublishIssue", Kind::kPaper, kDispatcher, {Paper::STATE_SIGNED}, Paper::STATE_SIGNED,
      [today](const Thing& t) {
        auto request = std::make_unique<PublishIssueRequest>();
        request->set_parent("committees/" + t.committee);
        request->set_serial(kSerial);
        request->add_papers(t.name);
        request->set_issued_on(t.signed_on.empty() ? today(4) : t.signed_on);
        return request;
      });
  add("DispatchPaper", Kind::kPaper, kDispatcher, {Paper::STATE_SIGNED}, Paper::STATE_SIGNED,
      [&random](const Thing& t) {
        auto request = std::make_unique<DispatchPaperRequest>();
        request->set_parent("committees/" + t.committee);
        request->set_paper(t.name);
        std::vector<std::string> channels{kOutside};
        if (!ParentOf(t.committee).empty()) channels = {kUp, kUp, kUp, kOutside, kOutside};
        if (!ParentOf(ParentOf(t.committee)).empty()) channels.push_back(kDirect);
        request->set_channel(random.Of(channels));
        request->set_copy(random.Permille(50));
        return request;
      });

  add("HandOverDispatch", Kind::kDispatch, kDispatcher, {Dispatch::STATE_PENDING},
      Dispatch::STATE_HANDED_OVER, [today](const Thing& t) -> std::unique_ptr<Message> {
        if (t.by_link && t.state == Dispatch::STATE_PENDING) return nullptr;
        auto request = On<HandOverDispatchRequest>(t);
        request->set_on(today(4));
        request->mutable_handed_to()->set_to("市委办收发室");
        return request;
      });
  add("RetryDispatch", Kind::kDispatch, kDispatcher, {Dispatch::STATE_REFUSED},
      Dispatch::STATE_PENDING, [](const Thing& t) { return On<RetryDispatchRequest>(t); });
  add("CancelDispatch", Kind::kDispatch, kDispatcher,
      {Dispatch::STATE_PENDING, Dispatch::STATE_REFUSED}, Dispatch::STATE_CANCELLED,
      [](const Thing& t) -> std::unique_ptr<Message> {
        // Whether an attempt has begun meanwhile is the service's to say.
        return On<CancelDispatchRequest>(t);
      });

  add("AcknowledgeArrival", Kind::kArrival, kDispatcher, {Arrival::STATE_ARRIVED},
      Arrival::STATE_ACKNOWLEDGED, [](const Thing& t) { return On<AcknowledgeArrivalRequest>(t); });
  add("DisposeArrival", Kind::kArrival, kEditor, {Arrival::STATE_ACKNOWLEDGED},
      Arrival::STATE_ACKNOWLEDGED, [&random](const Thing& t) {
        auto request = On<DisposeArrivalRequest>(t);
        request->set_kind(static_cast<Disposition::Kind>(
            random.Between(Disposition::KIND_SUPPLEMENT_REQUESTED, Disposition::KIND_SENT_BACK)));
        request->set_opinion("已阅,意见见附。");
        return request;
      });

  add("ReleaseInstruction", Kind::kInstruction, kRecorder, {kHeld}, kNotHeld,
      [](const Thing& t) { return On<ReleaseInstructionRequest>(t); });

  using Task = HandlingTask;
  add("ReplyTask", Kind::kTask, kHandler, {Task::STATE_ASSIGNED}, Task::STATE_REPLIED,
      [](const Thing& t) {
        auto request = On<ReplyTaskRequest>(t);
        request->set_result(Task::RESULT_IMPLEMENTED);
        request->set_text("电梯已修复。");
        return request;
      });
  add("AcceptReply", Kind::kTask, kRecorder, {Task::STATE_REPLIED}, Task::STATE_ACCEPTED,
      [](const Thing& t) {
        auto request = On<ReviewReplyRequest>(t);
        request->set_accept(true);
        return request;
      });
  add("SendReplyBack", Kind::kTask, kRecorder, {Task::STATE_REPLIED}, Task::STATE_ASSIGNED,
      [](const Thing& t) {
        auto request = On<ReviewReplyRequest>(t);
        request->set_opinion("请补充经费来源");
        return request;
      });
  add("CloseTask", Kind::kTask, kRecorder, {Task::STATE_ACCEPTED}, Task::STATE_CLOSED,
      [](const Thing& t) { return On<CloseTaskRequest>(t); });
  return verbs;
}

}  // namespace

Clients::Clients(Wire& wire,
                 Random& random,
                 Numbers& numbers,
                 Options options,
                 std::function<std::string(int)> today,
                 std::function<void(const std::string&)> failed)
    : wire_(wire),
      random_(random),
      numbers_(numbers),
      options_(options),
      today_(std::move(today)),
      failed_(std::move(failed)),
      verbs_(MakeVerbs(random_, today_)) {}

Clients::~Clients() = default;

std::set<std::string> Clients::AllCells() {
  Random none(0);
  std::set<std::string> cells;
  for (const Verb& verb : MakeVerbs(none, [](int) { return std::string(); })) {
    for (int state = 1; state <= StatesOf(verb.kind); ++state)
      cells.insert(CellOf(verb.name, state));
  }
  return cells;
}

void Clients::Start() {
  for (int hand = 0; hand < options_.hands; ++hand) {
    ++under_way_;
    wire_.After(random_.Between(0, kSecond), [this] { Begin(); });
  }
}

void Clients::Finish() {
  wire_.After(random_.Between(20 * kMilli, 600 * kMilli), [this] { Begin(); });
}

void Clients::Begin() {
  if (stopping_ || told_.size() >= options_.operations) {
    --under_way_;
    return;
  }
  // Counties take in, cities and the province work on what arrives.
  const std::string& committee = random_.Of(Committees());
  if (random_.Permille(15)) return Read(committee);
  // What a person is to carry is carried soon.
  const Thing* dispatch = Pick(committee, Kind::kDispatch);
  if (dispatch != nullptr && !dispatch->by_link &&
      dispatch->state == routing::v1::Dispatch::STATE_PENDING && random_.Permille(500)) {
    return BeginOn(*dispatch,
                   *std::ranges::find(verbs_, std::string_view("HandOverDispatch"), &Verb::name));
  }
  // Rather what is on its way than what has only come in.
  const Verb* drawn = &random_.Of(verbs_);
  if (drawn->kind == Kind::kReport && random_.Permille(500)) drawn = &random_.Of(verbs_);
  const Verb& verb = *drawn;
  Thing* thing = Pick(committee, verb.kind);
  if (thing == nullptr || random_.Permille(200)) return BeginNew(committee);
  // What the state does not allow is asked too, but seldom: most of the work is to go on.
  if (!verb.taken_in.contains(thing->state) && !random_.Permille(250)) {
    const Verb* other = nullptr;
    for (const Verb& candidate : verbs_) {
      if (candidate.kind == thing->kind && candidate.taken_in.contains(thing->state) &&
          (other == nullptr || random_.Permille(500))) {
        other = &candidate;
      }
    }
    if (other != nullptr) return BeginOn(*thing, *other);
  }
  BeginOn(*thing, verb);
}

Thing* Clients::Pick(const std::string& committee, Kind kind) {
  auto known = by_kind_.find({committee, kind});
  if (known == by_kind_.end() || known->second.empty()) return nullptr;
  const auto& names = known->second;
  for (int tries = 0; tries < 4; ++tries) {
    // Rather one of the last: they are still being worked on.
    const size_t back = random_.Permille(300) ? random_.Below(names.size())
                                              : random_.Below(std::min<size_t>(names.size(), 12));
    const std::string& name = names[names.size() - 1 - back];
    if (!busy_.contains(name)) return &things_.at(name);
  }
  return nullptr;
}

std::string Clients::Uri(const std::string& committee, const std::string& person) const {
  return "spiffe://fj.example/committees/" + committee + "/users/" + person;
}

std::string Clients::NewRequestId() {
  return "r-" + std::to_string(next_id_++);
}

std::string Clients::Words(const std::string& committee) {
  return "第" + std::to_string(next_words_++) + "件:居民反映電梯停运。〔" + committee + "〕";
}

// ---- Acts.

void Clients::BeginOn(const Thing& thing, const Verb& verb) {
  std::shared_ptr<Message> request = verb.request(thing);
  if (request == nullptr) return Finish();
  auto act = std::make_shared<Act>();
  act->uri = Uri(thing.committee, verb.person);
  act->to = {NodeOf(thing.committee), verb.service};
  act->request = std::move(request);
  act->request_id = NewRequestId();
  act->command = verb.name;
  SetId(act->request.get(), act->request_id);
  busy_.insert(thing.name);
  const std::string node = NodeOf(thing.committee);
  act->done = [this, before = thing, &verb, node, was_doubted = doubted_.contains(thing.name),
               restores = restores_[node]](const Answer& answer) {
    // Of a node that was put back the thing may be as it was earlier, until it was read again.
    const bool is_sure =
        !was_doubted && restores == restores_[node] && !doubted_.contains(before.name);
    const std::string cell = CellOf(verb.name, before.state);
    const bool allowed = verb.taken_in.contains(before.state);
    if (answer.ok()) {
      if (!allowed && is_sure) failed_(cell + " was taken: " + before.name);
      cells_.insert(cell);
      log::v1::Committed committed;
      committed.ParseFromString(answer.bytes);
      // What it has become, or what it has become since.
      const bool is_new = committed.name() != before.name;
      const int expected = verb.makes;
      Look(before.name, is_new ? nullptr : &committed.position(),
           [this, before, committed, is_new, expected, cell](const Thing& now) {
             if (is_new || now.etag != committed.etag()) return;
             if (now.state != expected) {
               failed_(cell + " made " + now.name + " " + std::to_string(now.state));
             }
           });
      if (is_new) Look(committed.name(), &committed.position());
      if (verb.makes == intake::v1::Report::STATE_REGISTERED && before.kind == Kind::kReport) {
        // The desk item has the report's number, and appears at routing when it was heard there.
        std::string desk_item = before.name;
        desk_item.replace(desk_item.find("/reports/"), 9, "/deskitems/");
        Look(desk_item, &committed.position());
      }
    } else if (answer.code == grpc::StatusCode::FAILED_PRECONDITION) {
      if (answer.reason == "WRONG_STATE" && allowed && is_sure) {
        failed_(cell + " was refused by the state: " + before.name + " " +
                answer.metadata.at("state"));
      }
      if (!allowed) cells_.insert(cell);
      Look(before.name, nullptr);
    } else {
      Look(before.name, nullptr);
    }
  };
  Ask(std::move(act));
}

void Clients::BeginNew(const std::string& committee) {
  auto act = std::make_shared<Act>();
  std::string person = kEditor;
  const uint64_t which = random_.Below(16);
  act->to = {NodeOf(committee), "routing"};
  if (which < 5) {
    act->to.service = "intake";
    act->request = NewReport(committee, &person);
  } else if (which < 8) {
    act->request = NewPaper(committee);
  } else if (which < 10) {
    act->to.service = "feedback";
    person = kRecorder;
    act->request = NewInstruction(committee);
  } else {
    act->to.service = "feedback";
    act->request = NewWord(committee, &person);
  }
  if (act->request == nullptr) return Finish();
  act->uri = Uri(committee, person);
  act->request_id = NewRequestId();
  act->command = act->request->GetDescriptor()->name();
  SetId(act->request.get(), act->request_id);
  act->done = [this](const Answer& answer) {
    if (!answer.ok()) return;
    log::v1::Committed committed;
    committed.ParseFromString(answer.bytes);
    Look(committed.name(), &committed.position());
  };
  Ask(std::move(act));
}

std::unique_ptr<Message> Clients::NewReport(const std::string& committee, std::string* person) {
  intake::v1::Draft draft;
  draft.mutable_text()->set_title("居民盼望修缮电梯〔" + committee + "〕");
  draft.mutable_text()->mutable_body()->set_situation(Words(committee));
  draft.mutable_text()->mutable_body()->set_suggestions("建議尽快修复。");
  draft.set_category(kCategory);
  draft.set_not_classified(true);
  // Marked as classified: nothing of it may be kept anywhere.
  if (random_.Permille(10))
    draft.mutable_text()->mutable_body()->set_analysis("机密★20年 摸底情况");
  if (random_.Permille(300)) {
    *person = kMember;
    auto request = std::make_unique<intake::v1::SubmitReportRequest>();
    request->set_parent("committees/" + committee);
    *request->mutable_draft() = std::move(draft);
    return request;
  }
  *person = kRegistrar;
  intake::v1::Reporter& reporter = *draft.add_reporters();
  if (random_.Permille(500)) {
    reporter.set_person(kMember);
  } else {
    reporter.set_name("密名" + committee);
    reporter.set_unit_name("某单位");
    reporter.set_disclosure(intake::v1::DISCLOSURE_SEALED);
    reporter.mutable_contact()->set_phone("电话" + committee);
  }
  auto request = std::make_unique<intake::v1::EnterReportRequest>();
  request->set_parent("committees/" + committee);
  *request->mutable_draft() = std::move(draft);
  request->set_received_on(today_(4));
  request->set_received_via(intake::v1::RECEIVED_VIA_PHONE);
  return request;
}

std::unique_ptr<Message> Clients::NewPaper(const std::string& committee) {
  using namespace routing::v1;
  auto request = std::make_unique<DraftPaperRequest>();
  request->set_parent("committees/" + committee);
  request->set_kind(Paper::KIND_OPINION);
  request->set_category(kCategory);
  request->mutable_text()->set_title("建议修缮老旧小區电梯〔" + committee + "〕");
  request->mutable_text()->set_body(Words(committee));
  std::set<std::string> used;
  const int sources = static_cast<int>(random_.Between(1, 3));
  for (int i = 0; i < sources; ++i) {
    const Kind kind = random_.Of(
        std::vector<Kind>{Kind::kDeskItem, Kind::kArrival, Kind::kArrival, Kind::kPaper});
    const Thing* thing = Pick(committee, kind);
    if (thing == nullptr || !used.insert(thing->name).second) continue;
    const bool usable = kind == Kind::kPaper     ? thing->state == Paper::STATE_SIGNED
                        : kind == Kind::kArrival ? thing->state == Arrival::STATE_ACKNOWLEDGED
                                                 : thing->state <= DeskItem::STATE_USED;
    if (!usable && !random_.Permille(50)) continue;
    Source& source = *request->add_sources();
    if (kind == Kind::kPaper) source.set_paper(thing->name);
    if (kind == Kind::kArrival) source.set_arrival(thing->name);
    if (kind == Kind::kDeskItem) source.set_desk_item(thing->name);
    source.set_weight(static_cast<uint32_t>(random_.Between(1, 3)));
  }
  if (request->sources().empty()) {
    OwnMaterial& own = *request->add_sources()->mutable_own();
    own.set_kind(OwnMaterial::KIND_RESEARCH);
    own.set_title("调研:电梯〔" + committee + "〕");
  }
  return request;
}

std::unique_ptr<Message> Clients::NewInstruction(const std::string& committee) {
  using namespace feedback::v1;
  if (const Thing* given = Pick(committee, Kind::kInstruction);
      given != nullptr && random_.Permille(400)) {
    auto request = std::make_unique<AssignTaskRequest>();
    request->set_parent("committees/" + committee);
    request->set_instruction(given->name);
    request->set_lead(kUnit);
    request->set_deadline("2030-01-01");
    request->mutable_words()->set_assigned_by("区政府办");
    request->mutable_words()->set_demand("请限期修复");
    return request;
  }
  auto request = std::make_unique<RecordInstructionRequest>();
  request->set_parent("committees/" + committee);
  request->set_leader(random_.Permille(700) ? kLeader : kUpperLeader);
  const Kind kind = random_.Of(std::vector<Kind>{Kind::kPaper, Kind::kIssue, Kind::kDispatch});
  const Thing* thing = Pick(committee, kind);
  if (thing == nullptr || random_.Permille(200)) {
    InstructionObject::External& external = *request->mutable_object()->mutable_external();
    external.set_kind(InstructionObject::External::KIND_PROPOSAL);
    external.set_title("关于电梯的提案");
    external.set_number(std::to_string(next_words_++));
    external.set_date(today_(30));
  } else if (kind == Kind::kPaper) {
    request->mutable_object()->set_paper(thing->name);
  } else if (kind == Kind::kIssue) {
    request->mutable_object()->set_issue(thing->name);
  } else {
    request->mutable_object()->set_dispatch(thing->name);
  }
  request->set_on(today_(4));
  request->set_kind(static_cast<Instruction::Kind>(
      random_.Between(Instruction::KIND_CIRCULATED, Instruction::KIND_ACTION)));
  request->set_full_text("封存批示" + committee);
  request->set_releasable("请认真研究办理。");
  request->mutable_evidence()->mutable_word()->set_whom("秘书");
  request->mutable_evidence()->mutable_word()->set_on(today_(4));
  request->set_hold(random_.Permille(300));
  return request;
}

// What an office notes of its own reports and of dispatches that a person carried.
std::unique_ptr<Message> Clients::NewWord(const std::string& committee, std::string* person) {
  using namespace feedback::v1;
  const Thing* dispatch = nullptr;
  for (int tries = 0; tries < 3; ++tries) {
    dispatch = Pick(committee, Kind::kDispatch);
    if (dispatch != nullptr && dispatch->state == routing::v1::Dispatch::STATE_HANDED_OVER) break;
  }
  if (dispatch != nullptr && dispatch->state == routing::v1::Dispatch::STATE_HANDED_OVER) {
    *person = kDispatcher;
    auto request = std::make_unique<RecordDispositionRequest>();
    request->set_dispatch(dispatch->name);
    request->set_disposition(static_cast<DispatchTrack::Disposition>(
        random_.Between(DispatchTrack::DISPOSITION_ADOPTED, DispatchTrack::DISPOSITION_SENT_BACK)));
    // Word of what happened earlier may come later.
    request->set_on(today_(static_cast<int>(random_.Between(3, 30))));
    request->mutable_evidence()->mutable_word()->set_whom("市委办值班员");
    request->mutable_evidence()->mutable_word()->set_on(request->on());
    return request;
  }
  const Thing* report = Pick(committee, Kind::kReport);
  if (report == nullptr) return nullptr;
  *person = kRegistrar;
  if (random_.Permille(300)) {
    auto request = std::make_unique<CloseReportRequest>();
    request->set_report(report->name);
    request->set_reason("情况已向反映人说明");
    return request;
  }
  auto request = std::make_unique<RecordInformedRequest>();
  request->set_report(report->name);
  request->set_how("电话");
  request->set_on(today_(4));
  return request;
}

// Reads that may fail or be answered, but must never contradict themselves.
void Clients::Read(const std::string& committee) {
  using namespace feedback::v1;
  GetFiguresRequest request;
  request.set_parent("committees/" + committee);
  request.set_from("2009-01-01");
  request.set_to(today_(0));
  for (FigureKind kind : {FIGURE_KIND_DISPATCHES}) request.add_figures(kind);
  wire_.Call(Uri(committee, kViewer), {NodeOf(committee), "feedback"}, request,
             [this](const Answer& answer) {
               ++answers_["GetFigures " + std::to_string(answer.code) + " " + answer.reason];
               Finish();
             });
}

// ---- Asking until there is an answer.

void Clients::Ask(std::shared_ptr<Act> act) {
  wire_.Call(
      act->uri, act->to, *act->request,
      [this, act, restores = restores_[act->to.node]](const Answer& answer) {
        if (answer.is_lost() || answer.code == grpc::StatusCode::RESOURCE_EXHAUSTED) {
          act->was_lost = true;
          wire_.After(random_.Between(100 * kMilli, 2 * kSecond), [this, act] { Ask(act); });
          return;
        }
        Remember(*act, answer);
        // It was told by a node that has been put back since.
        if (answer.ok() && restores != restores_[act->to.node]) doubted_.insert(told_.back().name);
        if (answer.ok() && random_.Permille(20)) {
          // As a client does that was not sure: it must be told the same.
          wire_.Call(
              act->uri, act->to, *act->request,
              [this, first = answer, act, restores = restores_[act->to.node]](const Answer& again) {
                if (restores != restores_[act->to.node]) return;
                if (again.is_lost() || again.code == grpc::StatusCode::RESOURCE_EXHAUSTED) return;
                if (!again.ok() || again.bytes != first.bytes) {
                  failed_(act->command + " " + act->request_id +
                          " was answered differently when asked again");
                }
              });
        }
        act->done(answer);
        Finish();
      });
}

void Clients::Remember(const Act& act, const Answer& answer) {
  std::string fields;
  if (answer.code == grpc::StatusCode::INVALID_ARGUMENT) {
    for (const auto& [field, problem] : answer.metadata) fields += " " + field + ": " + problem;
  }
  ++answers_[act.command + " " + (answer.ok() ? "OK" : answer.reason) + fields];
  if (!answer.ok()) {
    // Of one that was asked again an earlier copy may still be on its way, and is decided afresh.
    if (!act.was_lost) refused_.insert(act.request_id);
    return;
  }
  log::v1::Committed committed;
  committed.ParseFromString(answer.bytes);
  numbers_.Hear(committed.name());
  told_.push_back({.service = act.to,
                   .who = act.uri.substr(sizeof("spiffe://fj.example/") - 1),
                   .command = act.request->GetDescriptor()->full_name(),
                   .request_id = act.request_id,
                   .name = committed.name(),
                   .position = committed.position()});
}

// ---- Looking.

void Clients::Hear(const std::string& service, const std::string& name) {
  auto kind = Collections().find(CollectionOf(name));
  // What another service says of it may be ahead of the one that has it.
  if (kind == Collections().end() || ServiceOf(kind->second) != service) return;
  if (!things_.contains(name)) Look(name, nullptr);
}

std::unique_ptr<Message> Clients::RequestOf(const std::string& name,
                                            const LogPosition* min_position) const {
  auto get = [&](auto request) -> std::unique_ptr<Message> {
    request->set_name(name);
    if (min_position != nullptr) *request->mutable_min_position() = *min_position;
    return request;
  };
  switch (Collections().at(CollectionOf(name))) {
    case Kind::kReport:
      return get(std::make_unique<intake::v1::GetReportRequest>());
    case Kind::kDeskItem:
      return get(std::make_unique<routing::v1::GetDeskItemRequest>());
    case Kind::kPaper:
      return get(std::make_unique<routing::v1::GetPaperRequest>());
    case Kind::kIssue:
      return get(std::make_unique<routing::v1::GetIssueRequest>());
    case Kind::kDispatch:
      return get(std::make_unique<routing::v1::GetDispatchRequest>());
    case Kind::kArrival:
      return get(std::make_unique<routing::v1::GetArrivalRequest>());
    case Kind::kInstruction:
      return get(std::make_unique<feedback::v1::GetInstructionRequest>());
    case Kind::kTask:
      return get(std::make_unique<feedback::v1::GetTaskRequest>());
  }
  return nullptr;
}

bool Clients::Parse(const std::string& name, const std::string& bytes, Thing* thing) const {
  thing->name = name;
  thing->committee = CommitteeOf(name);
  thing->kind = Collections().at(CollectionOf(name));
  auto read = [&](auto row) {
    if (!row.ParseFromString(bytes)) return row;
    thing->etag = row.etag();
    return row;
  };
  switch (thing->kind) {
    case Kind::kReport:
      thing->state = read(intake::v1::Report()).state();
      break;
    case Kind::kDeskItem:
      thing->state = read(routing::v1::DeskItem()).state();
      break;
    case Kind::kPaper: {
      auto paper = read(routing::v1::Paper());
      thing->state = paper.state();
      thing->signed_on = paper.signed_on();
      break;
    }
    case Kind::kIssue:
      thing->state = read(routing::v1::Issue()).state();
      break;
    case Kind::kDispatch: {
      auto dispatch = read(routing::v1::Dispatch());
      thing->state = dispatch.state();
      thing->by_link = !dispatch.receiver().empty();
      break;
    }
    case Kind::kArrival:
      thing->state = read(routing::v1::Arrival()).state();
      break;
    case Kind::kInstruction:
      thing->state = read(feedback::v1::Instruction()).hold() ? kHeld : kNotHeld;
      break;
    case Kind::kTask:
      thing->state = read(feedback::v1::HandlingTask()).state();
      break;
  }
  return !thing->etag.empty();
}

void Clients::Look(const std::string& name,
                   const LogPosition* min_position,
                   std::function<void(const Thing&)> check) {
  if (!Collections().contains(CollectionOf(name))) return;
  LookAgain(name, min_position, std::move(check), 0, ++looks_);
}

void Clients::Doubt(const std::string& node) {
  ++restores_[node];
  for (const auto& [name, thing] : things_) {
    if (NodeOf(thing.committee) != node) continue;
    doubted_.insert(name);
    wire_.After(random_.Between(0, 30 * kSecond), [this, name = name] {
      if (doubted_.contains(name)) Look(name, nullptr);
    });
  }
}

void Clients::Forget(const std::string& name) {
  auto known = things_.find(name);
  if (known == things_.end()) return;
  std::erase(by_kind_[{known->second.committee, known->second.kind}], name);
  things_.erase(known);
  busy_.erase(name);
}

void Clients::LookAgain(const std::string& name,
                        const LogPosition* min_position,
                        std::function<void(const Thing&)> check,
                        int tries,
                        uint64_t number) {
  const Kind kind = Collections().at(CollectionOf(name));
  const std::string committee = CommitteeOf(name);
  std::shared_ptr<Message> request = RequestOf(name, min_position);
  const auto position = min_position == nullptr ? std::optional<LogPosition>() : *min_position;
  wire_.Call(
      Uri(committee, ReaderOf(kind)), {NodeOf(committee), ServiceOf(kind)}, *request,
      [this, name, committee, position, check, tries, number,
       restores = restores_[NodeOf(committee)]](const Answer& answer) {
        const bool was_restored = restores != restores_[NodeOf(committee)];
        if (answer.ok()) {
          Thing thing;
          if (!Parse(name, answer.bytes, &thing)) return failed_("cannot read " + name);
          if (number < taken_looks_[name]) {
            // One that was overtaken on its way tells how the thing was.
            if (check && !was_restored) check(thing);
            return;
          }
          taken_looks_[name] = number;
          if (!was_restored) doubted_.erase(name);
          busy_.erase(name);
          if (was_restored) {
            doubted_.insert(name);
            Look(name, nullptr);
          } else if (check) {
            check(thing);
          }
          auto [known, is_new] = things_.insert_or_assign(name, thing);
          if (is_new) by_kind_[{thing.committee, thing.kind}].push_back(name);
          return;
        }
        if (answer.reason == "NOT_FOUND" && (was_restored || doubted_.contains(name))) {
          return Forget(name);
        }
        if (was_restored) {
          doubted_.insert(name);
          return Look(name, nullptr);
        }
        // Not there, although it was told: that is a loss. Nobody reached, or not yet there: again.
        if (!answer.is_lost()) {
          failed_("a read of " + name + " was answered " + answer.reason +
                  (position.has_value() ? " at " + position->ShortDebugString() : ""));
          return;
        }
        if (tries > 200) return;
        wire_.After(kSecond, [this, name, committee, position, check, tries, number, restores] {
          if (restores != restores_[NodeOf(committee)]) {
            doubted_.insert(name);
            return Look(name, nullptr);
          }
          LookAgain(name, position.has_value() ? &*position : nullptr, check, tries + 1, number);
        });
      });
}

}  // namespace shangda::simulation
