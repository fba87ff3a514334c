#include "common/domain/series.h"

#include <algorithm>
#include <charconv>

#include "common/domain/names.h"

namespace shangda::domain {

std::string SeriesName(std::string_view committee,
                       std::string_view collection,
                       std::string_view period) {
  std::string id(collection);
  id.append("-").append(period);
  return EntryName(committee, "series", id);
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
  std::string name = SeriesName(committee, collection, period);
  log::v1::Series series = state.Find<log::v1::Series>(name).value_or(log::v1::Series());
  series.set_last(std::max<uint64_t>(series.last(), number));
  state.Put(name, series);
}

void NameDrawn(State& state, std::string_view name) {
  std::string_view tail = LastPart(name);
  std::string_view period = tail.substr(0, tail.find('-'));
  std::string_view digits = tail.substr(tail.find('-') + 1);
  uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  NumberDrawn(state, CommitteeOf(name), CollectionOf(name), period, number);
}

}  // namespace shangda::domain
