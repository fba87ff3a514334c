// Rows as they are read: with etag, texts and what is known elsewhere.
#pragma once

#include <cstdint>

#include "common/domain/state.h"
#include "services/routing/domain/reporter_line.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// `epoch` is the log's, for the etag; `audience` is as whom the names of reporters are read. What
// was purged stays empty.
v1::DeskItem Joined(const domain::State& view,
                    v1::DeskItem item,
                    Audience audience,
                    uint32_t epoch);
v1::Paper Joined(const domain::State& view, v1::Paper paper, Audience audience, uint32_t epoch);
v1::Issue Joined(const domain::State& view, v1::Issue issue, Audience audience, uint32_t epoch);
v1::Dispatch Joined(const domain::State& view,
                    v1::Dispatch dispatch,
                    Audience audience,
                    uint32_t epoch);
v1::Arrival Joined(const domain::State& view,
                   v1::Arrival arrival,
                   Audience audience,
                   uint32_t epoch);

}  // namespace shangda::routing
