// shangda.office.v1.OfficeService, the same in every process.
#pragma once

#include "common/rpc/host.h"
#include "shangda/office/v1/office.grpc.pb.h"

namespace shangda::rpc {

class OfficeService final : public office::v1::OfficeService::CallbackService {
 public:
  explicit OfficeService(Host& host) : host_(host) {}

  grpc::ServerUnaryReactor* GetEntry(grpc::CallbackServerContext* context,
                                     const office::v1::GetEntryRequest* request,
                                     office::v1::Entry* response) override;
  grpc::ServerUnaryReactor* ListEntries(grpc::CallbackServerContext* context,
                                        const office::v1::ListEntriesRequest* request,
                                        office::v1::ListEntriesResponse* response) override;

 private:
  Host& host_;
};

}  // namespace shangda::rpc
