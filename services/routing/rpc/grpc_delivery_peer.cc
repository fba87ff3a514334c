#include "services/routing/rpc/grpc_delivery_peer.h"

#include <chrono>
#include <utility>

#include "common/rpc/grpc_peer.h"

namespace shangda::routing {
namespace {

constexpr auto kDeliverTimeout = std::chrono::seconds(60);

}  // namespace

GrpcDeliveryPeer::GrpcDeliveryPeer(const std::shared_ptr<grpc::Channel>& channel,
                                   engine::Loop& loop)
    : stub_(v1::RoutingService::NewStub(channel)), loop_(loop) {}

void GrpcDeliveryPeer::Deliver(
    const v1::DeliverDispatchesRequest& request,
    std::function<void(absl::StatusOr<v1::DeliverDispatchesResponse>)> done) {
  struct Call {
    grpc::ClientContext context;
    v1::DeliverDispatchesRequest request;
    v1::DeliverDispatchesResponse response;
  };
  auto call = std::make_shared<Call>();
  call->request = request;
  // Waiting for the connection is how the call begins at once when the peer is back.
  call->context.set_wait_for_ready(true);
  call->context.set_deadline(std::chrono::system_clock::now() + kDeliverTimeout);
  stub_->async()->DeliverDispatches(&call->context, &call->request, &call->response,
                                    [this, call, done = std::move(done)](grpc::Status status) {
                                      loop_.Post([call, done, status] {
                                        if (status.ok()) {
                                          done(std::move(call->response));
                                        } else {
                                          done(rpc::ToAbsl(status));
                                        }
                                      });
                                    });
}

}  // namespace shangda::routing
