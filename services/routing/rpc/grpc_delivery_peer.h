// The routing service of a node above, over gRPC.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>

#include "common/engine/loop.h"
#include "common/rpc/calls.h"
#include "services/routing/link/deliverer.h"
#include "shangda/routing/v1/routing.grpc.pb.h"

namespace shangda::routing {

class GrpcDeliveryPeer final : public DeliveryPeer {
 public:
  // Answers come on `loop`, which outlives the peer; none is posted after the peer's end.
  GrpcDeliveryPeer(const std::shared_ptr<grpc::Channel>& channel, engine::Loop& loop);

  void Deliver(const v1::DeliverDispatchesRequest& request,
               std::function<void(absl::StatusOr<v1::DeliverDispatchesResponse>)> done) override;
  void Compare(const v1::CompareDeliveriesRequest& request,
               std::function<void(absl::StatusOr<v1::CompareDeliveriesResponse>)> done) override;

 private:
  const std::unique_ptr<v1::RoutingService::Stub> stub_;
  engine::Loop& loop_;
  rpc::Calls calls_;
};

}  // namespace shangda::routing
