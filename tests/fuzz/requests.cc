// What people's clients ask for: any requests, one after the other, by anybody of the office, through
// rights and field rules into a service, and from intake and routing on to feedback. Each step of an
// input is a request; its heading says who asks and what: `p0002 SubmitReportRequest`. An etag of "*"
// is the one that the row has.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/access/access.h"
#include "common/check/check.h"
#include "common/check/texts.h"
#include "common/engine/messages.h"
#include "services/feedback/domain/verbs_testing.h"
#include "services/intake/domain/testing.h"
#include "tests/fuzz/city.h"
#include "tests/fuzz/steps.h"

namespace shangda::fuzz {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// The method that a request is for, of any of the three services, by the request's short name.
const MethodDescriptor* MethodOf(std::string_view request) {
  static const auto& methods = *[] {
    auto* made = new std::map<std::string, const MethodDescriptor*, std::less<>>();
    for (const char* name : {"shangda.intake.v1.IntakeService", "shangda.routing.v1.RoutingService",
                             "shangda.feedback.v1.FeedbackService"}) {
      const auto* service =
          google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
      SHANGDA_CHECK(service != nullptr) << name;
      for (int i = 0; i < service->method_count(); ++i) {
        made->emplace(service->method(i)->input_type()->name(), service->method(i));
      }
    }
    return made;
  }();
  const auto method = methods.find(request);
  return method == methods.end() ? nullptr : method->second;
}

std::pair<std::string, const MethodDescriptor*> CallOf(std::string_view heading) {
  const size_t space = heading.find(' ');
  if (space == heading.npos) return {"", nullptr};
  return {std::string(heading.substr(0, space)), MethodOf(heading.substr(space + 1))};
}

std::unique_ptr<Message> NewRequest(std::string_view heading) {
  const MethodDescriptor* method = CallOf(heading).second;
  if (method == nullptr) return nullptr;
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()
                                      ->GetPrototype(method->input_type())
                                      ->New());
}

// ---- The offices.

struct IntakeOffice : intake::IntakeTest {
  static constexpr const char* kCode = intake::kCommittee;
  void Play() {
    for (const auto state :
         {intake::v1::Report::STATE_SUBMITTED, intake::v1::Report::STATE_RETURNED,
          intake::v1::Report::STATE_SHELVED}) {
      ReportIn(state);
    }
  }
};

struct RoutingOffice : CityRouting {
  static constexpr const char* kCode = routing::kCity;
  void Play() {
    TakeNode("n3500", {routing::kProvince});
    for (uint32_t n = 1; n <= 3; ++n) Hand(n);
    const std::string arrival = Arrive(1);
    ASSERT_TRUE(Do<routing::v1::AcknowledgeArrivalRequest>(routing::kDispatcher, arrival).ok());
    Arrive(2);
    const std::string paper = Signed({SourceOf(Hand(4)), SourceOf(arrival)});
    Send(paper, routing::kUp);
    Draft({OwnSource()});
    Signed({SourceOf(Hand(5))});
  }
};

struct FeedbackOffice : feedback::VerbsTest {
  static constexpr const char* kCode = feedback::kCounty;
  void Play() {
    TaskIn(feedback::Task::STATE_REPLIED);
    ReportHandedOver(2);
    ReportSentUp(3);
  }
};

// ---- One service.

// Puts in the etag of what the request is about where it is left to us.
template <class Service>
void FillEtag(Node<Service>& node, Message* request) {
  const FieldDescriptor* etag = request->GetDescriptor()->FindFieldByName("etag");
  if (etag == nullptr || engine::StringField(*request, "etag") != "*") return;
  const auto view = node.store().Read();
  engine::Overlay overlay(*view);
  const engine::Rows rows(node.engine().machine(), overlay);
  const auto row = rows.FindAny(engine::StringField(*request, "name"));
  if (row == nullptr) return;
  request->GetReflection()->SetString(
      request, etag, domain::Etag(node.engine().epoch(), engine::NumberField(*row, "revision")));
}

