#include "services/intake/rpc/intake_service.h"

#include "services/intake/domain/reads.h"

namespace shangda::intake {

grpc::ServerUnaryReactor* IntakeService::GetReport(grpc::CallbackServerContext* context,
                                                   const v1::GetReportRequest* request,
                                                   v1::Report* response) {
  return host_.Read(context, *request, response,
                    [](const rpc::ReadContext& in, const v1::GetReportRequest& asked) {
                      return ReadReport(in.state, in.principal, asked, in.today, in.epoch);
                    });
}

grpc::ServerUnaryReactor* IntakeService::ListReports(grpc::CallbackServerContext* context,
                                                     const v1::ListReportsRequest* request,
                                                     v1::ListReportsResponse* response) {
  return host_.Read(context, *request, response,
                    [](const rpc::ReadContext& in, const v1::ListReportsRequest& asked) {
                      return intake::ListReports(in.state, in.principal, asked, in.today, in.epoch);
                    });
}

grpc::ServerUnaryReactor* IntakeService::SubmitReport(grpc::CallbackServerContext* context,
                                                      const v1::SubmitReportRequest* request,
                                                      log::v1::Committed* response) {
  return host_.Mutate(context, *request, response);
}

grpc::ServerUnaryReactor* IntakeService::EnterReport(grpc::CallbackServerContext* context,
                                                     const v1::EnterReportRequest* request,
                                                     log::v1::Committed* response) {
  return host_.Mutate(context, *request, response);
}

grpc::ServerUnaryReactor* IntakeService::EnterReports(grpc::CallbackServerContext* context,
                                                      const v1::EnterReportsRequest* request,
                                                      log::v1::BulkResponse* response) {
  return host_.MutateEach(context, *request, response);
}

grpc::ServerUnaryReactor* IntakeService::RegisterReport(grpc::CallbackServerContext* context,
                                                        const v1::RegisterReportRequest* request,
                                                        log::v1::Committed* response) {
  return host_.Mutate(context, *request, response);
}

grpc::ServerUnaryReactor* IntakeService::RegisterReports(grpc::CallbackServerContext* context,
                                                         const v1::RegisterReportsRequest* request,
                                                         log::v1::BulkResponse* response) {
  return host_.MutateEach(context, *request, response);
}

grpc::ServerUnaryReactor* IntakeService::ReturnReport(grpc::CallbackServerContext* context,
                                                      const v1::ReturnReportRequest* request,
                                                      log::v1::Committed* response) {
  return host_.Mutate(context, *request, response);
}

grpc::ServerUnaryReactor* IntakeService::ResubmitReport(grpc::CallbackServerContext* context,
                                                        const v1::ResubmitReportRequest* request,
                                                        log::v1::Committed* response) {
  return host_.Mutate(context, *request, response);
}

grpc::ServerUnaryReactor* IntakeService::DeclineReport(grpc::CallbackServerContext* context,
                                                       const v1::DeclineReportRequest* request,
                                                       log::v1::Committed* response) {
  return host_.Mutate(context, *request, response);
}

grpc::ServerUnaryReactor* IntakeService::ShelveReport(grpc::CallbackServerContext* context,
                                                      const v1::ShelveReportRequest* request,
                                                      log::v1::Committed* response) {
  return host_.Mutate(context, *request, response);
}

grpc::ServerUnaryReactor* IntakeService::TakeUpReport(grpc::CallbackServerContext* context,
                                                      const v1::TakeUpReportRequest* request,
                                                      log::v1::Committed* response) {
  return host_.Mutate(context, *request, response);
}

grpc::ServerUnaryReactor* IntakeService::WithdrawReport(grpc::CallbackServerContext* context,
                                                        const v1::WithdrawReportRequest* request,
                                                        log::v1::Committed* response) {
  return host_.Mutate(context, *request, response);
}

}  // namespace shangda::intake
