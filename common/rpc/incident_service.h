// shangda.incident.v1.IncidentService, the same in every process.
#pragma once

#include <functional>

#include "common/incident/overseer.h"
#include "common/rpc/host.h"
#include "shangda/incident/v1/incident.grpc.pb.h"

namespace shangda::rpc {

class IncidentService final : public incident::v1::IncidentService::CallbackService {
 public:
  // The overseer lives on the host's writer loop.
  IncidentService(Host& host, incident::Overseer& overseer) : host_(host), overseer_(overseer) {}

  grpc::ServerUnaryReactor* GetIncident(grpc::CallbackServerContext* context,
                                        const incident::v1::GetIncidentRequest* request,
                                        incident::v1::Incident* response) override;
  grpc::ServerUnaryReactor* ListIncidents(grpc::CallbackServerContext* context,
                                          const incident::v1::ListIncidentsRequest* request,
                                          incident::v1::ListIncidentsResponse* response) override;
  grpc::ServerUnaryReactor* RetryIncident(grpc::CallbackServerContext* context,
                                          const incident::v1::RetryIncidentRequest* request,
                                          log::v1::Committed* response) override;
  grpc::ServerUnaryReactor* ResolveIncident(grpc::CallbackServerContext* context,
                                            const incident::v1::ResolveIncidentRequest* request,
                                            log::v1::Committed* response) override;
  grpc::ServerUnaryReactor* AcknowledgeIncident(
      grpc::CallbackServerContext* context,
      const incident::v1::AcknowledgeIncidentRequest* request,
      log::v1::Committed* response) override;
  grpc::ServerUnaryReactor* DropFact(grpc::CallbackServerContext* context,
                                     const incident::v1::DropFactRequest* request,
                                     log::v1::Committed* response) override;
  grpc::ServerUnaryReactor* ListDroppedFacts(
      grpc::CallbackServerContext* context,
      const incident::v1::ListDroppedFactsRequest* request,
      incident::v1::ListDroppedFactsResponse* response) override;

 private:
  using Reader = std::function<grpc::Status(
      const engine::Rows& rows, const kv::View& view, const domain::Principal& principal)>;

  // Reads on the writer's loop, where the sources can be asked; never behind what was committed.
  grpc::ServerUnaryReactor* Read(grpc::CallbackServerContext* context,
                                 const google::protobuf::Message& request,
                                 Reader read);
  grpc::Status BadPageToken() const;

  Host& host_;
  incident::Overseer& overseer_;
};

}  // namespace shangda::rpc
