#include "services/feedback/domain/timeline.h"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/domain/dates.h"
#include "common/domain/names.h"
#include "common/office/office.h"
#include "services/feedback/domain/steps.h"
#include "services/feedback/domain/visible.h"

namespace shangda::feedback {
namespace {

using domain::State;
using Branch = v1::Timeline::Branch;
using Reach = v1::Timeline::Reach;
using Track = v1::DispatchTrack;

// Of a channel without a node below another body nothing is known but what it did.
constexpr std::string_view kChannelAbove = "上级报送的其他渠道";

// One reading: the view, for whom, and when.
struct Reading {
  const State& view;
  Sight sight;
  std::string_view today;
};

// The step with its words. A reporter is told neither whose hand recorded it nor what it rests on.
v1::Step Joined(const Reading& reading, v1::Step step) {
  if (auto words = reading.view.ReadText<v1::Words>(step.words_ref())) {
    step.set_serial_title(words->serial_title());
    words->clear_serial_title();
    if (reading.sight == Sight::kOwn) words->clear_evidence();
    if (words->ByteSizeLong() > 0) *step.mutable_words() = *std::move(words);
  }
  if (reading.sight == Sight::kOwn) {
    step.clear_recorded_by();
    step.clear_words_ref();
  }
  return step;
}

void AddSteps(const Reading& reading, const Steps& steps, Steps* joined) {
  for (const v1::Step& step : steps) *joined->Add() = Joined(reading, step);
}

std::optional<office::v1::Committee> CommitteeNamed(const State& view, const std::string& code) {
  auto entry = office::FindEntry(view, "network/committees/" + code);
  if (!entry.has_value()) return std::nullopt;
  return office::WithTexts(view, *std::move(entry)).committee();
}

std::string ChannelName(const State& view, const Track& dispatch) {
  auto entry = office::FindEntry(view, domain::EntryName(domain::CommitteeOf(dispatch.name()),
                                                         "channels", dispatch.channel()));
  if (!entry.has_value()) return dispatch.channel();
  return office::WithTexts(view, *std::move(entry)).channel().name();
}

std::string BodyName(const State& view, const std::string& body) {
  if (body.empty()) return std::string(kChannelAbove);
  auto committee = CommitteeNamed(view, body);
  return committee.has_value() && !committee->name().empty() ? committee->name() : body;
}

// The bodies that the dispatch reached: the one addressed, then those heard of above it, lowest
// level first; last channels without a node above.
std::vector<std::string> BodiesOf(const State& view, const Track& dispatch) {
  std::vector<std::string> above;
  for (const v1::Step& step : dispatch.steps()) {
    bool is_known = step.body() == dispatch.receiver() ||
                    step.body() == domain::CommitteeOf(dispatch.name()) ||
                    std::find(above.begin(), above.end(), step.body()) != above.end();
    if (!is_known) above.push_back(step.body());
  }
  auto rank = [&](const std::string& body) {
    auto committee = CommitteeNamed(view, body);
    int level = committee.has_value() ? committee->level() : office::v1::LEVEL_UNSPECIFIED;
    return std::make_tuple(body.empty(), level, body);
  };
  std::sort(above.begin(), above.end(),
            [&](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
  above.insert(above.begin(), dispatch.receiver());
  return above;
}

// Silence begins with the hand-over to the body addressed, with the arrival at a body above it.
std::string SilentSince(const Track& dispatch, const Reach& reach) {
  if (reach.body() == dispatch.receiver()) return dispatch.handed_over_on();
  return reach.steps().empty() ? "" : reach.steps(0).on();
}

Reach ReachOf(const Reading& reading, const Track& dispatch, const std::string& body) {
  Reach reach;
  reach.set_body(body);
  bool is_addressed = body == dispatch.receiver();
  reach.set_body_name(is_addressed && body.empty() ? ChannelName(reading.view, dispatch)
                                                   : BodyName(reading.view, body));
  bool has_word = false;
  for (const v1::Step& step : dispatch.steps()) {
    if (step.body() != body) continue;
    *reach.add_steps() = Joined(reading, step);
    has_word = has_word || DispositionOf(step.kind()) != Track::DISPOSITION_UNSPECIFIED;
  }
  reach.set_no_word(!has_word);
  std::string since = SilentSince(dispatch, reach);
  if (!has_word && !since.empty()) {
    reach.set_days_without_word(std::max(0, domain::DaysBetween(since, reading.today)));
  }
  return reach;
}

Branch BranchOf(const Reading& reading, const Track& dispatch) {
  Branch branch;
  branch.set_dispatch(dispatch.name());
  branch.set_channel(dispatch.channel());
  branch.set_channel_name(ChannelName(reading.view, dispatch));
  branch.set_kind(dispatch.kind());
  branch.set_state(dispatch.state());
  branch.set_disposition(dispatch.disposition());
  branch.set_handed_over_on(dispatch.handed_over_on());
  for (const v1::Step& step : dispatch.steps()) {
    if (step.body() != domain::CommitteeOf(dispatch.name())) continue;
    *branch.add_steps() = Joined(reading, step);
  }
  for (const std::string& body : BodiesOf(reading.view, dispatch)) {
    *branch.add_reaches() = ReachOf(reading, dispatch, body);
  }
  return branch;
}

void AddBranches(const Reading& reading,
                 const google::protobuf::RepeatedPtrField<std::string>& dispatches,
                 v1::Timeline* timeline) {
  for (const std::string& name : dispatches) {
    auto dispatch = reading.view.Find<Track>(name);
    if (dispatch.has_value()) *timeline->add_branches() = BranchOf(reading, *dispatch);
  }
}

v1::Timeline TimelineOf(const Reading& reading, const v1::ReportTrack& report) {
  v1::Timeline timeline;
  if (auto text = reading.view.ReadText<intake::v1::ReportText>(report.text_ref())) {
    timeline.set_title(text->title());
  }
  AddSteps(reading, report.steps(), timeline.mutable_steps());
  AddBranches(reading, report.dispatches(), &timeline);
  timeline.set_informed(report.informed());
  timeline.set_answered(IsAnswered(reading.view, report));
  return timeline;
}

v1::Timeline TimelineOf(const Reading& reading, const v1::PaperTrack& paper) {
  v1::Timeline timeline;
  if (auto text = reading.view.ReadText<routing::v1::PaperText>(paper.text_ref())) {
    timeline.set_title(text->title());
  }
  AddSteps(reading, paper.steps(), timeline.mutable_steps());
  AddBranches(reading, paper.dispatches(), &timeline);
  return timeline;
}

v1::Timeline TimelineOf(const Reading& reading, const Track& dispatch) {
  v1::Timeline timeline;
  if (auto text = reading.view.ReadText<routing::v1::PaperText>(dispatch.text_ref())) {
    timeline.set_title(text->title());
  }
  *timeline.add_branches() = BranchOf(reading, dispatch);
  return timeline;
}

// The row, if there is one and the principal sees it.
template <class Row>
std::variant<v1::Timeline, Reason> ReadAs(const State& view,
                                          const domain::Principal& principal,
                                          const std::string& name,
                                          std::string_view today) {
  auto row = view.Find<Row>(name);
  if (!row.has_value()) {
    bool may_know = SeesAllTimelines(view, principal, domain::CommitteeOf(name), today);
    return may_know ? Reason::kNotFound : Reason::kForbidden;
  }
  Sight sight = Visible(view, principal, *row, today);
  if (sight == Sight::kNothing) return Reason::kForbidden;
  v1::Timeline timeline = TimelineOf({view, sight, today}, *row);
  timeline.set_name(name);
  timeline.set_read_on(std::string(today));
  return timeline;
}

}  // namespace

std::variant<v1::Timeline, Reason> ReadTimeline(const State& view,
                                                const domain::Principal& principal,
                                                const v1::GetTimelineRequest& request,
                                                std::string_view today) {
  std::string_view collection = domain::CollectionOf(request.name());
  if (collection == "papers") {
    return ReadAs<v1::PaperTrack>(view, principal, request.name(), today);
  }
  if (collection == "dispatches") return ReadAs<Track>(view, principal, request.name(), today);
  return ReadAs<v1::ReportTrack>(view, principal, request.name(), today);
}

bool IsAnswered(const State& view, const v1::ReportTrack& report) {
  using routing::v1::Dispatch;
  bool has_any = false;
  bool has_word = true;
  for (const std::string& name : report.dispatches()) {
    auto dispatch = view.Find<Track>(name);
    if (!dispatch.has_value() || dispatch->kind() == Dispatch::KIND_COPY ||
        dispatch->state() == Dispatch::STATE_CANCELLED) {
      continue;
    }
    has_any = true;
    has_word = has_word && dispatch->disposition() != Track::DISPOSITION_UNSPECIFIED;
  }
  return report.informed() && (report.closed() || (has_any && has_word));
}

}  // namespace shangda::feedback
