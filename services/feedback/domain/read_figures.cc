#include "services/feedback/domain/read_figures.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "common/domain/dates.h"
#include "common/domain/names.h"
#include "services/feedback/domain/concerns.h"
#include "services/feedback/domain/figures.h"

namespace shangda::feedback {
namespace {

using domain::State;
using routing::v1::Dispatch;

// Counts by value of the split; in all there is one value, the empty one.
using Values = std::map<std::string, int64_t>;

struct Period {
  std::string from;
  std::string to;
  bool Holds(const std::string& date) const { return from <= date && date <= to; }
};

// The day behind `date` is in another month. Nothing lies behind today.
bool EndsMonth(const std::string& date, std::string_view today) {
  if (date >= today) return true;
  auto day_of = [](int day) { return (day < 10 ? "-0" : "-") + std::to_string(day); };
  int day = 0;
  std::from_chars(date.data() + 8, date.data() + 10, day);
  return !domain::IsDate(date.substr(0, 7) + day_of(day + 1));
}

bool IsOfMonths(const Period& period, std::string_view today) {
  return period.from.ends_with("-01") && EndsMonth(period.to, today);
}

bool IsOfOneMonth(const Period& period) {
  return domain::MonthOf(period.from) == domain::MonthOf(period.to);
}

// From the first day of a year to its last, or to today.
bool IsOfOneYear(const Period& period, std::string_view today) {
  return period.from.ends_with("-01-01") &&
         domain::YearOf(period.from) == domain::YearOf(period.to) &&
         (period.to.ends_with("-12-31") || period.to >= today);
}

// Adds up the counters of the periods from `first` to `last`: months, or one year.
Values FromCounters(const State& view,
                    const std::string& committee,
                    v1::FigureKind figure,
                    v1::SplitKind split,
                    uint32_t first,
                    uint32_t last) {
  Values values;
  domain::IndexParts leading = {committee, std::to_string(figure), std::to_string(split)};
  for (const domain::IndexParts& entry : view.List("counters", leading)) {
    const uint32_t period = static_cast<uint32_t>(std::stoul(entry[3]));
    if (period < first || last < period) continue;
    v1::FigureMove cell;
    cell.set_figure(figure);
    cell.set_period(period);
    cell.set_split(split);
    cell.set_value(split == v1::SPLIT_KIND_UNSPECIFIED ? "" : entry.back());
    auto counter = view.Find<v1::Counter>(CounterName(committee, cell));
    if (counter.has_value()) values[cell.value()] += counter->count();
  }
  return values;
}

// Counts what dated rows contribute within the period; things once.
class Recount {
 public:
  Recount(v1::FigureKind figure, v1::SplitKind split, const Period& period)
      : figure_(figure), split_(split), period_(period) {}

  void Add(const std::vector<Count>& counts, const std::vector<SplitValue>& values) {
    for (const Count& count : counts) {
      if (count.figure != figure_ || !period_.Holds(count.on)) continue;
      for (const auto& [split, value] : values) {
        if (split != split_) continue;
        if (count.thing.empty() || seen_.emplace(value, count.thing).second) ++values_[value];
      }
    }
  }
  Values Take() && { return std::move(values_); }

