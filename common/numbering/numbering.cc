#include "common/numbering/numbering.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "common/domain/dates.h"
#include "common/office/office.h"
#include "shangda/api/v1/annotations.pb.h"

namespace shangda::numbering {
namespace {

constexpr std::string_view kSerialPrefix = "issues.";
// What six digits hold.
constexpr uint64_t kNumberMax = 999'999;
// No office loses more than this between two backups: what is above it is a slip of the pen.
constexpr uint64_t kSkipMax = 10'000;

// Who knows how far the numbers of a collection had gone.
struct Collection {
  std::string_view id;
  std::string_view service;
  // ROLE_UNSPECIFIED: nobody from paper; any of the three clerks decides.
  api::v1::Role clerk;
};

constexpr std::array<Collection, 8> kCollections = {{
    {"reports", "intake", api::v1::ROLE_REGISTRAR},
    {"papers", "routing", api::v1::ROLE_DISPATCHER},
    {"dispatches", "routing", api::v1::ROLE_DISPATCHER},
    {"arrivals", "routing", api::v1::ROLE_DISPATCHER},
    {"adoptions", "feedback", api::v1::ROLE_UNSPECIFIED},
    {"instructions", "feedback", api::v1::ROLE_RECORDER},
    {"tasks", "feedback", api::v1::ROLE_RECORDER},
    {"outcomes", "feedback", api::v1::ROLE_UNSPECIFIED},
}};

bool IsYear(std::string_view period) {
  return period.size() == 4 && period.front() != '0' &&
         std::all_of(period.begin(), period.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsSerialPeriod(std::string_view period) {
  if (period == "all" || period == "total" || IsYear(period)) return true;
  constexpr size_t kTermDigits = 3;
  const std::string_view term = period.substr(std::min<size_t>(period.size(), 1));
  return period.starts_with('t') && !term.empty() && term.size() <= kTermDigits &&
         term.front() != '0' &&
         std::all_of(term.begin(), term.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Its numbers stand on paper.
bool IsSerial(std::string_view collection) {
  return collection.starts_with(kSerialPrefix);
}

bool IsSerialCollection(std::string_view collection) {
  const std::string_view serial =
      collection.substr(std::min(collection.size(), kSerialPrefix.size()));
  return IsSerial(collection) && serial.size() >= 2 && serial.size() <= 12 &&
         std::all_of(serial.begin(), serial.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

// The clerk of the collection, if it is one of the service.
std::optional<api::v1::Role> ClerkOf(std::string_view collection, std::string_view service) {
  if (service == "routing" && IsSerialCollection(collection)) return api::v1::ROLE_DISPATCHER;
  for (const Collection& known : kCollections) {
    if (known.id == collection && known.service == service) return known.clerk;
  }
  return std::nullopt;
}

bool MayDecide(const domain::State& state, const domain::Command& command, api::v1::Role clerk) {
  auto holds = [&](std::initializer_list<api::v1::Role> roles) {
    return office::HoldsAny(state, command.principal, command.principal.committee, roles,
                            command.today);
  };
  if (clerk != api::v1::ROLE_UNSPECIFIED) return holds({clerk});
  return holds({api::v1::ROLE_REGISTRAR, api::v1::ROLE_DISPATCHER, api::v1::ROLE_RECORDER});
}

// The year, and the next one if its numbers are held too: they are resumed along with this year's.
std::vector<std::string> YearsOf(const domain::State& state, const std::string& today) {
  std::vector<std::string> years = {today.substr(0, 4)};
  const auto hold = state.Find<log::v1::NumberingHold>(domain::kNumberingHoldName);
  if (hold.has_value() && hold->year() > domain::YearOf(today)) {
    years.push_back(std::to_string(hold->year()));
  }
  return years;
}

// The periods of a serial in which an issue may be numbered on this day.
std::vector<std::string> PeriodsOf(const domain::State& state,
                                   std::string_view committee,
                                   const office::v1::Serial& serial,
                                   const std::string& today) {
  std::vector<std::string> periods;
  switch (serial.restart()) {
    case office::v1::Serial::RESTART_YEAR:
      periods = YearsOf(state, today);
      periods.insert(periods.begin(), std::to_string(domain::YearOf(today) - 1));
      break;
    case office::v1::Serial::RESTART_TERM:
      if (const auto term = office::TermOn(state, committee, today)) {
        periods = {"t" + std::to_string(term->number())};
      }
      break;
    default:
      periods = {"all"};
      break;
  }
  if (serial.running_total()) periods.push_back("total");
  return periods;
}

Problem InvalidField(std::string field, std::string description) {
  return {Wrong::kInvalidField, {}, {{std::move(field), std::move(description)}}};
}

}  // namespace

bool MayHaveSeen(std::string_view service,
                 const log::v1::Series& series,
                 const v1::NoteSeenRequest& request) {
  // The numbers of issues are on paper, and no line speaks of them.
  return ClerkOf(request.collection(), service).has_value() && !IsSerial(request.collection()) &&
         IsYear(request.period()) &&
         request.seen().last() <= std::min(series.last() + kSkipMax, kNumberMax - 1);
}

std::vector<std::string> OpenSeries(const domain::State& state,
                                    std::string_view service,
                                    std::string_view committee,
                                    const std::string& today) {
  const std::vector<std::string> years = YearsOf(state, today);
  std::vector<std::string> open;
  for (const Collection& known : kCollections) {
    if (known.service != service) continue;
    for (const std::string& year : years) {
      open.push_back(domain::SeriesName(committee, known.id, year));
    }
  }
  if (service != "routing") return open;
  const std::string serials = "committees/" + std::string(committee) + "/serials";
  for (const domain::IndexParts& listed : state.List("entries", {serials})) {
    const auto entry = office::FindEntry(state, listed.back());
    if (!entry.has_value()) continue;
    const std::string collection = std::string(kSerialPrefix) + entry->serial().id();
    if (!IsSerialCollection(collection)) continue;
    for (const std::string& period : PeriodsOf(state, committee, entry->serial(), today)) {
      open.push_back(domain::SeriesName(committee, collection, period));
    }
  }
  return open;
}

std::vector<std::string> HeldSeries(const domain::State& state,
                                    std::string_view service,
                                    std::string_view committee,
                                    const std::string& today) {
  const std::vector<std::string> open = OpenSeries(state, service, committee, today);
  std::vector<std::string> held;
  std::ranges::copy_if(open, std::back_inserter(held),
                       [&](const std::string& name) { return StateOf(state, name, open).held(); });
  return held;
}

v1::SeriesState StateOf(const domain::State& state,
                        const std::string& series_name,
                        const std::vector<std::string>& open) {
  const std::string_view id = domain::LastPart(series_name);
  const std::string_view collection = id.substr(0, id.find('-'));
  const std::string_view period = id.substr(std::min(collection.size() + 1, id.size()));
  const auto series = state.Find<log::v1::Series>(series_name).value_or(log::v1::Series());
  v1::SeriesState standing;
  standing.set_name(series_name);
  standing.set_collection(std::string(collection));
  standing.set_period(std::string(period));
  standing.set_last(series.last());
  standing.set_held(std::ranges::find(open, series_name) != open.end() &&
                    domain::IsHeld(state, domain::CommitteeOf(series_name), collection, period));
  standing.set_lowest(LowestLast(series));
  if (series.has_seen()) *standing.mutable_seen() = series.seen();
  *standing.mutable_voids() = series.voids();
  standing.set_on_paper(IsSerial(collection));
  return standing;
}

uint64_t LowestLast(const log::v1::Series& series) {
  return std::max<uint64_t>(series.last(), series.seen().last());
}

std::optional<Problem> CheckResume(const domain::State& state,
                                   const domain::Command& command,
                                   const v1::ResumeNumberingRequest& request,
                                   std::string_view service) {
  const auto clerk = ClerkOf(request.collection(), service);
  if (!clerk.has_value()) {
    return InvalidField("collection", "这个服务没有这种编号,请从编号清单中选择");
  }
  const bool is_serial = IsSerial(request.collection());
  if (is_serial ? !IsSerialPeriod(request.period()) : !IsYear(request.period())) {
    return InvalidField("period", "没有这样的年度或届次,请从编号清单中选择");
  }
  if (!MayDecide(state, command, *clerk)) return Problem{Wrong::kForbidden};
  const std::string_view committee = domain::CommitteeOf(request.parent());
  const std::string name = domain::SeriesName(committee, request.collection(), request.period());
  if (!domain::IsHeld(state, committee, request.collection(), request.period())) {
    return Problem{Wrong::kNotHeld, {{"series", name}}};
  }
  if (is_serial && request.basis() != log::v1::NUMBERING_BASIS_PAPER) {
    return InvalidField("basis", "刊物的期号印在纸上,请核对最后一期印到第几期,逐个刊物确认");
  }
  const uint64_t lowest = LowestLast(state.Find<log::v1::Series>(name).value_or(log::v1::Series()));
  if (request.last() < lowest) {
    return Problem{Wrong::kTooLow, {{"series", name}, {"lowest", std::to_string(lowest)}}};
  }
  if (request.last() > std::min(lowest + kSkipMax, kNumberMax - 1)) {
    return InvalidField(
        "last", "比已知的最后一号 " + std::to_string(lowest) + " 多出太多,请核对是否多写了一位");
  }
  return std::nullopt;
}

}  // namespace shangda::numbering
