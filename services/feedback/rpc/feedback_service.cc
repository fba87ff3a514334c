#include "services/feedback/rpc/feedback_service.h"

#include <string>
#include <utility>
#include <variant>

#include "common/domain/names.h"
#include "common/rpc/log_service.h"

namespace shangda::feedback {

rpc::WatchReactor* FeedbackService::WatchStatus(Context* context, const grpc::ByteBuffer* bytes) {
  v1::WatchStatusRequest request;
  if (!rpc::ParseRequest(*bytes, &request)) return rpc::RefuseMalformed();
  log::v1::WatchFilter filter;
  filter.add_committees(std::string(domain::CommitteeOf(request.parent())));
  filter.add_kinds("status_changed");
  return rpc::StartWatch(host_, hub_, context, request, request.after(), std::move(filter));
}

grpc::ServerUnaryReactor* FeedbackService::CompareOutcomes(
    Context* context,
    const v1::CompareOutcomesRequest* request,
    v1::CompareOutcomesResponse* response) {
  auto* reactor = context->DefaultReactor();
  auto admitted = host_.Admit(*context, *request);
  if (auto* status = std::get_if<grpc::Status>(&admitted); status != nullptr) {
    reactor->Finish(std::move(*status));
    return reactor;
  }
  const auto asking = std::get<domain::Principal>(std::move(admitted));
  if (asking.service != "feedback") {
    reactor->Finish(host_.Forbidden());
    return reactor;
  }
  host_.writer().Post([this, reactor, request, response, node = asking.node] {
    comparer_.Answer(node, *request, [this, reactor, response](auto answer) {
      if (auto* found = std::get_if<v1::CompareOutcomesResponse>(&answer)) {
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

}  // namespace shangda::feedback
