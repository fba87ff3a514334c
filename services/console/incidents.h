// Incidents as people read them: what does not work, why, since when, who looks after it, and the command that helps.
//
// An incident is named by its service and id, `routing/57`: each service counts its own.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "services/console/connection.h"
#include "services/console/print.h"
#include "shangda/incident/v1/incident.pb.h"

namespace shangda::console {

// Whose incident, and which.
struct IncidentName {
  Server server;
  // `incidents/57`.
  std::string name;
};

// Of `routing/57` or `routing/incidents/57`; anything else is a usage error with a sentence.
absl::StatusOr<IncidentName> ParseIncidentName(std::string_view typed);

// `routing/57`.
std::string IncidentId(Server server, std::string_view name);

// The reader, and what a node of the network is called, e.g. 福州市政协(节点 n350100).
struct IncidentReader {
  Reader reader;
  std::function<std::string(const std::string& id)> node;
};

// A few lines: headline, why, since when, who, and what to do.
std::string Show(const incident::v1::Incident& incident,
                 Server server,
                 const IncidentReader& reader);

// The facts that an incident is about, each with the command that lets go of it.
std::string ShowFacts(const incident::v1::Incident& incident,
                      Server server,
                      const IncidentReader& reader);

// Facts that were dropped, a few lines each.
std::string Show(const incident::v1::DroppedFact& fact,
                 Server server,
                 const IncidentReader& reader);

}  // namespace shangda::console
