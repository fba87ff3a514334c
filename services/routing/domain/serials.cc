#include "services/routing/domain/serials.h"

#include <algorithm>

#include "common/domain/names.h"
#include "common/office/office.h"

namespace shangda::routing {
namespace {

constexpr std::string_view kAll = "all";

bool IsSerialId(std::string_view id) {
  return id.size() >= 2 && id.size() <= 12 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

std::optional<office::v1::Serial> UsableSerial(const domain::State& state,
                                               std::string_view committee,
                                               std::string_view id,
                                               std::string_view date) {
  if (!IsSerialId(id)) return std::nullopt;
  return office::SerialOn(state, committee, id, date);
}

std::string SeriesOf(std::string_view serial) {
  return "issues." + std::string(serial);
}

std::string IssueName(std::string_view committee,
                      std::string_view serial,
                      std::string_view period,
                      uint64_t number) {
  std::string id(serial);
  if (period != kAll) id.append("-").append(period);
  return domain::EntryName(committee, "issues", id + "-" + std::to_string(number));
}

std::string PeriodOf(std::string_view issue_name) {
  const std::string_view id = domain::LastPart(issue_name);
  const size_t first = id.find('-');
  const size_t last = id.rfind('-');
  return std::string(first == last ? kAll : id.substr(first + 1, last - first - 1));
}

}  // namespace shangda::routing
