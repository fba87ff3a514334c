#include "common/rpc/link_service.h"

#include <string>
#include <utility>
#include <variant>

#include "common/domain/names.h"

namespace shangda::rpc {

grpc::ServerUnaryReactor* LinkService::VerifyLinks(grpc::CallbackServerContext* context,
                                                   const link::v1::VerifyLinksRequest* request,
                                                   link::v1::VerifyLinksResponse* response) {
  auto* reactor = context->DefaultReactor();
  auto admitted = host_.Admit(*context, *request);
  if (auto* status = std::get_if<grpc::Status>(&admitted); status != nullptr) {
    reactor->Finish(std::move(*status));
    return reactor;
  }
  const std::string committee(domain::CommitteeOf(request->parent()));
  host_.writer().Post([this, reactor, response, committee, compare = request->compare()] {
    auto answer = [this, reactor, response, committee] {
      for (link::v1::Link link : comparisons_.Links(committee)) {
        if (complete_) complete_(link);
        *response->add_links() = std::move(link);
      }
      reactor->Finish(grpc::Status::OK);
    };
    if (compare) {
      comparisons_.CompareNow(committee, std::move(answer));
    } else {
      answer();
    }
  });
  return reactor;
}

}  // namespace shangda::rpc
