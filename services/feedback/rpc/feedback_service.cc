#include "services/feedback/rpc/feedback_service.h"

#include <string>
#include <utility>

#include "common/domain/names.h"
#include "common/rpc/log_service.h"

namespace shangda::feedback {

grpc::ServerWriteReactor<log::v1::WatchResponse>* FeedbackService::WatchStatus(
    Context* context, const v1::WatchStatusRequest* request) {
  log::v1::WatchFilter filter;
  filter.add_committees(std::string(domain::CommitteeOf(request->parent())));
  filter.add_kinds("status_changed");
  return rpc::StartWatch(host_, hub_, context, *request, request->after(), std::move(filter));
}

}  // namespace shangda::feedback
