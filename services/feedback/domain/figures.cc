#include "services/feedback/domain/figures.h"

#include <algorithm>
#include <set>

#include "common/domain/dates.h"
#include "common/domain/names.h"

namespace shangda::feedback {
namespace {

using Dispatch = routing::v1::Dispatch;
using Disposition = v1::DispatchTrack;

constexpr std::string_view kInAll = "all";

v1::FigureKind FigureOf(v1::DispatchTrack::Disposition disposition) {
  switch (disposition) {
    case Disposition::DISPOSITION_ADOPTED:
      return v1::FIGURE_KIND_ADOPTED;
    case Disposition::DISPOSITION_KEPT:
      return v1::FIGURE_KIND_KEPT;
    case Disposition::DISPOSITION_NOT_ADOPTED:
      return v1::FIGURE_KIND_NOT_ADOPTED;
    case Disposition::DISPOSITION_SENT_BACK:
      return v1::FIGURE_KIND_SENT_BACK;
    case Disposition::DISPOSITION_RECALLED:
      return v1::FIGURE_KIND_RECALLED;
    default:
      return v1::FIGURE_KIND_NO_WORD;
  }
}

std::vector<uint32_t> PeriodsOf(const Count& count) {
  std::vector<uint32_t> periods = {domain::MonthOf(count.on)};
  if (IsDistinct(count.figure)) periods.push_back(domain::YearOf(count.on));
  return periods;
}

// `{collection}/{figure}/{period}/{split}/{value}` under the committee.
std::string RowName(std::string_view committee,
                    std::string_view collection,
                    const v1::FigureMove& move) {
  return domain::EntryName(committee, collection,
                           std::to_string(move.figure()) + "/" + std::to_string(move.period()) +
                               "/" + std::to_string(move.split()) + "/" +
                               (move.value().empty() ? std::string(kInAll) : move.value()));
}

void AddAll(const google::protobuf::RepeatedPtrField<std::string>& from,
            google::protobuf::RepeatedPtrField<std::string>* to) {
  std::set<std::string> values(to->begin(), to->end());
  values.insert(from.begin(), from.end());
  to->Assign(values.begin(), values.end());
}

}  // namespace

std::vector<Count> CountsOf(const v1::ReportTrack& report) {
  if (report.replacement() || report.received_on().empty()) return {};
  return {{v1::FIGURE_KIND_REPORTS_RECEIVED, report.received_on()}};
}

std::vector<Count> CountsOf(const v1::DispatchTrack& dispatch) {
  bool is_out = dispatch.state() == Dispatch::STATE_DELIVERED ||
                dispatch.state() == Dispatch::STATE_HANDED_OVER;
  if (!is_out || dispatch.kind() == Dispatch::KIND_COPY) return {};
  const std::string& cohort = dispatch.handed_over_on();
  std::vector<Count> counts = {{FigureOf(dispatch.disposition()), cohort}};
  if (dispatch.disposition() != Disposition::DISPOSITION_RECALLED) {
    counts.push_back({v1::FIGURE_KIND_DISPATCHES, cohort});
    counts.push_back({v1::FIGURE_KIND_PAPERS, cohort, dispatch.paper()});
  }
  if (dispatch.disposition() == Disposition::DISPOSITION_ADOPTED) {
    counts.push_back({v1::FIGURE_KIND_PAPERS_ADOPTED, cohort, dispatch.paper()});
    counts.push_back({v1::FIGURE_KIND_ADOPTIONS_IN_PERIOD, dispatch.adopted_on()});
  }
  return counts;
}

std::vector<Count> CountsOf(const v1::Instruction& instruction) {
  if (!instruction.counts() || !instruction.own_level()) return {};
  return {
      {v1::FIGURE_KIND_INSTRUCTIONS, instruction.on()},
      {v1::FIGURE_KIND_INSTRUCTED_ITEMS, instruction.on(), ObjectKey(instruction.object())},
  };
}

std::string ObjectKey(const v1::InstructionObject& object) {
  switch (object.object_case()) {
    case v1::InstructionObject::kPaper:
      return object.paper();
    case v1::InstructionObject::kIssue:
      return object.issue();
    case v1::InstructionObject::kDispatch:
      return object.dispatch();
    case v1::InstructionObject::kExternal:
      return "external/" + std::to_string(object.external().kind()) + "/" +
             object.external().number();
    case v1::InstructionObject::OBJECT_NOT_SET:
      return {};
  }
  return {};
}

std::vector<SplitValue> SplitValuesOf(const v1::Splits& splits) {
  std::vector<SplitValue> values = {{v1::SPLIT_KIND_UNSPECIFIED, ""}};
  for (const std::string& unit : splits.units()) values.emplace_back(v1::SPLIT_KIND_UNIT, unit);
  for (const std::string& sector : splits.sectors()) {
    values.emplace_back(v1::SPLIT_KIND_SECTOR, sector);
  }
  if (!splits.category().empty()) {
    values.emplace_back(v1::SPLIT_KIND_CATEGORY, splits.category());
  }
  if (!splits.channel().empty()) values.emplace_back(v1::SPLIT_KIND_CHANNEL, splits.channel());
  return values;
}

v1::Splits UnionOf(const v1::Splits& a, const v1::Splits& b) {
  v1::Splits both = a;
  AddAll(b.units(), both.mutable_units());
  AddAll(b.sectors(), both.mutable_sectors());
  if (both.category().empty()) both.set_category(b.category());
  if (both.channel().empty()) both.set_channel(b.channel());
  return both;
}

bool IsDistinct(v1::FigureKind figure) {
  return figure == v1::FIGURE_KIND_PAPERS || figure == v1::FIGURE_KIND_PAPERS_ADOPTED ||
         figure == v1::FIGURE_KIND_INSTRUCTED_ITEMS;
}

std::string CounterName(std::string_view committee, const v1::FigureMove& move) {
  return RowName(committee, "figures", move);
}

std::string DistinctName(std::string_view committee, const v1::FigureMove& move) {
  return RowName(committee, "things", move) + "/" + move.thing();
}

void Tally::Add(std::string_view committee,
                const std::vector<Count>& counts,
                const std::vector<SplitValue>& values,
                int64_t times) {
  auto& cells = committees_[std::string(committee)];
  for (const Count& count : counts) {
    for (uint32_t period : PeriodsOf(count)) {
      for (const auto& [split, value] : values) {
        cells[{count.figure, period, split, value, count.thing}] += times;
      }
    }
  }
}

std::vector<std::pair<std::string, std::vector<v1::FigureMove>>> Tally::Moves(
    const domain::State& state) const {
  std::vector<std::pair<std::string, std::vector<v1::FigureMove>>> all;
  for (const auto& [committee, cells] : committees_) {
    // Counters by figure, period, split and value, after things were reduced to their first and
    // last contribution.
    std::map<Cell, int64_t> counters;
    std::vector<v1::FigureMove> moves;
    auto move_of = [](const Cell& cell, int64_t by) {
      v1::FigureMove move;
      move.set_figure(static_cast<v1::FigureKind>(std::get<0>(cell)));
      move.set_period(std::get<1>(cell));
      move.set_split(static_cast<v1::SplitKind>(std::get<2>(cell)));
      move.set_value(std::get<3>(cell));
      move.set_thing(std::get<4>(cell));
      move.set_by(by);
      return move;
    };
    for (const auto& [cell, by] : cells) {
      if (by == 0) continue;
      Cell counter = cell;
      std::get<4>(counter).clear();
      if (std::get<4>(cell).empty()) {
        counters[counter] += by;
        continue;
      }
      v1::FigureMove& move = moves.emplace_back(move_of(cell, by));
      auto row = state.Find<v1::Distinct>(DistinctName(committee, move));
      int64_t before = row.has_value() ? row->count() : 0;
      counters[counter] += (before + by > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
    }
    for (const auto& [cell, by] : counters) {
      if (by != 0) moves.push_back(move_of(cell, by));
    }
    if (!moves.empty()) all.emplace_back(committee, std::move(moves));
  }
  return all;
}

bool IsPublic(const v1::FigureMove& move) {
  return move.thing().empty() && move.split() != v1::SPLIT_KIND_UNIT &&
         move.split() != v1::SPLIT_KIND_SECTOR && move.split() != v1::SPLIT_KIND_LEADER;
}

std::string Percent(int64_t part, int64_t of) {
  if (of == 0) return {};
  int64_t tenths = (2'000 * part + of) / (2 * of);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "%";
}

}  // namespace shangda::feedback
