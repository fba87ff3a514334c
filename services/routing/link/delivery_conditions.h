// What does not get delivered, as a source of the overseer's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/domain/state.h"
#include "common/incident/condition.h"
#include "services/routing/link/deliverer.h"

namespace shangda::routing {

// One condition for each committee that sends, and
//   nodes/{id}                 that takes nothing since before `failing_since_micros` (the deliverer's clock);
//   committees/{code}          that refused dispatches: REFUSED_FOR_A_PERSON, or REFUSED_FOR_A_FILE or REFUSED_FOR_NOW,
//                              which are tried again by themselves;
//   network/committees/{code}  to which dispatches are owed and which no node of the network file hosts;
//   capsules                   of dispatches whose content was destroyed.
// Also a daily retry of refused ones that could not be done. `hosted` are the node's committees.
std::vector<incident::Condition> DeliveryConditions(const domain::State& state,
                                                    const Deliverer& deliverer,
                                                    const std::vector<std::string>& hosted,
                                                    const std::string& today,
                                                    int64_t failing_since_micros);

}  // namespace shangda::routing
