// shangda.numbering.v1.NumberingService, the same in every process.
#pragma once

#include "common/rpc/host.h"
#include "shangda/numbering/v1/numbering.grpc.pb.h"

namespace shangda::rpc {

class NumberingService final : public numbering::v1::NumberingService::CallbackService {
 public:
  explicit NumberingService(Host& host) : host_(host) {}

  grpc::ServerUnaryReactor* ListSeries(grpc::CallbackServerContext* context,
                                       const numbering::v1::ListSeriesRequest* request,
                                       numbering::v1::ListSeriesResponse* response) override;
  grpc::ServerUnaryReactor* ResumeNumbering(grpc::CallbackServerContext* context,
                                            const numbering::v1::ResumeNumberingRequest* request,
                                            log::v1::Committed* response) override;

 private:
  Host& host_;
};

}  // namespace shangda::rpc
