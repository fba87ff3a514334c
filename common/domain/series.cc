#include "common/domain/series.h"

#include <algorithm>
#include <charconv>

#include "common/domain/dates.h"
#include "common/domain/names.h"

namespace shangda::domain {
namespace {

constexpr int32_t kYearEndDays = 7;

// 0: the period is no year.
uint32_t AsYear(std::string_view period) {
  constexpr size_t kYearDigits = 4;
  uint32_t year = 0;
  const char* const end = period.data() + period.size();
  const auto [stop, error] = std::from_chars(period.data(), end, year);
  return period.size() == kYearDigits && error == std::errc() && stop == end ? year : 0;
}

template <class Change>
void ChangeSeries(State& state,
                  std::string_view committee,
                  std::string_view collection,
                  std::string_view period,
                  Change change) {
  const std::string name = SeriesName(committee, collection, period);
  log::v1::Series series = state.Find<log::v1::Series>(name).value_or(log::v1::Series());
  change(series);
  state.Put(name, series);
}

}  // namespace

std::string SeriesName(std::string_view committee,
                       std::string_view collection,
                       std::string_view period) {
  std::string id(collection);
  id.append("-").append(period);
  return EntryName(committee, "series", id);
}

bool IsHeld(const State& state,
            std::string_view committee,
            std::string_view collection,
            std::string_view period) {
  const auto hold = state.Find<log::v1::NumberingHold>(kNumberingHoldName);
  if (!hold.has_value()) return false;
  const auto series = state.Find<log::v1::Series>(SeriesName(committee, collection, period));
  // A neighbour that could not be reached when the series was resumed has seen more than the clerk knew.
  if (series.has_value() && series->seen().last() > series->last()) return true;
  if (AsYear(period) > hold->year()) return false;
  return !series.has_value() || series->resumed_epoch() != hold->epoch();
}

uint64_t NextNumber(const State& state,
                    std::string_view committee,
                    std::string_view collection,
                    std::string_view period,
                    uint64_t offset) {
  auto series = state.Find<log::v1::Series>(SeriesName(committee, collection, period));
  return (series.has_value() ? series->last() : 0) + 1 + offset;
}

void NumberDrawn(State& state,
                 std::string_view committee,
                 std::string_view collection,
                 std::string_view period,
                 uint64_t number) {
  ChangeSeries(state, committee, collection, period, [&](log::v1::Series& series) {
    series.set_last(std::max<uint64_t>(series.last(), number));
  });
}

void NameDrawn(State& state, std::string_view name) {
  std::string_view tail = LastPart(name);
  std::string_view period = tail.substr(0, tail.find('-'));
  std::string_view digits = tail.substr(tail.find('-') + 1);
  uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  NumberDrawn(state, CommitteeOf(name), CollectionOf(name), period, number);
}

void EpochStarted(State& state,
                  const log::v1::EventHeader& header,
                  const log::v1::EpochStarted& event) {
  log::v1::NumberingHold hold;
  hold.set_epoch(event.epoch());
  if (IsDate(event.on())) {
    const uint32_t year = YearOf(event.on());
    const int32_t left = DaysBetween(event.on(), std::to_string(year) + "-12-31");
    // What is restored in the last days of a year may be put to use in the next.
    hold.set_year(left < kYearEndDays ? year + 1 : year);
  }
  *hold.mutable_since() = header.time();
  state.Put(kNumberingHoldName, hold);
}

void NumbersVoided(State& state, std::string_view committee, const log::v1::NumbersVoided& event) {
  ChangeSeries(state, committee, event.collection(), event.period(),
               [&](log::v1::Series& series) { *series.add_voids() = event.numbers(); });
}

void NumberingResumed(State& state,
                      std::string_view committee,
                      const log::v1::NumberingResumed& event) {
  ChangeSeries(state, committee, event.collection(), event.period(), [&](log::v1::Series& series) {
    series.set_last(event.last());
    series.set_resumed_epoch(event.epoch());
  });
}

void NumbersReported(State& state,
                     std::string_view committee,
                     const log::v1::NumbersReported& event) {
  ChangeSeries(state, committee, event.collection(), event.period(),
               [&](log::v1::Series& series) { *series.mutable_seen() = event.seen(); });
}

}  // namespace shangda::domain
