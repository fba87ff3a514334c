#include "services/feedback/rpc/grpc_outcome_peer.h"

#include <utility>

#include "common/rpc/unary_call.h"

namespace shangda::feedback {
namespace {

// Whoever asks how the lines stand does not wait for a body that is away.
constexpr rpc::UnaryOptions kCompare{.timeout = std::chrono::seconds(10)};

}  // namespace

GrpcOutcomePeer::GrpcOutcomePeer(const std::shared_ptr<grpc::Channel>& channel, engine::Loop& loop)
    : stub_(v1::FeedbackService::NewStub(channel)), loop_(loop) {}

void GrpcOutcomePeer::Compare(
    const v1::CompareOutcomesRequest& request,
    std::function<void(absl::StatusOr<v1::CompareOutcomesResponse>)> done) {
  rpc::CallUnary<v1::CompareOutcomesRequest, v1::CompareOutcomesResponse>(
      calls_, loop_, kCompare, request,
      [this](auto... call) { stub_->async()->CompareOutcomes(std::move(call)...); },
      std::move(done));
}

}  // namespace shangda::feedback
