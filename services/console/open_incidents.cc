#include "services/console/open_incidents.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "common/domain/names.h"

namespace shangda::console {
namespace {

using Incidents = incident::v1::IncidentService::Stub;
using incident::v1::Incident;

// node id → the committees that it hosts.
using Hosts = std::map<std::string, std::vector<std::string>>;

Hosts ReadHosts(Session& session) {
  office::v1::ListEntriesRequest request;
  request.set_parent("network/nodes");
  request.set_page_size(1'000);
  Hosts hosts;
  do {
    absl::StatusOr<office::v1::ListEntriesResponse> page = session.client().CallAt(
        session.answered_by(), &office::v1::OfficeService::Stub::ListEntries, request);
    // Names are a comfort: without them ids are read.
    if (!page.ok()) break;
    for (const office::v1::Entry& entry : page->entries()) {
      hosts[entry.node().id()].assign(entry.node().hosts().begin(), entry.node().hosts().end());
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return hosts;
}

}  // namespace

v1::Incidents::Service ReadIncidents(Session& session, Server server, bool unresolved) {
  v1::Incidents::Service service;
  service.set_service(NameOf(server));
  incident::v1::ListIncidentsRequest request;
  request.set_unresolved(unresolved);
  absl::StatusOr<incident::v1::ListIncidentsResponse> list =
      session.ReadAllAt(server, &Incidents::ListIncidents, request);
  if (list.ok()) {
    *service.mutable_incidents() = std::move(*list->mutable_incidents());
    *service.mutable_position() = list->position();
  } else {
    *service.mutable_error() = ToFailure(list.status()).error();
  }
  return service;
}

std::string ShowIncidents(Session& session, const v1::Incidents& incidents) {
  std::vector<std::pair<Server, const Incident*>> all;
  size_t unresolved = 0;
  std::string silent;
  for (const v1::Incidents::Service& service : incidents.services()) {
    if (service.has_error()) {
      silent +=
          service.service() + " 没有应答,它的告警没有列出:" + service.error().message() + "\n";
      continue;
    }
    for (const Incident& incident : service.incidents()) {
      all.emplace_back(ServerNamed(service.service()).value_or(Server::kIntake), &incident);
      if (incident.state() != Incident::STATE_RESOLVED) ++unresolved;
    }
    session.AnsweredBy(ServerNamed(service.service()).value_or(Server::kIntake));
  }
  // Of one state they stay as their services listed them.
  std::ranges::stable_sort(all, {}, [](const auto& one) { return one.second->state(); });
  std::string text;
  if (unresolved > 0) {
    text += "有 " + std::to_string(unresolved) + " 条告警没有解除:\n";
  } else if (silent.empty()) {
    text += "没有未解除的告警。\n";
  }
  const IncidentReader reader = all.empty() ? IncidentReader() : IncidentReaderOf(session);
  for (const auto& [server, incident] : all) text += Show(*incident, server, reader);
  return text + silent;
}

IncidentReader IncidentReaderOf(Session& session) {
  auto hosts = std::make_shared<std::optional<Hosts>>();
  return {.reader = session.reader(), .node = [&session, hosts](const std::string& id) {
            if (!hosts->has_value()) *hosts = ReadHosts(session);
            auto node = (*hosts)->find(id);
            if (node == (*hosts)->end() || node->second.empty()) return "节点 " + id + " ";
            const std::string title = session.Title("committees", node->second.front());
            if (title.empty()) return "节点 " + id + " ";
            const size_t more = node->second.size() - 1;
            return title + (more == 0 ? "" : "等 " + std::to_string(more + 1) + " 家") + "(节点 " +
                   id + ")";
          }};
}

}  // namespace shangda::console
