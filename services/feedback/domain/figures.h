// Figures: what counts where. Pure.
//
// A row counts by what it says now: CountsOf(row) is everything that it contributes. When it
// changes, what it contributed is taken back and what it contributes is put in, so that a late
// adoption or a correction moves the month to which it belongs and nobody has to think of the
// cases.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "common/domain/state.h"
#include "shangda/feedback/v1/feedback.pb.h"

namespace shangda::feedback {

// One contribution to a figure.
struct Count {
  v1::FigureKind figure;
  // China date; figures are kept by its month.
  std::string on;
  // What is counted once in a period however often it contributes; empty: every contribution
  // counts.
  std::string thing = {};
};

std::vector<Count> CountsOf(const v1::ReportTrack& report);
std::vector<Count> CountsOf(const v1::DispatchTrack& dispatch);
// 批示 of the own level; nothing for one that does not count or is of a higher level.
std::vector<Count> CountsOf(const v1::Instruction& instruction);

// What makes the object of an instruction this one: its name, or kind and number of something
// outside.
std::string ObjectKey(const v1::InstructionObject& object);

// Where a contribution counts: once in all, and once under each value that it has.
using SplitValue = std::pair<v1::SplitKind, std::string>;
std::vector<SplitValue> SplitValuesOf(const v1::Splits& splits);

// Puts the values of both together, each once, in order.
v1::Splits UnionOf(const v1::Splits& a, const v1::Splits& b);

// The figure counts things once in a month and once in a year, so that its months cannot be added
// up.
bool IsDistinct(v1::FigureKind figure);

// Names of the rows.
std::string CounterName(std::string_view committee, const v1::FigureMove& move);
std::string DistinctName(std::string_view committee, const v1::FigureMove& move);

// Collects what one command contributes and takes back.
class Tally {
 public:
  // `times` is 1, or -1 for taking back.
  void Add(std::string_view committee,
           const std::vector<Count>& counts,
           const std::vector<SplitValue>& values,
           int64_t times);

  // What is left when all is set off, as moves of counters; for a thing, the move that says how
  // often it contributes comes beside the one that its first or last contribution makes.
  std::vector<std::pair<std::string, std::vector<v1::FigureMove>>> Moves(
      const domain::State& state) const;

 private:
  // Figure, period, split, value, thing.
  using Cell = std::tuple<int, uint32_t, int, std::string, std::string>;
  std::map<std::string, std::map<Cell, int64_t>, std::less<>> committees_;
};

// May be shown on a dashboard: no units, sectors, leaders or things.
bool IsPublic(const v1::FigureMove& move);

// Share in percent with one decimal, half up: 149 of 167 is "89.2%". Empty if `of` is 0.
std::string Percent(int64_t part, int64_t of);

}  // namespace shangda::feedback
