#include "common/rpc/incident_service.h"

#include <utility>
#include <variant>

#include "common/incident/incident.h"
#include "common/incident/waiting_facts.h"

namespace shangda::rpc {
namespace {

namespace pb = incident::v1;

constexpr size_t kFactsShownMax = 100;

}  // namespace

grpc::ServerUnaryReactor* IncidentService::Read(grpc::CallbackServerContext* context,
                                                const google::protobuf::Message& request,
                                                Reader read) {
  auto* reactor = context->DefaultReactor();
  auto admitted = host_.Admit(*context, request);
  if (auto* status = std::get_if<grpc::Status>(&admitted); status != nullptr) {
    reactor->Finish(std::move(*status));
    return reactor;
  }
  host_.writer().Post([this, reactor, read = std::move(read),
                       principal = std::get<domain::Principal>(std::move(admitted))] {
    auto view = host_.engine().store().Read();
    engine::Overlay overlay(*view);
    const engine::Rows rows(host_.engine().machine(), overlay);
    grpc::Status answered = read(rows, *view, principal);
    reactor->Finish(overlay.status().ok() ? std::move(answered) : host_.NotRead(overlay.status()));
  });
  return reactor;
}

grpc::Status IncidentService::BadPageToken() const {
  return MakeStatus(host_.options().service, {.code = grpc::StatusCode::INVALID_ARGUMENT,
                                              .reason = "INVALID_PAGE_TOKEN",
                                              .sentence = "翻页标记无效,请从第一页重新读取。"});
}

grpc::ServerUnaryReactor* IncidentService::GetIncident(grpc::CallbackServerContext* context,
                                                       const pb::GetIncidentRequest* request,
                                                       pb::Incident* response) {
  return Read(context, *request,
              [this, request, response](const engine::Rows& rows, const kv::View& view,
                                        const domain::Principal& principal) {
                auto found =
                    incident::Get(rows, principal, host_.engine().epoch(), request->name());
                if (!found.has_value()) {
                  return host_.StatusOf(
                      engine::Rejected{static_cast<int>(incident::Reason::kNotFound), {}, {}});
                }
                overseer_.Join(&*found);
                if (found->state() != pb::Incident::STATE_RESOLVED) {
                  for (auto& fact : incident::FactsOf(view, *found, kFactsShownMax)) {
                    *found->add_facts() = std::move(fact);
                  }
                }
                *response = *std::move(found);
                return grpc::Status::OK;
              });
}

grpc::ServerUnaryReactor* IncidentService::ListIncidents(grpc::CallbackServerContext* context,
                                                         const pb::ListIncidentsRequest* request,
                                                         pb::ListIncidentsResponse* response) {
  return Read(context, *request,
              [this, request, response](const engine::Rows& rows, const kv::View&,
                                        const domain::Principal& principal) {
                auto page = incident::List(rows, principal, host_.engine().epoch(), *request);
                if (!page.has_value()) return BadPageToken();
                overseer_.Join(page->mutable_incidents());
                *response = *std::move(page);
                *response->mutable_position() = host_.engine().PositionAt(host_.engine().head());
                return grpc::Status::OK;
              });
}

grpc::ServerUnaryReactor* IncidentService::ListDroppedFacts(
    grpc::CallbackServerContext* context,
    const pb::ListDroppedFactsRequest* request,
    pb::ListDroppedFactsResponse* response) {
  return Read(context, *request,
              [this, request, response](const engine::Rows& rows, const kv::View&,
                                        const domain::Principal& principal) {
                auto page = incident::List(rows, principal, *request);
                if (!page.has_value()) return BadPageToken();
                *response = *std::move(page);
                *response->mutable_position() = host_.engine().PositionAt(host_.engine().head());
                return grpc::Status::OK;
              });
}

grpc::ServerUnaryReactor* IncidentService::RetryIncident(grpc::CallbackServerContext* context,
                                                         const pb::RetryIncidentRequest* request,
                                                         log::v1::Committed* response) {
  return host_.Mutate(context, *request, response, [this](const log::v1::Committed& done) {
    auto view = host_.engine().store().Read();
    engine::Overlay overlay(*view);
    const engine::Rows rows(host_.engine().machine(), overlay);
    auto found = static_cast<const domain::State&>(rows).Find<pb::Incident>(done.name());
    if (found.has_value()) overseer_.Retry(*found);
  });
}

grpc::ServerUnaryReactor* IncidentService::ResolveIncident(
    grpc::CallbackServerContext* context,
    const pb::ResolveIncidentRequest* request,
    log::v1::Committed* response) {
  return host_.Mutate(context, *request, response);
}

grpc::ServerUnaryReactor* IncidentService::AcknowledgeIncident(
    grpc::CallbackServerContext* context,
    const pb::AcknowledgeIncidentRequest* request,
    log::v1::Committed* response) {
  return host_.Mutate(context, *request, response);
}

grpc::ServerUnaryReactor* IncidentService::DropFact(grpc::CallbackServerContext* context,
                                                    const pb::DropFactRequest* request,
                                                    log::v1::Committed* response) {
  return host_.Mutate(context, *request, response,
                      [this](const log::v1::Committed&) { overseer_.Look(); });
}

}  // namespace shangda::rpc
