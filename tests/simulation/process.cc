#include "tests/simulation/process.h"

#include <grpcpp/test/default_reactor_test_peer.h>

#include <utility>

#include "common/domain/names.h"
#include "common/office/office.h"
#include "common/rpc/process.h"
#include "common/rpc/take_entries.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/feedback/domain/visible.h"
#include "services/feedback/rpc/rejections.h"
#include "services/feedback/service.h"
#include "services/intake/rpc/rejections.h"
#include "services/intake/service.h"
#include "services/routing/domain/owed.h"
#include "services/routing/rpc/rejections.h"
#include "services/routing/service.h"

namespace shangda::simulation {
namespace {

using google::protobuf::Message;

Answer AnswerOf(const grpc::Status& status, const Message* response) {
  Answer answer{.code = status.error_code(), .sentence = status.error_message()};
  if (status.ok()) {
    if (response != nullptr) answer.bytes = response->SerializeAsString();
    return answer;
  }
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return answer;
  for (const google::protobuf::Any& detail : details.details()) {
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&info)) {
      answer.reason = info.reason();
      answer.metadata.insert(info.metadata().begin(), info.metadata().end());
    }
    google::rpc::BadRequest request;
    if (!detail.UnpackTo(&request)) continue;
    for (const auto& violation : request.field_violations()) {
      answer.metadata[violation.field()] = violation.description();
    }
  }
  return answer;
}

rpc::RejectionTable RejectionsOf(const std::string& service) {
  if (service == "intake") return intake::ProblemOf;
  if (service == "routing") return routing::ProblemOf;
  return feedback::ProblemOf;
}

constexpr int64_t kAnswersOut = 1'000'000;

absl::Status ToAbsl(const Answer& answer) {
  return {static_cast<absl::StatusCode>(answer.code), answer.reason};
}

// The log of another process over the simulated network.
class LogPeer final : public link::LogPeer {
 public:
  LogPeer(Wire& wire, std::string uri, Address to)
      : wire_(wire), uri_(std::move(uri)), to_(std::move(to)) {}

  std::unique_ptr<link::PeerStream> Watch(const log::v1::WatchRequest& request,
                                          std::function<void(log::v1::WatchResponse)> on_response,
                                          std::function<void(link::PeerError)> on_end) override {
    return std::make_unique<Stream>(wire_.Watch(
        uri_, to_, request,
        [on_response = std::move(on_response)](const std::string& bytes) {
          log::v1::WatchResponse response;
          response.ParseFromString(bytes);
          on_response(std::move(response));
        },
        [on_end = std::move(on_end)](const Answer& answer) {
          on_end({ToAbsl(answer), answer.reason, answer.metadata});
        }));
  }

  void ReadTexts(const log::v1::ReadTextsRequest& request,
                 std::function<void(absl::StatusOr<log::v1::ReadTextsResponse>)> done) override {
    wire_.Call(uri_, to_, request,
               [alive = std::weak_ptr(alive_), done = std::move(done)](const Answer& answer) {
                 if (alive.expired()) return;
                 if (!answer.ok()) return done(ToAbsl(answer));
                 log::v1::ReadTextsResponse response;
                 response.ParseFromString(answer.bytes);
                 done(std::move(response));
               });
  }

 private:
  struct Stream final : link::PeerStream {
    explicit Stream(std::unique_ptr<Reading> of) : reading(std::move(of)) {}
    void Next() override { reading->Next(); }
    const std::unique_ptr<Reading> reading;
  };

  Wire& wire_;
  const std::string uri_;
  const Address to_;
  // No callback comes after the peer's end.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// Calls whose answers are dropped when the peer that made them has gone.
template <class Response, class Request>
void CallWhile(const std::shared_ptr<bool>& alive,
               Wire& wire,
               const std::string& uri,
               const Address& to,
               const Request& request,
               std::function<void(absl::StatusOr<Response>)> done) {
  wire.Call(uri, to, request,
            [alive = std::weak_ptr(alive), done = std::move(done)](const Answer& answer) {
              if (alive.expired()) return;
              if (!answer.ok()) return done(ToAbsl(answer));
              Response response;
              response.ParseFromString(answer.bytes);
              done(std::move(response));
            });
}

class DeliveryPeer final : public routing::DeliveryPeer {
 public:
  DeliveryPeer(Wire& wire, std::string uri, Address to)
      : wire_(wire), uri_(std::move(uri)), to_(std::move(to)) {}

