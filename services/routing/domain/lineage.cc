#include "services/routing/domain/lineage.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "common/domain/names.h"
#include "common/office/office.h"
#include "shangda/intake/v1/intake.pb.h"

namespace shangda::routing {
namespace {

using google::protobuf::RepeatedPtrField;

// The field of Source that is set, as a path.
std::string PathOf(const v1::Source& source, int index) {
  std::string path = "sources[" + std::to_string(index) + "]";
  switch (source.from_case()) {
    case v1::Source::kDeskItem:
      return path + ".desk_item";
    case v1::Source::kArrival:
      return path + ".arrival";
    case v1::Source::kPaper:
      return path + ".paper";
    case v1::Source::kOwn:
      return path + ".own";
    case v1::Source::FROM_NOT_SET:
      return path;
  }
  return path;
}

bool Exists(const domain::State& state, const v1::Source& source) {
  switch (source.from_case()) {
    case v1::Source::kDeskItem:
      return state.Has<v1::DeskItem>(source.desk_item());
    case v1::Source::kArrival:
      return state.Has<v1::Arrival>(source.arrival());
    case v1::Source::kPaper:
      return state.Has<v1::Paper>(source.paper());
    case v1::Source::kOwn:
    case v1::Source::FROM_NOT_SET:
      return true;
  }
  return false;
}

template <class Row>
Rejection NotUsable(const Row& row) {
  return {Reason::kSourceNotUsable,
          {{"source", row.name()}, {"state", Row::State_Name(row.state())}}};
}

std::vector<v1::Leaf> ToVector(const RepeatedPtrField<v1::Leaf>& leaves) {
  return {leaves.begin(), leaves.end()};
}

std::vector<v1::Leaf> LeavesOf(const domain::State& state, const v1::Source& source) {
  switch (source.from_case()) {
    case v1::Source::kDeskItem: {
      v1::Leaf leaf;
      leaf.set_report(state.Find<v1::DeskItem>(source.desk_item()).value().report());
      leaf.set_weight(1);
      return {leaf};
    }
    case v1::Source::kArrival:
      return ToVector(state.Find<v1::Arrival>(source.arrival()).value().leaves());
    case v1::Source::kPaper:
      return ToVector(state.Find<v1::Paper>(source.paper()).value().leaves());
    case v1::Source::kOwn:
    case v1::Source::FROM_NOT_SET:
      return {};
  }
  return {};
}

}  // namespace

std::string_view NameOf(const v1::Source& source) {
  switch (source.from_case()) {
    case v1::Source::kDeskItem:
      return source.desk_item();
    case v1::Source::kArrival:
      return source.arrival();
    case v1::Source::kPaper:
      return source.paper();
    case v1::Source::kOwn:
    case v1::Source::FROM_NOT_SET:
      return {};
  }
  return {};
}

std::vector<domain::FieldProblem> CheckSources(const domain::State& state,
                                               std::string_view committee,
                                               std::string_view date,
                                               std::string_view paper,
                                               const RepeatedPtrField<v1::Source>& sources) {
  std::vector<domain::FieldProblem> problems;
  std::set<std::string_view> names;
  for (int i = 0; i < sources.size(); ++i) {
    const v1::Source& source = sources[i];
    const std::string path = PathOf(source, i);
    if (source.weight() > kSourceWeightMax) {
      problems.push_back(
          {"sources[" + std::to_string(i) + "].weight", "请填写 1 至 1000 的整数份额"});
    }
    const std::string_view name = NameOf(source);
    if (source.from_case() == v1::Source::FROM_NOT_SET) {
      problems.push_back({path, "请选择来稿、来件、已签发的稿件,或填写自有材料"});
    } else if (source.has_own()) {
      const std::string& unit = source.own().unit();
      if (!unit.empty() && !office::UnitOn(state, committee, unit, date).has_value()) {
        problems.push_back({path + ".unit", "本机关没有这个单位,请从单位名录中选择"});
      }
    } else if (!names.insert(name).second) {
      problems.push_back({path, "同一来源只写一次,请删去重复的一项"});
    } else if (domain::CommitteeOf(name) != committee || !Exists(state, source)) {
      problems.push_back({path, "本机关没有这一件,请核对编号"});
    } else if (source.has_paper() && !paper.empty() && name >= paper) {
      problems.push_back({path, "只能采用编号在前的稿件,请另拟新稿"});
    }
  }
  return problems;
}

std::optional<Rejection> FindUnusable(const domain::State& state,
                                      const RepeatedPtrField<v1::Source>& sources) {
  for (const v1::Source& source : sources) {
    if (source.has_desk_item()) {
      const auto item = state.Find<v1::DeskItem>(source.desk_item()).value();
      if (item.state() != v1::DeskItem::STATE_OPEN && item.state() != v1::DeskItem::STATE_USED) {
        return NotUsable(item);
      }
    } else if (source.has_arrival()) {
      const auto arrival = state.Find<v1::Arrival>(source.arrival()).value();
      if (arrival.state() != v1::Arrival::STATE_ACKNOWLEDGED) return NotUsable(arrival);
    } else if (source.has_paper()) {
      const auto paper = state.Find<v1::Paper>(source.paper()).value();
      if (paper.state() != v1::Paper::STATE_SIGNED) return NotUsable(paper);
    }
  }
  return std::nullopt;
}

std::vector<SourceShare> SharesOf(const domain::State& state,
                                  const RepeatedPtrField<v1::Source>& sources) {
  std::vector<SourceShare> shares;
  for (const v1::Source& source : sources) {
    shares.push_back({std::max<uint64_t>(source.weight(), 1), LeavesOf(state, source)});
  }
  return shares;
}

std::vector<v1::ArrivalSource> ArrivalsOf(const domain::State& state,
                                          const RepeatedPtrField<v1::Source>& sources) {
  const bool is_merged = sources.size() > 1;
  std::vector<v1::ArrivalSource> arrivals;
  std::set<std::string> seen;
  // An arrival that comes by two ways is merged by both: then there are two sources.
  auto add = [&](const std::string& arrival, bool merged_before) {
    if (!seen.insert(arrival).second) return;
    v1::ArrivalSource& added = arrivals.emplace_back();
    added.set_arrival(arrival);
    added.set_merged(is_merged || merged_before);
  };
  for (const v1::Source& source : sources) {
    if (source.has_arrival()) {
      add(source.arrival(), false);
    } else if (source.has_paper()) {
      const auto paper = state.Find<v1::Paper>(source.paper()).value();
      for (const v1::ArrivalSource& arrival : paper.arrivals()) {
        add(arrival.arrival(), arrival.merged());
      }
    }
  }
  return arrivals;
}

v1::ReporterLine PinReporters(const domain::State& state,
                              std::string_view committee,
                              v1::Paper& paper) {
  v1::ReporterLine texts;
  paper.clear_reporters();
  for (const v1::Leaf& leaf : paper.leaves()) {
    if (domain::CommitteeOf(leaf.report()) != committee) continue;
    const auto item = state.Find<v1::DeskItem>(
        domain::EntryName(committee, "deskitems", domain::LastPart(leaf.report())));
    if (!item.has_value()) continue;
    const auto names = state.ReadText<intake::v1::ReporterTexts>(item->reporters_ref())
                           .value_or(intake::v1::ReporterTexts());
    for (int i = 0; i < item->reporters_size(); ++i) {
      *paper.add_reporters() = item->reporters(i);
      intake::v1::Reporter& text = *texts.add_reporters();
      if (i < names.reporters_size()) text = names.reporters(i);
    }
  }
  for (const v1::ArrivalSource& source : paper.arrivals()) {
    const auto arrival = state.Find<v1::Arrival>(source.arrival()).value();
    const auto capsule = state.ReadText<v1::Capsule>(arrival.capsule_ref());
    if (!capsule.has_value()) continue;
    texts.mutable_arrivals()->MergeFrom(capsule->reporter_line());
  }
  return texts;
}

}  // namespace shangda::routing
