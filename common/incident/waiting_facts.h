// The facts that wait, as a source of the overseer's and as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/domain/principal.h"
#include "common/engine/engine.h"
#include "common/incident/condition.h"
#include "common/kv/store.h"
#include "shangda/incident/v1/incident.pb.h"

namespace shangda::incident {

// What waits too long: for names since before `waits_since_micros` (the service's clock); or, since whenever, what is
// not understood (reason KIND_NOT_KNOWN) or cannot be taken (NOT_TAKEN). One condition for each followed log and
// committee. Looks at the first 10,000 facts that wait.
std::vector<Condition> WaitingFacts(const engine::Engine& engine,
                                    bool not_understood,
                                    int64_t waits_since_micros);

// The facts that an incident is about, in the order in which they came, at most `limit`. None if it is about none.
std::vector<v1::Incident::WaitingFact> FactsOf(const kv::View& view,
                                               const v1::Incident& incident,
                                               size_t limit);

// Has the facts of this log taken up again that are (not) understood.
void RetryWaitingFacts(engine::Engine& engine,
                       const domain::Principal& self,
                       const std::string& upstream,
                       bool not_understood);

}  // namespace shangda::incident
