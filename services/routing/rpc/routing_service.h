// shangda.routing.v1.RoutingService over the engine and its rows.
#pragma once

#include <memory>

#include "common/rpc/host.h"
#include "services/routing/domain/reads.h"
#include "services/routing/link/comparer.h"
#include "shangda/routing/v1/routing.grpc.pb.h"

namespace shangda::routing {

// Thread-safe. The host outlives it.
class RoutingService final : public v1::RoutingService::CallbackService {
  using Context = grpc::CallbackServerContext;
  using Committed = log::v1::Committed;

 public:
  // The comparer lives on the host's writer loop.
  RoutingService(rpc::Host& host, Comparer& comparer) : host_(host), comparer_(comparer) {}

  grpc::ServerUnaryReactor* GetDeskItem(Context* context,
                                        const v1::GetDeskItemRequest* request,
                                        v1::DeskItem* response) override {
    return Answer(context, request, response, ReadDeskItem);
  }
  grpc::ServerUnaryReactor* ListDeskItems(Context* context,
                                          const v1::ListDeskItemsRequest* request,
                                          v1::ListDeskItemsResponse* response) override {
    return Answer(context, request, response, routing::ListDeskItems);
  }
  grpc::ServerUnaryReactor* SettleDeskItem(Context* context,
                                           const v1::SettleDeskItemRequest* request,
                                           Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* AskWithdrawal(Context* context,
                                          const v1::AskWithdrawalRequest* request,
                                          Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* DeclineWithdrawal(Context* context,
                                              const v1::DeclineWithdrawalRequest* request,
                                              Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* ReopenDeskItem(Context* context,
                                           const v1::ReopenDeskItemRequest* request,
                                           Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* GetPaper(Context* context,
                                     const v1::GetPaperRequest* request,
                                     v1::Paper* response) override {
    return Answer(context, request, response, ReadPaper);
  }
  grpc::ServerUnaryReactor* ListPapers(Context* context,
                                       const v1::ListPapersRequest* request,
                                       v1::ListPapersResponse* response) override {
    return Answer(context, request, response, routing::ListPapers);
  }
  grpc::ServerUnaryReactor* DraftPaper(Context* context,
                                       const v1::DraftPaperRequest* request,
                                       Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* EditPaper(Context* context,
                                      const v1::EditPaperRequest* request,
                                      Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* PutInPaper(Context* context,
                                       const v1::PutInPaperRequest* request,
                                       Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* AgreePaper(Context* context,
                                       const v1::AgreePaperRequest* request,
                                       Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* SendBackPaper(Context* context,
                                          const v1::SendBackPaperRequest* request,
                                          Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* SignOffPaper(Context* context,
                                         const v1::SignOffPaperRequest* request,
                                         Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* ReopenPaper(Context* context,
                                        const v1::ReopenPaperRequest* request,
                                        Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* GetIssue(Context* context,
                                     const v1::GetIssueRequest* request,
                                     v1::Issue* response) override {
    return Answer(context, request, response, ReadIssue);
  }
  grpc::ServerUnaryReactor* ListIssues(Context* context,
                                       const v1::ListIssuesRequest* request,
                                       v1::ListIssuesResponse* response) override {
    return Answer(context, request, response, routing::ListIssues);
  }
  grpc::ServerUnaryReactor* PublishIssue(Context* context,
                                         const v1::PublishIssueRequest* request,
                                         Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* GetDispatch(Context* context,
                                        const v1::GetDispatchRequest* request,
                                        v1::Dispatch* response) override {
    return Answer(context, request, response, ReadDispatch);
  }
  grpc::ServerUnaryReactor* ListDispatches(Context* context,
                                           const v1::ListDispatchesRequest* request,
                                           v1::ListDispatchesResponse* response) override {
    return Answer(context, request, response, routing::ListDispatches);
  }
  grpc::ServerUnaryReactor* DispatchPaper(Context* context,
                                          const v1::DispatchPaperRequest* request,
                                          Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* DispatchPapers(Context* context,
                                           const v1::DispatchPapersRequest* request,
                                           log::v1::BulkResponse* response) override {
    return host_.MutateEach(context, *request, response);
  }
  grpc::ServerUnaryReactor* HandOverDispatch(Context* context,
                                             const v1::HandOverDispatchRequest* request,
                                             Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* RetryDispatch(Context* context,
                                          const v1::RetryDispatchRequest* request,
                                          Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* CancelDispatch(Context* context,
                                           const v1::CancelDispatchRequest* request,
                                           Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* GetArrival(Context* context,
                                       const v1::GetArrivalRequest* request,
                                       v1::Arrival* response) override {
    return Answer(context, request, response, ReadArrival);
  }
  grpc::ServerUnaryReactor* ListArrivals(Context* context,
                                         const v1::ListArrivalsRequest* request,
                                         v1::ListArrivalsResponse* response) override {
    return Answer(context, request, response, routing::ListArrivals);
  }
  grpc::ServerUnaryReactor* AcknowledgeArrival(Context* context,
                                               const v1::AcknowledgeArrivalRequest* request,
                                               Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* AcknowledgeArrivals(Context* context,
                                                const v1::AcknowledgeArrivalsRequest* request,
                                                log::v1::BulkResponse* response) override {
    return host_.MutateEach(context, *request, response);
  }
  grpc::ServerUnaryReactor* DisposeArrival(Context* context,
                                           const v1::DisposeArrivalRequest* request,
                                           Committed* response) override {
    return host_.Mutate(context, *request, response);
  }
  grpc::ServerUnaryReactor* DisposeArrivals(Context* context,
                                            const v1::DisposeArrivalsRequest* request,
                                            log::v1::BulkResponse* response) override {
    return host_.MutateEach(context, *request, response);
  }
  grpc::ServerUnaryReactor* DeliverDispatches(Context* context,
                                              const v1::DeliverDispatchesRequest* request,
                                              v1::DeliverDispatchesResponse* response) override;
  grpc::ServerUnaryReactor* CompareDeliveries(Context* context,
                                              const v1::CompareDeliveriesRequest* request,
                                              v1::CompareDeliveriesResponse* response) override;

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
  Comparer& comparer_;
};

}  // namespace shangda::routing
