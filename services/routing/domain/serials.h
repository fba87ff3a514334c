// Serials and their numbers: 第N期.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/domain/state.h"
#include "shangda/office/v1/office.pb.h"

namespace shangda::routing {

// The period of the counter behind 总第N期: it counts every issue of the serial.
inline constexpr std::string_view kRunningTotal = "total";

// The serial that holds on the day. One whose id is not [a-z]{2,12} could give its issues no name,
// and is none.
std::optional<office::v1::Serial> UsableSerial(const domain::State& state,
                                               std::string_view committee,
                                               std::string_view id,
                                               std::string_view date);

// The collection of a serial's counters: `issues.{serial}`.
std::string SeriesOf(std::string_view serial);

// `committees/{code}/issues/{serial}-{period}-{n}`; without the period if it is `all`.
std::string IssueName(std::string_view committee,
                      std::string_view serial,
                      std::string_view period,
                      uint64_t number);

// The period within which an issue is numbered, from its name: `2006`, `t12`, or `all`.
std::string PeriodOf(std::string_view issue_name);

}  // namespace shangda::routing
