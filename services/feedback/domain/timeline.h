// 「我的话怎么样了」: what became of a report, a paper or a dispatch, level by level. A pure
// function of one view of the store; the rpc layer waits for the view and says the position at
// which it was taken.
#pragma once

#include <string_view>
#include <variant>

#include "common/domain/principal.h"
#include "common/domain/state.h"
#include "services/feedback/domain/rejection.h"

namespace shangda::feedback {

// Without the position. Days of silence are counted to `today`.
std::variant<v1::Timeline, Reason> ReadTimeline(const domain::State& view,
                                                const domain::Principal& principal,
                                                const v1::GetTimelineRequest& request,
                                                std::string_view today);

// Every dispatch of the report but copies and those that were given up, and at least one, has a
// disposition; or the office closed it; and its reporter was informed of all that happened.
bool IsAnswered(const domain::State& view, const v1::ReportTrack& report);

}  // namespace shangda::feedback
