// shangda.intake.v1.IntakeService over the engine and its rows.
#pragma once

#include "common/rpc/host.h"
#include "shangda/intake/v1/intake.grpc.pb.h"

namespace shangda::intake {

// Thread-safe. The host outlives it.
class IntakeService final : public v1::IntakeService::CallbackService {
 public:
  explicit IntakeService(rpc::Host& host) : host_(host) {}

  grpc::ServerUnaryReactor* GetReport(grpc::CallbackServerContext* context,
                                      const v1::GetReportRequest* request,
                                      v1::Report* response) override;
  grpc::ServerUnaryReactor* ListReports(grpc::CallbackServerContext* context,
                                        const v1::ListReportsRequest* request,
                                        v1::ListReportsResponse* response) override;

  grpc::ServerUnaryReactor* SubmitReport(grpc::CallbackServerContext* context,
                                         const v1::SubmitReportRequest* request,
                                         log::v1::Committed* response) override;
  grpc::ServerUnaryReactor* EnterReport(grpc::CallbackServerContext* context,
                                        const v1::EnterReportRequest* request,
                                        log::v1::Committed* response) override;
  grpc::ServerUnaryReactor* EnterReports(grpc::CallbackServerContext* context,
                                         const v1::EnterReportsRequest* request,
                                         log::v1::BulkResponse* response) override;
  grpc::ServerUnaryReactor* RegisterReport(grpc::CallbackServerContext* context,
                                           const v1::RegisterReportRequest* request,
                                           log::v1::Committed* response) override;
  grpc::ServerUnaryReactor* RegisterReports(grpc::CallbackServerContext* context,
                                            const v1::RegisterReportsRequest* request,
                                            log::v1::BulkResponse* response) override;
  grpc::ServerUnaryReactor* ReturnReport(grpc::CallbackServerContext* context,
                                         const v1::ReturnReportRequest* request,
                                         log::v1::Committed* response) override;
  grpc::ServerUnaryReactor* ResubmitReport(grpc::CallbackServerContext* context,
                                           const v1::ResubmitReportRequest* request,
                                           log::v1::Committed* response) override;
  grpc::ServerUnaryReactor* DeclineReport(grpc::CallbackServerContext* context,
                                          const v1::DeclineReportRequest* request,
                                          log::v1::Committed* response) override;
  grpc::ServerUnaryReactor* ShelveReport(grpc::CallbackServerContext* context,
                                         const v1::ShelveReportRequest* request,
                                         log::v1::Committed* response) override;
  grpc::ServerUnaryReactor* TakeUpReport(grpc::CallbackServerContext* context,
                                         const v1::TakeUpReportRequest* request,
                                         log::v1::Committed* response) override;
  grpc::ServerUnaryReactor* WithdrawReport(grpc::CallbackServerContext* context,
                                           const v1::WithdrawReportRequest* request,
                                           log::v1::Committed* response) override;

 private:
  rpc::Host& host_;
};

}  // namespace shangda::intake
