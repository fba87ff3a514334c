#include "services/routing/rpc/routing_service.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <utility>

#include "services/routing/link/content.h"
#include "services/routing/rpc/rejections.h"

namespace shangda::routing {
namespace {

// A batch on its way through the engine: answered when its last delivery is.
struct Batch {
  grpc::ServerUnaryReactor* reactor;
  v1::DeliverDispatchesResponse* response;
  int unanswered;
};

// The dispatch stays owed until a person here has resumed the arrivals' numbers.
bool IsLater(const engine::Rejected& rejected) {
  return static_cast<Reason>(rejected.reason) == Reason::kNumberingHeld;
}

v1::Refusal UnknownRefusal() {
  v1::Refusal refusal;
  refusal.set_reason("UNKNOWN");
  refusal.set_retry(v1::Refusal::RETRY_PERSON);
  return refusal;
}

// The receipt of an arrival, the same whenever it is asked for; nullopt if its row cannot be read now.
std::optional<v1::Receipt> ReceiptOf(rpc::Host& host, const std::string& arrival_name) {
  auto view = host.engine().store().Read();
  engine::Overlay overlay(*view);
  const engine::Rows rows(host.engine().machine(), overlay);
  const domain::State& state = rows;
  auto arrival = state.Find<v1::Arrival>(arrival_name);
  if (!arrival.has_value()) return std::nullopt;
  v1::Receipt receipt;
  receipt.set_arrival(arrival->name());
  *receipt.mutable_position() = arrival->position();
  receipt.set_received_on(arrival->received_on());
  return receipt;
}

}  // namespace

grpc::ServerUnaryReactor* RoutingService::DeliverDispatches(
    Context* context,
    const v1::DeliverDispatchesRequest* request,
    v1::DeliverDispatchesResponse* response) {
  auto* reactor = context->DefaultReactor();
  auto admitted = host_.Admit(*context, *request);
  if (auto* status = std::get_if<grpc::Status>(&admitted); status != nullptr) {
    reactor->Finish(std::move(*status));
    return reactor;
  }
  const auto sender = std::get<domain::Principal>(std::move(admitted));
  if (sender.service != "routing") {
    reactor->Finish(host_.Forbidden());
    return reactor;
  }
  // The call itself was counted; each dispatch is a command.
  if (grpc::Status charged =
          host_.Charge(sender, static_cast<size_t>(std::max(0, request->deliveries_size() - 1)));
      !charged.ok()) {
    reactor->Finish(std::move(charged));
    return reactor;
  }
  const std::string today = host_.today();
  auto batch = std::make_shared<Batch>(Batch{reactor, response, request->deliveries_size()});
  for (int i = 0; i < request->deliveries_size(); ++i) response->add_answers();
  host_.writer().Post([this, batch, request, sender, today] {
    auto answered = [batch] {
      if (--batch->unanswered == 0) batch->reactor->Finish(grpc::Status::OK);
    };
    // The last answer ends the call, and with it the request: what is needed of it is taken first.
    std::vector<v1::Delivery> deliveries(request->deliveries().begin(),
                                         request->deliveries().end());
    for (size_t i = 0; i < deliveries.size(); ++i) {
      auto* answer = batch->response->mutable_answers(static_cast<int>(i));
      auto take = std::make_shared<v1::TakeDeliveryRequest>();
      take->set_content_problem(ContentProblemOf(deliveries[i], today));
      *take->mutable_delivery() = std::move(deliveries[i]);
      if (take->content_problem() != v1::TakeDeliveryRequest::CONTENT_PROBLEM_UNSPECIFIED) {
        take->mutable_delivery()->clear_capsule();
      }
      take->set_sending_node(sender.node);
      host_.engine().Submit({.request = std::move(take),
                             .principal = {.committee = {},
                                           .person = {},
                                           .node = host_.options().node,
                                           .service = host_.options().service},
                             .source = std::nullopt,
                             .texts = {},
                             .done = [this, answer, answered](const engine::Reply& reply) {
                               if (const auto* taken = std::get_if<log::v1::Committed>(&reply)) {
                                 auto receipt = ReceiptOf(host_, taken->name());
                                 if (receipt.has_value()) {
                                   *answer->mutable_receipt() = *std::move(receipt);
                                 } else {
                                   answer->set_later(true);
                                 }
                               } else if (const auto* rejected =
                                              std::get_if<engine::Rejected>(&reply);
                                          rejected != nullptr && !IsLater(*rejected)) {
                                 auto refusal = AsRefusal(static_cast<Reason>(rejected->reason));
                                 *answer->mutable_refusal() = refusal.value_or(UnknownRefusal());
                               } else {
                                 answer->set_later(true);
                               }
                               answered();
                             }});
    }
  });
  return reactor;
}

grpc::ServerUnaryReactor* RoutingService::CompareDeliveries(
    Context* context,
    const v1::CompareDeliveriesRequest* request,
    v1::CompareDeliveriesResponse* response) {
  auto* reactor = context->DefaultReactor();
  auto admitted = host_.Admit(*context, *request);
  if (auto* status = std::get_if<grpc::Status>(&admitted); status != nullptr) {
    reactor->Finish(std::move(*status));
    return reactor;
  }
  const auto asking = std::get<domain::Principal>(std::move(admitted));
  if (asking.service != "routing") {
    reactor->Finish(host_.Forbidden());
    return reactor;
  }
  host_.writer().Post([this, reactor, request, response, node = asking.node] {
    comparer_.Answer(node, *request, [this, reactor, response](auto answer) {
      if (auto* found = std::get_if<v1::CompareDeliveriesResponse>(&answer)) {
        *response = std::move(*found);
        return reactor->Finish(grpc::Status::OK);
      }
      const auto* reason = std::get_if<Reason>(&answer);
      reactor->Finish(reason != nullptr
                          ? host_.StatusOf(engine::Rejected{static_cast<int>(*reason), {}, {}})
                          : host_.StatusOf(engine::Refused{engine::Refusal::kDraining, {}}));
    });
  });
  return reactor;
}

}  // namespace shangda::routing
