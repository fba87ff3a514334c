#include "tests/crash/script.h"

#include <gtest/gtest.h>

#include <random>
#include <utility>
#include <variant>

#include "common/engine/testing/toy.h"
#include "common/engine/testing/toy.pb.h"
#include "common/office/office.h"
#include "services/intake/service.h"
#include "shangda/intake/v1/intake.pb.h"
#include "shangda/office/v1/office.pb.h"

namespace shangda::crash {
namespace {

namespace v1 = intake::v1;
using engine::testing::FollowedEvent;
using engine::testing::MakeNoteRequest;
using engine::testing::MarkNoteRequest;
using engine::testing::NoteName;
using google::protobuf::Message;

constexpr char kCommittee[] = "350103";
constexpr char kParent[] = "committees/350103";

domain::Principal Person(const std::string& id) {
  return {.committee = kCommittee, .person = id, .node = {}, .service = {}};
}

// A request that needs no earlier answer.
template <class Request>
Ask Simple(std::string id, const std::string& person, Request request) {
  if constexpr (requires { request.set_request_id(id); }) request.set_request_id(id);
  return {.id = std::move(id), .principal = Person(person), .request = [request](const Answers&) {
            return std::make_shared<Request>(request);
          }};
}

// Chinese that does not compress to nothing, the same in every run.
std::string Prose(uint32_t seed, size_t characters) {
  static constexpr const char* kCharacters[] = {"老", "旧", "小", "区", "加", "装", "电", "梯",
                                                "内", "河", "沿", "岸", "停", "车", "整", "治",
                                                "建", "议", "部", "门", "居", "民", "道", "路"};
  std::mt19937 random(seed);
  std::string prose;
  for (size_t i = 0; i < characters; ++i) prose += kCharacters[random() % std::size(kCharacters)];
  return prose;
}

// ---- Intake.

Ask TakeEntry(std::string id, office::v1::Entry entry) {
  entry.set_name(office::EntryNameOf(entry, kCommittee));
  office::v1::TakeEntryRequest request;
  *request.mutable_entry() = std::move(entry);
  Ask ask = Simple(std::move(id), "", std::move(request));
  ask.principal = {.committee = {}, .person = {}, .node = "350103", .service = "intake"};
  return ask;
}

Ask TakePerson(const std::string& id, api::v1::Role role) {
  office::v1::Entry entry;
  entry.mutable_person()->set_id(id);
  entry.mutable_person()->set_name("林某某");
  entry.mutable_person()->add_roles(role);
  return TakeEntry("take " + id, std::move(entry));
}

v1::Draft Draft(uint32_t seed, size_t characters) {
  v1::Draft draft;
  draft.mutable_text()->set_title("关于" + Prose(seed, 20));
  draft.mutable_text()->mutable_body()->set_situation(Prose(seed + 1, characters));
  draft.mutable_text()->mutable_body()->set_suggestions(Prose(seed + 2, characters / 2));
  draft.set_category("livelihood");
  draft.set_not_classified(true);
  return draft;
}

Ask Submit(const std::string& id, uint32_t seed, size_t characters) {
  v1::SubmitReportRequest request;
  request.set_parent(kParent);
  *request.mutable_draft() = Draft(seed, characters);
  return Simple(id, "p0002", std::move(request));
}

Ask Enter(const std::string& id, uint32_t seed, size_t characters) {
  v1::EnterReportRequest request;
  request.set_parent(kParent);
  *request.mutable_draft() = Draft(seed, characters);
  v1::Reporter& reporter = *request.mutable_draft()->add_reporters();
  reporter.set_name("陈某某");
  reporter.set_unit_name("某社区居委会");
  reporter.mutable_contact()->set_address(Prose(seed, 60));
  request.set_received_on("2026-02-27");
  request.set_received_via(v1::RECEIVED_VIA_PAPER);
  return Simple(id, "p0001", std::move(request));
}

// A verb on the report that `made` answered, as `last` left it.
template <class Request>
Ask On(std::string id, std::string made, std::string last, Request request, std::string person) {
  request.set_request_id(id);
  auto bind = [request, made = std::move(made), last = std::move(last)](const Answers& answers) {
    auto bound = std::make_shared<Request>(request);
    const auto* first = std::get_if<log::v1::Committed>(&answers.at(made));
    const auto* latest = std::get_if<log::v1::Committed>(&answers.at(last));
    EXPECT_TRUE(first != nullptr && latest != nullptr) << made << " or " << last << " was rejected";
    if (first != nullptr) bound->set_name(first->name());
    if (latest != nullptr) bound->set_etag(latest->etag());
    return bound;
  };
  return {.id = std::move(id), .principal = Person(person), .request = std::move(bind)};
}

Ask Register(const std::string& id, const std::string& report, const std::string& last) {
  return On(id, report, last, v1::RegisterReportRequest(), "p0001");
}

Ask Return(const std::string& id, const std::string& report) {
  v1::ReturnReportRequest request;
  request.add_defects("请补充具体小区和户数");
  return On(id, report, report, std::move(request), "p0001");
}

Ask Resubmit(const std::string& id, const std::string& report, const std::string& last) {
  v1::ResubmitReportRequest request;
  *request.mutable_text() = Draft(900, 300).text();
  request.set_not_classified(true);
  return On(id, report, last, std::move(request), "p0002");
}

Ask Decline(const std::string& id, const std::string& report) {
  v1::DeclineReportRequest request;
  request.set_reason(v1::DECLINE_REASON_PERSONAL_MATTER);
  request.set_explanation("属于个人诉求");
  request.set_right_door("区信访局");
  return On(id, report, report, std::move(request), "p0001");
}

Ask Shelve(const std::string& id, const std::string& report) {
  v1::ShelveReportRequest request;
  request.set_reason("同类问题已在办理");
  return On(id, report, report, std::move(request), "p0001");
}

Script MakeIntakeScript() {
  static const auto& machine = *new engine::MachineOf<intake::Intake>();
  office::v1::Entry category;
  category.mutable_category()->set_id("livelihood");
  category.mutable_category()->set_name("民生");
  const Step restart{.restart = true};
  Script script{.machine = machine, .steps = {}, .upstreams = {}};
  script.steps = {
      {.asks = {TakeEntry("take category", category), TakePerson("p0001", api::v1::ROLE_REGISTRAR),
                TakePerson("p0002", api::v1::ROLE_REPORTER)}},
      {.asks = {Submit("s1", 1, 900), Enter("e1", 11, 900), Submit("s2", 21, 900)}},
      {.asks = {Register("s1 registered", "s1", "s1"), Return("s2 returned", "s2")}},
      restart,
      {.asks = {Resubmit("s2 again", "s2", "s2 returned"),
                Register("s1 twice", "s1", "s1 registered"),  // Rejected.
                Decline("e1 declined", "e1")}},
      {.asks = {Submit("s3", 31, 900), Submit("s4", 41, 900), Enter("e2", 51, 900),
                Enter("e3", 61, 900), Submit("s5", 71, 900), Submit("s6", 81, 900),
                Submit("t1", 201, 990), Submit("t2", 211, 990), Submit("t3", 221, 990),
                Submit("t4", 231, 990), Submit("t5", 241, 990), Submit("t6", 251, 990)}},
      {.asks = {Register("s2 late", "s2", "s2 returned")}},  // Rejected: the etag is stale.
      {.asks = {Submit("s7", 91, 900), Submit("s8", 101, 900), Enter("e4", 111, 900),
                Enter("e5", 121, 900), Submit("s9", 131, 900)}},
      {.asks = {Submit("s11", 151, 30), Register("t1 registered", "t1", "t1")}},
      restart,
      {.asks = {Shelve("s3 shelved", "s3"), Register("s4 registered", "s4", "s4"),
                Register("e2 registered", "e2", "e2")}},
      {.asks = {Submit("s10", 141, 30)}},
  };
  return script;
}

// ---- The toy.

Ask MakeNote(uint32_t number, size_t characters) {
  MakeNoteRequest request;
  request.set_parent(kParent);
  request.set_number(number);
  if (characters > 0) request.set_words(Prose(number, characters));
  return Simple("make " + std::to_string(number), "p0001", std::move(request));
}

Ask MarkNote(uint32_t number, uint32_t mark) {
  MarkNoteRequest request;
  request.set_name(NoteName(number));
  request.set_mark(mark);
  return Simple("mark " + std::to_string(number) + " " + std::to_string(mark), "p0001",
                std::move(request));
}

std::shared_ptr<const Message> Names(uint32_t number, uint32_t from = 0) {
  auto fact = std::make_shared<FollowedEvent>();
  fact->mutable_named()->set_name(NoteName(number));
  if (from != 0) fact->mutable_named()->set_from(NoteName(from));
  return fact;
}

std::shared_ptr<const Message> Says(uint64_t word, std::vector<uint32_t> about) {
  auto fact = std::make_shared<FollowedEvent>();
  fact->mutable_said()->set_word(word);
  for (uint32_t number : about) fact->mutable_said()->add_about(NoteName(number));
  return fact;
}

std::shared_ptr<const Message> Ignores() {
  auto fact = std::make_shared<FollowedEvent>();
  fact->mutable_ignored();
  return fact;
}

Script MakeToyScript() {
  static const auto& machine = *new engine::MachineOf<engine::testing::Toy>();
  const Step restart{.restart = true};
  Script script{.machine = machine, .steps = {}, .upstreams = {}};
  script.upstreams["left"] = {Says(1, {1}),    Says(2, {1, 5}), Ignores(),    Names(5, 4),
                              Says(3, {5}),    Says(4, {1}),    Says(5, {3}), Ignores(),
                              Says(6, {2, 7}), Names(8),        Says(7, {8}), Says(8, {1, 2, 3})};
  script.upstreams["right"] = {Says(11, {2}), Says(12, {7}), Names(6), Says(13, {6, 1}), Ignores()};
  script.steps = {
      {.upstream = "left", .up_to = 2},  // Both wait.
      {.asks = {MakeNote(1, 400), MakeNote(2, 0), MarkNote(1, 3)}},
      {.upstream = "right", .up_to = 2},  // The second waits.
      restart,
      {.upstream = "left", .up_to = 7},  // 4 to 6 wait for note 4 or behind what does.
      {.asks = {MarkNote(2, 3), MarkNote(9, 1), MakeNote(3, 20'000)}},  // The second is rejected.
      {.asks = {MakeNote(4, 20)}},                                      // Releases a chain.
      {.upstream = "right", .up_to = 5},
      {.upstream = "left", .up_to = 12},
      restart,
      {.asks = {MakeNote(7, 0), MarkNote(3, 9)}},
  };
  return script;
}

}  // namespace

const Script& IntakeScript() {
  static const auto& script = *new Script(MakeIntakeScript());
  return script;
}

const Script& ToyScript() {
  static const auto& script = *new Script(MakeToyScript());
  return script;
}

const Script& ShortScript() {
  static const auto& script = *new Script{
      .machine = ToyScript().machine, .steps = {{.asks = {MakeNote(1, 400)}}}, .upstreams = {}};
  return script;
}

}  // namespace shangda::crash
