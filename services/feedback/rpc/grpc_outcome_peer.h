// The feedback service of a node above, over gRPC.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>

#include "common/engine/loop.h"
#include "common/rpc/calls.h"
#include "services/feedback/link/comparer.h"
#include "shangda/feedback/v1/feedback.grpc.pb.h"

namespace shangda::feedback {

class GrpcOutcomePeer final : public OutcomePeer {
 public:
  // Answers come on `loop`, which outlives the peer; none is posted after the peer's end.
  GrpcOutcomePeer(const std::shared_ptr<grpc::Channel>& channel, engine::Loop& loop);

  void Compare(const v1::CompareOutcomesRequest& request,
               std::function<void(absl::StatusOr<v1::CompareOutcomesResponse>)> done) override;

 private:
  const std::unique_ptr<v1::FeedbackService::Stub> stub_;
  engine::Loop& loop_;
  rpc::Calls calls_;
};

}  // namespace shangda::feedback
