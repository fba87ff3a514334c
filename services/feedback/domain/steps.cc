#include "services/feedback/domain/steps.h"

#include <algorithm>
#include <tuple>

#include "common/domain/names.h"
#include "common/domain/planted.h"

namespace shangda::feedback {
namespace {

using Track = v1::DispatchTrack;

// A function of the steps alone, so that the order in which they are heard does not show. At one instant what intake
// says comes before what the desk and bodies above say, and each log's records come in their own order.
auto OrderOf(const v1::Step& step) {
  const bool is_intakes = step.kind() <= v1::Step::KIND_RESUBMITTED;
  return std::make_tuple(std::string_view(step.on()), step.record_time().seconds(),
                         step.record_time().nanos(), is_intakes ? 0 : 1, step.record_position(),
                         static_cast<int>(step.kind()), step.cause_revision(),
                         std::string_view(step.cause()));
}

// "STATE_KEPT" without "STATE_".
std::string Bare(std::string_view name, std::string_view prefix) {
  name.remove_prefix(prefix.size());
  return std::string(name);
}

void OpenAgain(Work& work, const std::vector<std::string>& reports) {
  std::vector<std::string> informed;
  for (const std::string& name : reports) {
    auto report = work.Find<v1::ReportTrack>(name);
    if (report.has_value() && report->informed()) informed.push_back(name);
  }
  if (informed.empty()) return;
  work.Add(informed.front(), [&](v1::Event& event) {
    event.mutable_report_informed()->mutable_reports()->Assign(informed.begin() + 1,
                                                               informed.end());
  });
}

void AddStep(Work& work,
             const std::string& thing,
             const v1::Step& step,
             const std::vector<std::string>& reports,
             const std::string& outcome = {}) {
  work.Add(thing, [&](v1::Event& event) {
    if (step.has_words_ref()) *event.mutable_header()->add_texts() = step.words_ref();
    *event.mutable_step_noted()->mutable_step() = step;
    event.mutable_step_noted()->mutable_reports()->Assign(reports.begin(), reports.end());
    event.mutable_step_noted()->set_outcome(outcome);
  });
}

}  // namespace

void InsertStep(const v1::Step& step, Steps* steps) {
  int place = steps->size();
  if (SHANGDA_BUG("older_outcome_overwrites_newer")) {
    *steps->Add() = step;
    return;
  }
  while (place > 0 && OrderOf(step) < OrderOf(steps->at(place - 1))) --place;
  *steps->Add() = step;
  for (int i = steps->size() - 1; i > place; --i) steps->SwapElements(i, i - 1);
}

bool IsSameStep(const v1::Step& one, const v1::Step& other) {
  return one.kind() == other.kind() && one.cause() == other.cause() &&
         one.cause_revision() == other.cause_revision() &&
         one.record_time().seconds() == other.record_time().seconds() &&
         one.record_time().nanos() == other.record_time().nanos();
}

bool HasRecord(const Steps& steps, const v1::Step& step) {
  return std::any_of(steps.begin(), steps.end(), [&](const v1::Step& known) {
    return IsSameStep(known, step) && known.record_position() == step.record_position();
  });
}

bool IsYounger(const v1::Step& one, const v1::Step& other) {
  auto order = [](const v1::Step& step) {
    return std::make_tuple(step.record_time().seconds(), step.record_time().nanos(),
                           step.record_position());
  };
  return order(one) > order(other);
}

bool HasStep(const Steps& steps, const v1::Step& step) {
  return std::any_of(steps.begin(), steps.end(),
                     [&](const v1::Step& known) { return IsSameStep(known, step); });
}

Addressed AddressedOf(const Track& dispatch) {
  Addressed addressed;
  for (const v1::Step& step : dispatch.steps()) {
    Track::Disposition disposition = DispositionOf(step.kind());
    if (disposition == Track::DISPOSITION_UNSPECIFIED || step.body() != dispatch.receiver()) {
      continue;
    }
    if (disposition == Track::DISPOSITION_ADOPTED && ++addressed.adoptions == 1) {
      addressed.adopted_on = step.on();
    }
    addressed.disposition = addressed.adoptions > 0 ? Track::DISPOSITION_ADOPTED : disposition;
  }
  return addressed;
}

Track::Disposition DispositionOf(v1::Step::Kind kind) {
  switch (kind) {
    case v1::Step::KIND_ADOPTED:
      return Track::DISPOSITION_ADOPTED;
    case v1::Step::KIND_KEPT:
      return Track::DISPOSITION_KEPT;
    case v1::Step::KIND_NOT_ADOPTED:
      return Track::DISPOSITION_NOT_ADOPTED;
    case v1::Step::KIND_SENT_BACK:
      return Track::DISPOSITION_SENT_BACK;
    case v1::Step::KIND_RECALLED:
      return Track::DISPOSITION_RECALLED;
    default:
      return Track::DISPOSITION_UNSPECIFIED;
  }
}

std::string StatusOf(const v1::ReportTrack& report, const std::optional<v1::DeskTrack>& item) {
  using routing::v1::DeskItem;
  if (item.has_value() && item->state() != DeskItem::STATE_OPEN) {
    return Bare(DeskItem::State_Name(item->state()), "STATE_");
  }
  return Bare(intake::v1::Report::State_Name(report.state()), "STATE_");
}

std::string StatusOf(const Track& dispatch) {
  using routing::v1::Dispatch;
  bool is_out = dispatch.state() == Dispatch::STATE_DELIVERED ||
                dispatch.state() == Dispatch::STATE_HANDED_OVER;
  if (is_out && dispatch.disposition() != Track::DISPOSITION_UNSPECIFIED) {
    return Bare(Track::Disposition_Name(dispatch.disposition()), "DISPOSITION_");
  }
  return Bare(Dispatch::State_Name(dispatch.state()), "STATE_");
}

std::string StatusOf(v1::Step::Kind kind) {
  return Bare(v1::Step::Kind_Name(kind), "KIND_");
}

std::string StatusOf(v1::HandlingTask::State state) {
  return Bare(v1::HandlingTask::State_Name(state), "STATE_");
}

std::string StatusOf(const v1::Instruction& instruction) {
  return instruction.hold() ? "HELD" : "RELEASED";
}

std::string DeskItemOf(std::string_view report) {
  return domain::EntryName(domain::CommitteeOf(report), "deskitems", domain::LastPart(report));
}

std::string ReportOf(std::string_view desk_item) {
  return domain::EntryName(domain::CommitteeOf(desk_item), "reports", domain::LastPart(desk_item));
}

std::vector<std::string> OwnReports(
    const google::protobuf::RepeatedPtrField<routing::v1::Leaf>& leaves,
    std::string_view committee) {
  std::vector<std::string> own;
  for (const routing::v1::Leaf& leaf : leaves) {
    if (domain::CommitteeOf(leaf.report()) == committee) own.push_back(leaf.report());
  }
  return own;
}

void NoteStep(Work& work,
              const std::string& thing,
              const v1::Step& step,
              const std::vector<std::string>& reports) {
  std::vector<std::string> without;
  for (const std::string& name : reports) {
    auto report = work.Find<v1::ReportTrack>(name);
    if (report.has_value() && !HasStep(report->steps(), step)) without.push_back(name);
  }
  AddStep(work, thing, step, without);
  if (step.kind() == v1::Step::KIND_INFORMED) return;
  if (domain::CollectionOf(thing) == "reports") without.push_back(thing);
  OpenAgain(work, without);
}

void NoteDispatchStep(Work& work,
                      const Track& dispatch,
                      const v1::Step& step,
                      const std::string& outcome) {
  AddStep(work, dispatch.name(), step, {}, outcome);
  OpenAgain(work, OwnReports(dispatch.leaves(), domain::CommitteeOf(dispatch.name())));
}

}  // namespace shangda::feedback
