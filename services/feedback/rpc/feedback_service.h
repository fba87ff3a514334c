// shangda.feedback.v1.FeedbackService over the engine and its rows.
#pragma once

#include "common/rpc/host.h"
#include "common/rpc/log_service.h"
#include "common/watch/hub.h"
#include "services/feedback/domain/read_figures.h"
#include "services/feedback/domain/reads.h"
#include "services/feedback/domain/timeline.h"
#include "services/feedback/link/comparer.h"
#include "shangda/feedback/v1/feedback.grpc.pb.h"

namespace shangda::feedback {

// Thread-safe. The host and the hub outlive it.
class FeedbackService final : public v1::FeedbackService::WithRawCallbackMethod_WatchStatus<
                                  v1::FeedbackService::CallbackService> {
  using Context = grpc::CallbackServerContext;
  using Committed = log::v1::Committed;

 public:
  // The comparer lives on the host's writer loop.
  FeedbackService(rpc::Host& host, watch::Hub& hub, Comparer& comparer)
      : host_(host), hub_(hub), comparer_(comparer) {}

  grpc::ServerUnaryReactor* GetTimeline(Context* context,
                                        const v1::GetTimelineRequest* request,
                                        v1::Timeline* response) override {
    return host_.Read(context, *request, response,
                      [](const rpc::ReadContext& in, const v1::GetTimelineRequest& asked) {
                        return ReadTimeline(in.state, in.principal, asked, in.today);
                      });
  }
  grpc::ServerUnaryReactor* GetFigures(Context* context,
                                       const v1::GetFiguresRequest* request,
                                       v1::Figures* response) override {
    return host_.Read(context, *request, response,
                      [](const rpc::ReadContext& in, const v1::GetFiguresRequest& asked) {
                        return ReadFigures(in.state, asked, in.today);
                      });
  }
  rpc::WatchReactor* WatchStatus(Context* context, const grpc::ByteBuffer* bytes) override;
  grpc::ServerUnaryReactor* RecordDisposition(Context* context,
                                              const v1::RecordDispositionRequest* request,
                                              Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* ListAdoptions(Context* context,
                                          const v1::ListAdoptionsRequest* request,
                                          v1::ListAdoptionsResponse* response) override {
    return Answer(context, request, response, feedback::ListAdoptions);
  }
  grpc::ServerUnaryReactor* GetInstruction(Context* context,
                                           const v1::GetInstructionRequest* request,
                                           v1::Instruction* response) override {
    return Answer(context, request, response, ReadInstruction);
  }
  grpc::ServerUnaryReactor* ListInstructions(Context* context,
                                             const v1::ListInstructionsRequest* request,
                                             v1::ListInstructionsResponse* response) override {
    return Answer(context, request, response, feedback::ListInstructions);
  }
  grpc::ServerUnaryReactor* RecordInstruction(Context* context,
                                              const v1::RecordInstructionRequest* request,
                                              Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* ReleaseInstruction(Context* context,
                                               const v1::ReleaseInstructionRequest* request,
                                               Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* GetTask(Context* context,
                                    const v1::GetTaskRequest* request,
                                    v1::HandlingTask* response) override {
    return Answer(context, request, response, ReadTask);
  }
  grpc::ServerUnaryReactor* ListTasks(Context* context,
                                      const v1::ListTasksRequest* request,
                                      v1::ListTasksResponse* response) override {
    return Answer(context, request, response, feedback::ListTasks);
  }
  grpc::ServerUnaryReactor* AssignTask(Context* context,
                                       const v1::AssignTaskRequest* request,
                                       Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* ReplyTask(Context* context,
                                      const v1::ReplyTaskRequest* request,
                                      Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* ReviewReply(Context* context,
                                        const v1::ReviewReplyRequest* request,
                                        Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* CloseTask(Context* context,
                                      const v1::CloseTaskRequest* request,
                                      Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* RecordInformed(Context* context,
                                           const v1::RecordInformedRequest* request,
                                           Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* ConfirmRead(Context* context,
                                        const v1::ConfirmReadRequest* request,
                                        Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* CompareOutcomes(Context* context,
                                            const v1::CompareOutcomesRequest* request,
                                            v1::CompareOutcomesResponse* response) override;
  grpc::ServerUnaryReactor* CloseReport(Context* context,
                                        const v1::CloseReportRequest* request,
                                        Committed* response) override {
    return host_.Mutate(context, *request, response);
  }

 private:
  template <class Request, class Response>
  using Read = std::variant<Response, Reason> (*)(const domain::State&,
                                                  const Reader&,
                                                  const Request&);

  template <class Request, class Response>
  grpc::ServerUnaryReactor* Answer(Context* context,
                                   const Request* request,
                                   Response* response,
                                   Read<Request, Response> read) {
    return host_.Read(context, *request, response,
                      [read](const rpc::ReadContext& in, const Request& asked) {
                        return read(in.state, {in.principal, in.today, in.epoch}, asked);
                      });
  }

  rpc::Host& host_;
  watch::Hub& hub_;
  Comparer& comparer_;
};

}  // namespace shangda::feedback