  void Deliver(
      const routing::v1::DeliverDispatchesRequest& request,
      std::function<void(absl::StatusOr<routing::v1::DeliverDispatchesResponse>)> done) override {
    CallWhile(alive_, wire_, uri_, to_, request, std::move(done));
  }
  void Compare(
      const routing::v1::CompareDeliveriesRequest& request,
      std::function<void(absl::StatusOr<routing::v1::CompareDeliveriesResponse>)> done) override {
    CallWhile(alive_, wire_, uri_, to_, request, std::move(done));
  }

 private:
  Wire& wire_;
  const std::string uri_;
  const Address to_;
  // No callback comes after the peer's end.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class OutcomePeer final : public feedback::OutcomePeer {
 public:
  OutcomePeer(Wire& wire, std::string uri, Address to)
      : wire_(wire), uri_(std::move(uri)), to_(std::move(to)) {}

  void Compare(
      const feedback::v1::CompareOutcomesRequest& request,
      std::function<void(absl::StatusOr<feedback::v1::CompareOutcomesResponse>)> done) override {
    CallWhile(alive_, wire_, uri_, to_, request, std::move(done));
  }

 private:
  Wire& wire_;
  const std::string uri_;
  const Address to_;
  // No callback comes after the peer's end.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

const engine::Machine& MachineFor(const std::string& service) {
  static const auto& intake = *new engine::MachineOf<intake::Intake>();
  static const auto& routing = *new engine::MachineOf<routing::Routing>();
  static const auto& feedback = *new engine::MachineOf<feedback::Feedback>();
  if (service == "intake") return intake;
  if (service == "routing") return routing;
  return feedback;
}

Process::Process(Scheduler& scheduler,
                 clock::Clock& clock,
                 Random& random,
                 Disk& disk,
                 Wire& wire,
                 Options options)
    : scheduler_(scheduler),
      clock_(clock),
      disk_(disk),
      wire_(wire),
      options_(std::move(options)),
      entropy_(random),
      loop_(scheduler, random),
      logger_(logging::Logger::Silent()) {}

Process::~Process() = default;

domain::Principal Process::Self() const {
  return {.committee = {},
          .person = {},
          .node = options_.address.node,
          .service = options_.address.service};
}

std::string Process::SelfUri() const {
  return std::string("spiffe://") + kNetwork + "/" + Self().Name();
}

absl::Status Process::Start() {
  const std::string& service = options_.address.service;
  auto opened = engine::Engine::Open(disk_, MachineFor(service), clock_, entropy_, loop_,
                                     {.self = Self()}, options_.on_fatal);
  if (!opened.ok()) return opened.status();
  engine_ = *std::move(opened);
  if (engine_->head() < disk_.noted_head())
    return absl::DataLossError("the log is shorter than it was");
  guard_ = std::make_unique<engine::DiskGuard>(
      *engine_, loop_, clock_,
      [this]() -> absl::StatusOr<uint64_t> { return static_cast<uint64_t>(disk_.room); },
      engine::DiskGuard::Options{.low_bytes = static_cast<uint64_t>(Disk::Room::kEnough),
                                 .enough_bytes = static_cast<uint64_t>(Disk::Room::kEnough)});
  guard_->Start();
  host_ = std::make_unique<rpc::Host>(
      *engine_, loop_, loop_, clock_, RejectionsOf(service),
      rpc::Host::Options{
          .service = service,
          .node = options_.address.node,
          .network = kNetwork,
          .peer_uri = [this](const grpc::CallbackServerContext&) { return current_uri_; }});
  hub_ = std::make_unique<watch::Hub>(disk_, engine_->PositionAt(engine_->head()), loop_, entropy_,
                                      watch::Hub::Options{});
  engine_->OnAdvance([this](uint64_t head) {
    host_->Advanced();
    hub_->Advance(head);
    if (deliverer_ != nullptr) deliverer_->Look();
  });
  ServeAll();
  rpc::TakeEntries(*engine_, Self(), options_.entries, [this](bool taken) {
    if (!taken) return options_.on_fatal(absl::UnavailableError("the files were not taken in"));
    FollowAll();
  });
  return absl::OkStatus();
}

// ---- Serving.

template <class Service, class Request, class Response>
void Process::Serve(Service& service,
                    grpc::ServerUnaryReactor* (Service::*method)(grpc::CallbackServerContext*,
                                                                 const Request*,
                                                                 Response*)) {
  methods_[Request::descriptor()] = {
      &Response::default_instance(), [&service, method](grpc::CallbackServerContext* context,
                                                        const Message& request, Message* response) {
        (service.*method)(context, static_cast<const Request*>(&request),
                          static_cast<Response*>(response));
      }};
}

void Process::ServeCommands(const std::string& service_name) {
  const auto& service = *rpc::ServiceNamed(service_name.c_str());
  host_->AddService(service);
  for (int i = 0; i < service.method_count(); ++i) {
    if (service.method(i)->output_type() != log::v1::Committed::descriptor()) continue;
    methods_[service.method(i)->input_type()] = {
        &log::v1::Committed::default_instance(),
        [this](grpc::CallbackServerContext* context, const Message& request, Message* response) {
          host_->Mutate(context, request, static_cast<log::v1::Committed*>(response));
        }};
  }
}

void Process::ServeAll() {
  ServeCommands("shangda.log.v1.LogService");
  log_service_ = std::make_unique<rpc::LogService>(*host_, *hub_,
                                                   options_.address.service == "feedback"
                                                       ? feedback::AudienceOfText
                                                       : rpc::LogService::TextAudience(nullptr));
  Serve(*log_service_, &rpc::LogService::ReadTexts);
  Serve(*log_service_, &rpc::LogService::GetLog);
  Serve(*log_service_, &rpc::LogService::ListRecords);
  ServeCommands("shangda.numbering.v1.NumberingService");
  numbering_service_ = std::make_unique<rpc::NumberingService>(*host_);
  Serve(*numbering_service_, &rpc::NumberingService::ListSeries);
  if (options_.address.service == "intake") {
    using intake::IntakeService;
    ServeCommands("shangda.intake.v1.IntakeService");
    intake_ = std::make_unique<IntakeService>(*host_);
    Serve(*intake_, &IntakeService::GetReport);
    Serve(*intake_, &IntakeService::ListReports);
  } else if (options_.address.service == "routing") {
    using routing::RoutingService;
    ServeCommands("shangda.routing.v1.RoutingService");
    deliveries_ = std::make_unique<routing::Comparer>(
        *engine_, loop_, clock_, entropy_, *logger_,
        routing::Comparer::Options{.self = Self(),
                                   .today = [this] { return host_->today(); },
                                   .peer_for =
                                       [this](const office::v1::Node& to) {
                                         return std::make_unique<DeliveryPeer>(
                                             wire_, SelfUri(), Address{to.id(), "routing"});
                                       },
                                   .on_gone = options_.on_gone,
                                   .on_heard = NoteHeard()});
    routing_ = std::make_unique<RoutingService>(*host_, *deliveries_);
    Serve(*routing_, &RoutingService::GetDeskItem);
    Serve(*routing_, &RoutingService::ListDeskItems);
    Serve(*routing_, &RoutingService::GetPaper);
    Serve(*routing_, &RoutingService::ListPapers);
    Serve(*routing_, &RoutingService::GetIssue);
    Serve(*routing_, &RoutingService::ListIssues);
    Serve(*routing_, &RoutingService::GetDispatch);
    Serve(*routing_, &RoutingService::ListDispatches);
    Serve(*routing_, &RoutingService::GetArrival);
    Serve(*routing_, &RoutingService::ListArrivals);
    Serve(*routing_, &RoutingService::DeliverDispatches);
    Serve(*routing_, &RoutingService::CompareDeliveries);
  } else {
    using feedback::FeedbackService;
    ServeCommands("shangda.feedback.v1.FeedbackService");
    outcomes_ = std::make_unique<feedback::Comparer>(
        *engine_, loop_, clock_, entropy_, *logger_,
        feedback::Comparer::Options{
            .self = Self(),
            .today = [this] { return host_->today(); },
            .peer_for =
                [this](const office::v1::Node& to) {
                  return std::make_unique<OutcomePeer>(wire_, SelfUri(),
                                                       Address{to.id(), "feedback"});
                },
            .has_heard = [this](const std::string& upstream) { return HasHeard(upstream); },
            .take_again =
                [this](const std::string& upstream, uint64_t after) {
                  for (auto& follower : followers_) {
                    if (follower->upstream() == upstream) follower->TakeAgainAfter(after);
                  }
                },
            .on_follower = nullptr,
            .on_gone = options_.on_gone,
            .on_heard = NoteHeard()});
    feedback_ = std::make_unique<FeedbackService>(*host_, *hub_, *outcomes_);
    Serve(*feedback_, &FeedbackService::GetTimeline);
    Serve(*feedback_, &FeedbackService::GetFigures);
    Serve(*feedback_, &FeedbackService::ListAdoptions);
    Serve(*feedback_, &FeedbackService::GetInstruction);
    Serve(*feedback_, &FeedbackService::ListInstructions);
    Serve(*feedback_, &FeedbackService::GetTask);
    Serve(*feedback_, &FeedbackService::ListTasks);
    Serve(*feedback_, &FeedbackService::CompareOutcomes);
  }
}

void Process::Handle(const std::string& uri,
                     const Message& request,
                     std::function<void(Answer)> done) {
  // A server that stops takes no new call.
  if (is_draining_) return done({.code = grpc::StatusCode::UNAVAILABLE});
  auto method = methods_.find(request.GetDescriptor());
  if (method == methods_.end()) return done({.code = grpc::StatusCode::UNIMPLEMENTED});
  auto call = calls_.emplace(calls_.end());
  call->request.reset(request.New());
  call->request->CopyFrom(request);
  call->response.reset(method->second.response->New());
  // Lives in the context.
  grpc::testing::DefaultReactorTestPeer answers(
      &call->context, [this, call, done = std::move(done)](const grpc::Status& status) {
        // The reactor is still in use: it goes afterwards, and the answer with it.
        loop_.Post([this, call, done, answer = AnswerOf(status, call->response.get())] {
          calls_.erase(call);
          done(answer);
        });
      });
  current_uri_ = uri;
  method->second.handle(&call->context, *call->request, call->response.get());
}

Process::Begun Process::BeginWatch(const std::string& uri,
                                   const Message& request,
                                   watch::Sink& sink) {
  if (is_draining_) return {.refused = Answer{.code = grpc::StatusCode::UNAVAILABLE}};
  grpc::CallbackServerContext context;
  current_uri_ = uri;
  auto admitted = host_->Admit(context, request);
  if (const auto* status = std::get_if<grpc::Status>(&admitted)) {
    return {.refused = AnswerOf(*status, nullptr)};
  }
  log::v1::WatchRequest watch;
  if (request.GetDescriptor() == log::v1::WatchRequest::descriptor()) {
    watch.CopyFrom(request);
  } else {
    const auto& status_watch = static_cast<const feedback::v1::WatchStatusRequest&>(request);
    *watch.mutable_after() = status_watch.after();
    watch.mutable_filter()->add_committees(std::string(domain::CommitteeOf(status_watch.parent())));
    watch.mutable_filter()->add_kinds("status_changed");
  }
  auto start =
      rpc::BeginWatch(*host_, std::get<domain::Principal>(admitted), watch.after(), watch.again());
  if (const auto* status = std::get_if<grpc::Status>(&start)) {
    return {.refused = AnswerOf(*status, nullptr)};
  }
  auto& begun = std::get<rpc::WatchStart>(start);
  Begun answer;
  hub_->Add(begun.after, watch.filter(), std::move(begun.rights), sink, &answer.id);
  return answer;
}

void Process::Drain(std::function<void()> stopped) {
  is_draining_ = true;
  hub_->Drain();
  for (auto& follower : followers_) follower->Stop();
  if (deliverer_ != nullptr) deliverer_->Stop();
  if (deliveries_ != nullptr) deliveries_->Stop();
  if (outcomes_ != nullptr) outcomes_->Stop();
  host_->Drain();
  engine_->Drain([this, stopped = std::move(stopped)] {
    // Behind the answers that are on their way out.
    loop_.PostAfter(kAnswersOut, stopped);
  });
}

// ---- Following.

bool Process::IsDelivering() const {
  if (options_.address.service != "routing") return false;
  auto view = disk_.Inspect();
  engine::Overlay overlay(*view);
  const engine::Rows rows(engine_->machine(), overlay);
  for (const routing::Owed& owed : routing::OwedDispatches(rows, 1)) {
    if (!owed.dispatches.empty()) return true;
  }
  return false;
}

bool Process::HasHeard(const std::string& upstream) const {
  // Before it follows anybody it has heard nothing.
  bool is_known = upstream.empty() && !followers_.empty();
  for (const auto& follower : followers_) {
    if (!upstream.empty() && follower->upstream() != upstream) continue;
    if (!follower->has_caught_up()) return false;
    is_known = true;
  }
  return is_known;
}

void Process::Follow(const std::string& upstream,
                     const Address& address,
                     log::v1::WatchFilter filter,
                     std::vector<std::string> audiences) {
  peers_.push_back(std::make_unique<LogPeer>(wire_, SelfUri(), address));
  followers_.push_back(
      std::make_unique<link::Follower>(*engine_, *peers_.back(), loop_, entropy_, *logger_,
                                       link::Follower::Options{.upstream = upstream,
                                                               .filter = std::move(filter),
                                                               .audiences = std::move(audiences),
                                                               .self = Self()}));
  followers_.back()->OnMove([this] { host_->Advanced(); });
  followers_.back()->Start();
}

std::vector<link::v1::Link> Process::Lines() const {
  if (deliveries_ != nullptr) return deliveries_->comparisons().Links();
  return outcomes_ != nullptr ? outcomes_->comparisons().Links() : std::vector<link::v1::Link>();
}

void Process::CompareLines(const std::function<void()>& compared) {
  auto left = std::make_shared<size_t>(options_.hosts.size());
  for (const std::string& hosted : options_.hosts) {
    auto one = [left, compared] {
      if (--*left == 0) compared();
    };
    if (deliveries_ != nullptr) {
      deliveries_->comparisons().CompareNow(hosted, one);
    } else if (outcomes_ != nullptr) {
      outcomes_->comparisons().CompareNow(hosted, one);
    } else {
      one();
    }
  }
}

std::function<void(const link::Heard&)> Process::NoteHeard() {
  return [this](const link::Heard& heard) { link::Note(heard, *engine_, Self()); };
}

void Process::FollowAll() {
  const std::string& node = options_.address.node;
  log::v1::WatchFilter filter;
  if (options_.address.service == "routing") {
    filter.add_kinds("report_registered");
    Follow("intake", {node, "intake"}, std::move(filter), {});
    deliverer_ = std::make_unique<routing::Deliverer>(
        *engine_, loop_, entropy_, *logger_, Self(), [this] { return host_->today(); },
        [this](const office::v1::Node& to) {
          return std::make_unique<DeliveryPeer>(wire_, SelfUri(), Address{to.id(), "routing"});
        });
    deliverer_->OnCameBack(
        [this](const std::string& came_back) { deliveries_->comparisons().CameBack(came_back); });
    deliverer_->Start();
    deliveries_->Start();
  } else if (options_.address.service == "feedback") {
    Follow("intake", {node, "intake"}, {}, {});
    Follow("routing", {node, "routing"}, {}, {});
    for (const std::string& hosted : options_.hosts) filter.add_committees(hosted);
    filter.add_kinds("outcome_released");
    auto view = disk_.Read();
    engine::Overlay overlay(*view);
    const engine::Rows rows(engine_->machine(), overlay);
    for (const office::v1::Node& above : office::NodesAbove(rows, options_.hosts, host_->today())) {
      Follow("nodes/" + above.id() + "/feedback", {above.id(), "feedback"}, filter, options_.hosts);
    }
    outcomes_->Start();
  }
}

}  // namespace shangda::simulation