 private:
  const v1::FigureKind figure_;
  const v1::SplitKind split_;
  const Period& period_;
  Values values_;
  std::set<std::pair<std::string, std::string>> seen_;
};

bool IsOfInstructions(v1::FigureKind figure) {
  return figure == v1::FIGURE_KIND_INSTRUCTIONS || figure == v1::FIGURE_KIND_INSTRUCTED_ITEMS;
}

bool IsOfDispatches(v1::FigureKind figure) {
  switch (figure) {
    case v1::FIGURE_KIND_DISPATCHES:
    case v1::FIGURE_KIND_PAPERS:
    case v1::FIGURE_KIND_ADOPTED:
    case v1::FIGURE_KIND_PAPERS_ADOPTED:
    case v1::FIGURE_KIND_KEPT:
    case v1::FIGURE_KIND_NOT_ADOPTED:
    case v1::FIGURE_KIND_SENT_BACK:
    case v1::FIGURE_KIND_RECALLED:
    case v1::FIGURE_KIND_NO_WORD:
    case v1::FIGURE_KIND_ADOPTIONS_IN_PERIOD:
      return true;
    default:
      return false;
  }
}

Values FromRows(const State& view,
                const std::string& committee,
                v1::FigureKind figure,
                v1::SplitKind split,
                const Period& period) {
  Recount recount(figure, split, period);
  if (IsOfInstructions(figure)) {
    for (const domain::IndexParts& entry : view.List("instructions", {committee})) {
      auto instruction = view.Find<v1::Instruction>(entry.back());
      if (instruction.has_value()) {
        recount.Add(CountsOf(*instruction), SplitValuesOf(view, *instruction));
      }
    }
    return std::move(recount).Take();
  }
  for (const domain::IndexParts& entry : view.List("dispatches_by_handover", {committee})) {
    auto dispatch = view.Find<v1::DispatchTrack>(entry.back());
    if (dispatch.has_value()) {
      recount.Add(CountsOf(*dispatch), SplitValuesOf(dispatch->splits()));
    }
  }
  return std::move(recount).Take();
}

std::variant<Values, Reason> ValuesOf(const State& view,
                                      const std::string& committee,
                                      v1::FigureKind figure,
                                      v1::SplitKind split,
                                      const Period& period,
                                      std::string_view today) {
  bool is_recountable = IsOfDispatches(figure) || IsOfInstructions(figure);
  if (!IsOfMonths(period, today)) {
    if (!is_recountable) return Reason::kPeriodNotMonths;
    return FromRows(view, committee, figure, split, period);
  }
  if (!IsDistinct(figure) || IsOfOneMonth(period)) {
    return FromCounters(view, committee, figure, split, domain::MonthOf(period.from),
                        domain::MonthOf(period.to));
  }
  if (IsOfOneYear(period, today)) {
    uint32_t year = domain::YearOf(period.from);
    return FromCounters(view, committee, figure, split, year, year);
  }
  return FromRows(view, committee, figure, split, period);
}

std::vector<v1::FigureKind> FiguresAsked(const v1::GetFiguresRequest& request) {
  std::set<v1::FigureKind> figures;
  for (int figure : request.figures()) figures.insert(static_cast<v1::FigureKind>(figure));
  if (figures.empty()) {
    for (int figure = v1::FigureKind_MIN + 1; figure <= v1::FigureKind_MAX; ++figure) {
      figures.insert(static_cast<v1::FigureKind>(figure));
    }
  }
  return {figures.begin(), figures.end()};
}

int64_t CountInState(const State& view, const std::string& committee, Dispatch::State state) {
  return static_cast<int64_t>(
      view.List("dispatches_by_state", {committee, std::to_string(state)}).size());
}

}  // namespace

std::variant<v1::Figures, Reason> ReadFigures(const State& view,
                                              const v1::GetFiguresRequest& request,
                                              std::string_view today) {
  const std::string committee(domain::CommitteeOf(request.parent()));
  const Period period = {request.from(), request.to()};
  const v1::SplitKind split = request.split();
  v1::Figures figures;
  figures.set_to(request.to());
  int64_t adopted = 0;
  int64_t dispatched = 0;
  for (v1::FigureKind kind : FiguresAsked(request)) {
    auto read = ValuesOf(view, committee, kind, split, period, today);
    if (const auto* reason = std::get_if<Reason>(&read)) return *reason;
    auto values = std::get<Values>(std::move(read));
    // In all, what did not happen is said too.
    if (split == v1::SPLIT_KIND_UNSPECIFIED) values.emplace("", 0);
    for (const auto& [value, count] : values) {
      v1::Figures::Figure& figure = *figures.add_figures();
      figure.set_kind(kind);
      figure.set_value(value);
      figure.set_count(count);
      figure.set_unit(std::string(UnitOf(kind, split)));
      figure.set_label(std::string(LabelOf(kind)));
      if (kind == v1::FIGURE_KIND_ADOPTED) adopted += count;
      if (kind == v1::FIGURE_KIND_DISPATCHES) dispatched += count;
    }
  }
  if (split == v1::SPLIT_KIND_UNSPECIFIED) {
    figures.set_adoption_rate(Percent(adopted, dispatched));
    figures.set_pending(CountInState(view, committee, Dispatch::STATE_PENDING));
    figures.set_refused(CountInState(view, committee, Dispatch::STATE_REFUSED));
    figures.set_cancelled(CountInState(view, committee, Dispatch::STATE_CANCELLED));
  }
  return figures;
}

std::string_view LabelOf(v1::FigureKind figure) {
  switch (figure) {
    case v1::FIGURE_KIND_REPORTS_RECEIVED:
      return "来稿";
    case v1::FIGURE_KIND_ISSUES:
      return "编发";
    case v1::FIGURE_KIND_DISPATCHES:
      return "报送条次";
    case v1::FIGURE_KIND_PAPERS:
      return "报送条数";
    case v1::FIGURE_KIND_ADOPTED:
      return "采用条次";
    case v1::FIGURE_KIND_PAPERS_ADOPTED:
      return "采用条数";
    case v1::FIGURE_KIND_KEPT:
      return "留存";
    case v1::FIGURE_KIND_NOT_ADOPTED:
      return "不采用";
    case v1::FIGURE_KIND_SENT_BACK:
      return "退稿";
    case v1::FIGURE_KIND_RECALLED:
      return "撤稿";
    case v1::FIGURE_KIND_NO_WORD:
      return "尚无消息";
    case v1::FIGURE_KIND_ADOPTIONS_IN_PERIOD:
      return "期内采用";
    case v1::FIGURE_KIND_ADOPTIONS_ABOVE:
      return "上级采用";
    case v1::FIGURE_KIND_INSTRUCTIONS:
      return "批示次数";
    case v1::FIGURE_KIND_INSTRUCTED_ITEMS:
      return "批示件数";
    case v1::FIGURE_KIND_INSTRUCTIONS_ABOVE:
      return "上级批示";
    case v1::FIGURE_KIND_RESULTS_ACCEPTED:
      return "采纳";
    case v1::FIGURE_KIND_RESULTS_IMPLEMENTED:
      return "落实";
    default:
      return "";
  }
}

std::string_view UnitOf(v1::FigureKind figure, v1::SplitKind split) {
  switch (figure) {
    case v1::FIGURE_KIND_REPORTS_RECEIVED:
    case v1::FIGURE_KIND_ADOPTIONS_ABOVE:
      return "篇";
    case v1::FIGURE_KIND_ISSUES:
      return "期";
    case v1::FIGURE_KIND_PAPERS:
    case v1::FIGURE_KIND_PAPERS_ADOPTED:
      return "条";
    case v1::FIGURE_KIND_INSTRUCTIONS:
      return split == v1::SPLIT_KIND_LEADER ? "人次" : "次";
    case v1::FIGURE_KIND_INSTRUCTIONS_ABOVE:
      return "次";
    case v1::FIGURE_KIND_INSTRUCTED_ITEMS:
    case v1::FIGURE_KIND_RESULTS_ACCEPTED:
    case v1::FIGURE_KIND_RESULTS_IMPLEMENTED:
      return "件";
    default:
      return "条次";
  }
}

}  // namespace shangda::feedback