// As the host does before anything is queued.
template <class Service>
bool IsAdmitted(const Node<Service>& node,
                const MethodDescriptor& method,
                const domain::Principal& principal,
                const Message& request,
                const std::string& today) {
  const bool may = node.WithState([&](const domain::State& state) {
    return access::MayCall(access::RuleOf(method), state, principal, node.self().node, request,
                           today);
  });
  return may && check::Check(request, today).ok();
}

template <class Service>
void Ask(Node<Service>& node, const Step& step, const char* committee, const std::string& today) {
  const auto [person, method] = CallOf(step.heading);
  // Reads have no request id.
  if (step.message->GetDescriptor()->FindFieldByName("request_id") == nullptr) return;
  // As gRPC would hand it over.
  std::shared_ptr<Message> request(step.message->New());
  if (!request->ParseFromString(OnTheWire(*step.message))) return;
  FillEtag(node, request.get());
  check::Normalize(request.get());
  const domain::Principal principal = {
      .committee = committee, .person = person, .node = {}, .service = {}};
  if (!IsAdmitted(node, *method, principal, *request, today)) return;

  const uint64_t commits = node.store().commits();
  const uint64_t head = node.head();
  const engine::Reply reply = node.Submit(request, principal);
  if (!IsTaken(reply)) {
    SHANGDA_CHECK(node.store().commits() == commits) << "rejected, and something was kept";
    return;
  }
  const auto& committed = std::get<log::v1::Committed>(reply);
  if (engine::BoolField(*request, "validate_only")) {
    SHANGDA_CHECK(node.store().commits() == commits) << "a rehearsal left something";
    return;
  }
  SHANGDA_CHECK(!committed.name().empty());
  if (engine::StringField(*request, "request_id").empty()) return;
  SHANGDA_CHECK(node.head() <= head + 1);
  const uint64_t after = node.head();
  const engine::Reply again = node.Submit(request, principal);
  SHANGDA_CHECK(IsTaken(again) && node.head() == after) << "asked twice, done twice";
  SHANGDA_CHECK(std::get<log::v1::Committed>(again).SerializeAsString() ==
                committed.SerializeAsString())
      << "asked twice, answered otherwise";
}

// What feedback makes of it.
void Tell(const Scene<IntakeOffice>& scene, const Node<intake::Intake>& node) {
  static const auto& rows = *new kv::Batch(FeedbackRows(scene.events(), {}));
  Node<feedback::Feedback> follower(rows, scene.node(), scene.today());
  for (const intake::v1::Event& event : node.EventsAfter(scene.head())) {
    TakeFact(follower, "intake", event);
  }
  follower.CheckReplay();
}
void Tell(const Scene<RoutingOffice>& scene, const Node<routing::Routing>& node) {
  static const auto& rows = *new kv::Batch(FeedbackRows(scene.handed(), scene.events()));
  TellFeedback(rows, scene.today(), node.EventsAfter(scene.head()));
}
void Tell(const Scene<FeedbackOffice>&, const Node<feedback::Feedback>&) {}

template <class Service, class Office>
void AskAll(const std::vector<Step>& steps) {
  static const auto& scene = *new Scene<Office>();
  const std::string package = "shangda." + std::string(Service::kName);
  const auto is_for = [&](const Step& step) {
    return step.message->GetDescriptor()->full_name().starts_with(package);
  };
  if (std::none_of(steps.begin(), steps.end(), is_for)) return;
  Node<Service> node(scene);
  for (const Step& step : steps) {
    if (is_for(step)) Ask(node, step, Office::kCode, scene.today());
  }
  if (node.head() == scene.head()) return;
  node.CheckReplay();
  Tell(scene, node);
}

}  // namespace
}  // namespace shangda::fuzz

SHANGDA_MUTATES_STEPS(shangda::fuzz::NewRequest);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  constexpr size_t kStepsMax = 12;
  std::vector<Step> steps = ReadSteps(AsText(data, size), NewRequest);
  if (steps.size() > kStepsMax) return 0;
  AskAll<shangda::intake::Intake, IntakeOffice>(steps);
  AskAll<shangda::routing::Routing, RoutingOffice>(steps);
  AskAll<shangda::feedback::Feedback, FeedbackOffice>(steps);
  return 0;
}
