// shangda.link.v1.LinkService, the same in every process that has lines to other nodes.
#pragma once

#include <functional>

#include "common/link/comparisons.h"
#include "common/rpc/host.h"
#include "shangda/link/v1/link.grpc.pb.h"

namespace shangda::rpc {

class LinkService final : public link::v1::LinkService::CallbackService {
 public:
  // The comparisons live on the host's writer loop. `complete` adds to a link what only the service knows.
  LinkService(Host& host,
              link::Comparisons& comparisons,
              std::function<void(link::v1::Link&)> complete = nullptr)
      : host_(host), comparisons_(comparisons), complete_(std::move(complete)) {}

  grpc::ServerUnaryReactor* VerifyLinks(grpc::CallbackServerContext* context,
                                        const link::v1::VerifyLinksRequest* request,
                                        link::v1::VerifyLinksResponse* response) override;

 private:
  Host& host_;
  link::Comparisons& comparisons_;
  const std::function<void(link::v1::Link&)> complete_;
};

}  // namespace shangda::rpc
