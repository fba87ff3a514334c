// What intake's reads answer: functions of one view of the store. The rpc layer waits for the view
// and says the position at which it was taken.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "common/domain/principal.h"
#include "common/domain/state.h"
#include "services/intake/domain/rejection.h"
#include "shangda/intake/v1/intake.pb.h"

namespace shangda::intake {

// A page ends early rather than grow beyond this by more than one report: messages have a limit of
// 4 MiB.
inline constexpr size_t kMaxPageBytes = 1 << 20;
// What page_size 0 means.
inline constexpr int kDefaultPageSize = 100;

// The report with the texts that the principal may see. What it says is there as bytes, a field that the message does
// not know: whoever receives it reads it as `text`. `epoch` is the log's, for the etag.
std::variant<v1::Report, Reason> ReadReport(const domain::State& view,
                                            const domain::Principal& principal,
                                            const v1::GetReportRequest& request,
                                            std::string_view today,
                                            uint32_t epoch);

// A page of them in order of number, without the position. The token is what stands behind the last
// slash of the last report's name, so pages neither repeat nor skip a report that keeps its place
// in the list.
std::variant<v1::ListReportsResponse, Reason> ListReports(const domain::State& view,
                                                          const domain::Principal& principal,
                                                          const v1::ListReportsRequest& request,
                                                          std::string_view today,
                                                          uint32_t epoch);

}  // namespace shangda::intake
