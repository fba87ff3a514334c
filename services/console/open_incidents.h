// The incidents of all three services, read and shown together: for `incident list` and for the first lines of
// `status`.
#pragma once

#include <string>

#include "services/console/incidents.h"
#include "services/console/session.h"
#include "shangda/console/v1/output.pb.h"
#include "shangda/incident/v1/incident.grpc.pb.h"

namespace shangda::console {

// The incidents of a service, or why there is no answer.
v1::Incidents::Service ReadIncidents(Session& session, Server server, bool unresolved);

// Open ones of all services first. A service that did not answer is said behind them.
std::string ShowIncidents(Session& session, const v1::Incidents& incidents);

// Names for people from the entries of the service that answered last.
IncidentReader IncidentReaderOf(Session& session);

}  // namespace shangda::console
