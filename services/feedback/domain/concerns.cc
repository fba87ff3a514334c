#include "services/feedback/domain/concerns.h"

#include <optional>

#include "common/domain/names.h"
#include "services/feedback/domain/outcomes.h"
#include "services/feedback/domain/steps.h"

namespace shangda::feedback {

using Object = v1::InstructionObject;

std::vector<v1::PaperTrack> PapersOf(const domain::State& state, const Object& object) {
  std::vector<std::string> names;
  switch (object.object_case()) {
    case Object::kPaper:
      names.push_back(object.paper());
      break;
    case Object::kIssue:
      if (auto issue = state.Find<v1::IssueTrack>(object.issue())) {
        names.assign(issue->papers().begin(), issue->papers().end());
      }
      break;
    case Object::kDispatch:
      if (auto dispatch = state.Find<v1::DispatchTrack>(object.dispatch())) {
        names.push_back(dispatch->paper());
      }
      break;
    case Object::kExternal:
    case Object::OBJECT_NOT_SET:
      break;
  }
  std::vector<v1::PaperTrack> papers;
  for (const std::string& name : names) {
    if (auto paper = state.Find<v1::PaperTrack>(name)) papers.push_back(*std::move(paper));
  }
  return papers;
}

v1::Splits SplitsOf(const domain::State& state, const Object& object) {
  if (auto dispatch = state.Find<v1::DispatchTrack>(object.dispatch())) return dispatch->splits();
  v1::Splits splits;
  for (const v1::PaperTrack& paper : PapersOf(state, object)) {
    splits = UnionOf(splits, paper.splits());
  }
  return splits;
}

std::vector<SplitValue> SplitValuesOf(const domain::State& state,
                                      const v1::Instruction& instruction) {
  std::vector<SplitValue> values = SplitValuesOf(SplitsOf(state, instruction.object()));
  values.emplace_back(v1::SPLIT_KIND_LEADER, instruction.leader());
  return values;
}

Object ObjectOf(const domain::State& state, const v1::HandlingTask& task) {
  if (auto instruction = state.Find<v1::Instruction>(task.instruction())) {
    return instruction->object();
  }
  Object object;
  object.set_dispatch(task.dispatch());
  return object;
}

void NoteConcerned(Work& work, const Object& object, const v1::Step& step) {
  if (auto dispatch = work.Find<v1::DispatchTrack>(object.dispatch())) {
    NoteDispatchStep(work, *dispatch, step);
  }
  for (const v1::PaperTrack& paper : PapersOf(work, object)) {
    NoteStep(work, paper.name(), step,
             OwnReports(paper.leaves(), domain::CommitteeOf(paper.name())));
  }
}

void ReleaseToSenders(Work& work,
                      const Object& object,
                      const v1::Step& step,
                      const v1::Words& words) {
  for (const v1::PaperTrack& paper : PapersOf(work, object)) {
    for (const routing::v1::ArrivalSource& source : paper.arrivals()) {
      auto arrival = work.Find<v1::ArrivalTrack>(source.arrival());
      if (arrival.has_value()) Release(work, *arrival, step, /*relayed=*/false, words);
    }
  }
}

v1::Step ResultOf(const v1::HandlingTask& task) {
  v1::Step step;
  step.set_kind(v1::Step::KIND_TASK_RESULT);
  step.set_on(task.replied_on());
  step.set_body(std::string(domain::CommitteeOf(task.name())));
  step.set_result(task.result());
  step.set_cause(task.name());
  step.set_cause_revision(1);
  return step;
}

}  // namespace shangda::feedback
