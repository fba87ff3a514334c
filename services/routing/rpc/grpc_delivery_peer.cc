#include "services/routing/rpc/grpc_delivery_peer.h"

#include <utility>

#include "common/rpc/unary_call.h"

namespace shangda::routing {
namespace {

constexpr rpc::UnaryOptions kDeliver{.timeout = std::chrono::seconds(60), .wait_for_ready = true};
// Whoever asks how the lines stand does not wait for a body that is away.
constexpr rpc::UnaryOptions kCompare{.timeout = std::chrono::seconds(10)};

}  // namespace

GrpcDeliveryPeer::GrpcDeliveryPeer(const std::shared_ptr<grpc::Channel>& channel,
                                   engine::Loop& loop)
    : stub_(v1::RoutingService::NewStub(channel)), loop_(loop) {}

void GrpcDeliveryPeer::Deliver(
    const v1::DeliverDispatchesRequest& request,
    std::function<void(absl::StatusOr<v1::DeliverDispatchesResponse>)> done) {
  rpc::CallUnary<v1::DeliverDispatchesRequest, v1::DeliverDispatchesResponse>(
      calls_, loop_, kDeliver, request,
      [this](auto... call) { stub_->async()->DeliverDispatches(std::move(call)...); },
      std::move(done));
}

void GrpcDeliveryPeer::Compare(
    const v1::CompareDeliveriesRequest& request,
    std::function<void(absl::StatusOr<v1::CompareDeliveriesResponse>)> done) {
  rpc::CallUnary<v1::CompareDeliveriesRequest, v1::CompareDeliveriesResponse>(
      calls_, loop_, kCompare, request,
      [this](auto... call) { stub_->async()->CompareDeliveries(std::move(call)...); },
      std::move(done));
}

}  // namespace shangda::routing
