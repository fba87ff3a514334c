// 办理: assigned, replied, reviewed, closed.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/domain/names.h"
#include "common/office/office.h"
#include "services/feedback/domain/concerns.h"
#include "services/feedback/domain/refuse.h"
#include "services/feedback/domain/steps.h"
#include "services/feedback/domain/verbs.h"

namespace shangda::feedback {
namespace {

using Task = v1::HandlingTask;
using routing::v1::Dispatch;

bool IsForwarded(const v1::DispatchTrack& dispatch) {
  bool is_out = dispatch.state() == Dispatch::STATE_DELIVERED ||
                dispatch.state() == Dispatch::STATE_HANDED_OVER;
  return is_out && dispatch.kind() == Dispatch::KIND_FORWARD;
}

// What the task follows from, exactly one of both, as this committee's own.
std::optional<Decision> RefuseOrigin(const domain::State& state,
                                     std::string_view committee,
                                     const v1::AssignTaskRequest& request) {
  Problems problems;
  if (request.instruction().empty() == request.dispatch().empty()) {
    problems.Add("instruction", "请填写交办所依据的批示,或者所转送的一条,二者填一");
    return std::move(problems).Reject();
  }
  if (!request.instruction().empty()) {
    auto instruction = state.Find<v1::Instruction>(request.instruction());
    if (!instruction.has_value() || domain::CommitteeOf(request.instruction()) != committee) {
      problems.Add("instruction", "没有这件批示,请核对编号");
      return std::move(problems).Reject();
    }
    if (instruction->kind() != v1::Instruction::KIND_ACTION) {
      return Decision::Reject({Reason::kNotForHandling});
    }
    return std::nullopt;
  }
  auto dispatch = state.Find<v1::DispatchTrack>(request.dispatch());
  if (!dispatch.has_value() || domain::CommitteeOf(request.dispatch()) != committee) {
    problems.Add("dispatch", "没有这条报送,请核对编号");
    return std::move(problems).Reject();
  }
  if (!IsForwarded(*dispatch)) return Decision::Reject({Reason::kNotForwarded});
  return std::nullopt;
}

Problems ProblemsOf(const domain::State& state,
                    std::string_view committee,
                    const std::string& today,
                    const v1::AssignTaskRequest& request) {
  Problems problems;
  problems.AddIf(!office::UnitOn(state, committee, request.lead(), today).has_value(), "lead",
                 "没有这个主办单位,请从单位登记里选择");
  std::set<std::string> seen = {request.lead()};
  for (int i = 0; i < request.co_handlers_size(); ++i) {
    const std::string& unit = request.co_handlers(i);
    std::string field = "co_handlers[" + std::to_string(i) + "]";
    if (!seen.insert(unit).second) {
      problems.Add(field, "同一单位只填一次,主办单位不再填作会办");
    } else if (!office::UnitOn(state, committee, unit, today).has_value()) {
      problems.Add(field, "没有这个会办单位,请从单位登记里选择");
    }
  }
  problems.AddIf(request.deadline() < today, "deadline", "办理期限不能早于今天");
  return problems;
}

// A handler of the lead unit on the day.
bool IsLead(const domain::State& state, const domain::Command& command, const Task& task) {
  auto person =
      office::PersonOn(state, command.principal.committee, command.principal.person, command.today);
  return person.has_value() && command.principal.committee == domain::CommitteeOf(task.name()) &&
         person->unit() == task.lead();
}

// 采纳 and 落实 come from replies, by the day of the reply.
void CountResult(Work& work, const Task& task) {
  v1::FigureKind figure = v1::FIGURE_KIND_UNSPECIFIED;
  if (task.result() == Task::RESULT_ACCEPTED) figure = v1::FIGURE_KIND_RESULTS_ACCEPTED;
  if (task.result() == Task::RESULT_IMPLEMENTED) figure = v1::FIGURE_KIND_RESULTS_IMPLEMENTED;
  if (figure == v1::FIGURE_KIND_UNSPECIFIED) return;
  work.tally().Add(domain::CommitteeOf(task.name()), {{figure, task.replied_on()}},
                   SplitValuesOf(SplitsOf(work, ObjectOf(work, task))), 1);
}

bool IsHeld(const domain::State& state, const Task& task) {
  auto instruction = state.Find<v1::Instruction>(task.instruction());
  return instruction.has_value() && instruction->hold();
}

}  // namespace

Decision AssignTask(const domain::State& state,
                    const domain::Command& command,
                    const v1::AssignTaskRequest& request) {
  std::string committee(domain::CommitteeOf(request.parent()));
  if (auto refused = RefuseOrigin(state, committee, request)) return *std::move(refused);
  Problems problems = ProblemsOf(state, committee, command.today, request);
  if (!problems.empty()) return std::move(problems).Reject();

  Work work(state, command);
  Task task;
  task.set_name(work.NextName(committee, "tasks"));
  task.set_state(Task::STATE_ASSIGNED);
  task.set_instruction(request.instruction());
  task.set_dispatch(request.dispatch());
  task.set_lead(request.lead());
  *task.mutable_co_handlers() = request.co_handlers();
  task.set_deadline(request.deadline());
  *task.mutable_create_time() = work.now();
  *task.mutable_words_ref() = command.texts.Pin(task.name(), 1, request.words());
  work.Add(task.name(), [&](v1::Event& event) {
    *event.mutable_header()->add_texts() = task.words_ref();
    *event.mutable_task_assigned()->mutable_task() = task;
  });
  work.NoteStatus(task.name(), "", StatusOf(task.state()));

  v1::Step step;
  step.set_kind(v1::Step::KIND_TASK_ASSIGNED);
  step.set_on(command.today);
  step.set_body(committee);
  step.set_cause(task.name());
  step.set_recorded_by(command.principal.person);
  *step.mutable_record_time() = work.now();
  step.set_record_position(work.command().position.position());
  NoteConcerned(work, ObjectOf(work, task), step);
  return work.Finish(task.name());
}

// Whoever is not of the lead unit learns nothing, not even whether there is such a task.
Decision ReplyTask(const domain::State& state,
                   const domain::Command& command,
                   const v1::ReplyTaskRequest& request) {
  auto known = state.Find<Task>(request.name());
  if (known.has_value() && !IsLead(state, command, *known)) {
    return Decision::Reject({Reason::kForbidden});
  }
  auto found = FindCurrent<Task>(state, command, request, Reason::kForbidden);
  if (auto* rejection = std::get_if<Rejection>(&found)) return Decision::Reject(*rejection);
  auto task = std::get<Task>(std::move(found));
  if (task.state() != Task::STATE_ASSIGNED) return WrongState(task);

  Work work(state, command);
  v1::Words words;
  words.set_text(request.text());
  log::v1::TextRef ref =
      command.texts.Pin(task.name() + "/reply", task.reply_ref().edition() + 1, words);
  work.Add(task.name(), [&](v1::Event& event) {
    *event.mutable_header()->add_texts() = ref;
    v1::TaskReplied& replied = *event.mutable_task_replied();
    replied.set_result(request.result());
    replied.set_on(command.today);
    *replied.mutable_reply_ref() = ref;
  });
  work.NoteStatus(task.name(), StatusOf(task.state()), StatusOf(Task::STATE_REPLIED));
  return work.Finish(task.name());
}

Decision ReviewReply(const domain::State& state,
                     const domain::Command& command,
                     const v1::ReviewReplyRequest& request) {
  auto found = FindCurrent<Task>(state, command, request);
  if (auto* rejection = std::get_if<Rejection>(&found)) return Decision::Reject(*rejection);
  auto task = std::get<Task>(std::move(found));
  if (task.state() != Task::STATE_REPLIED) return WrongState(task);
  Problems problems;
  problems.AddIf(!request.accept() && request.opinion().empty(), "opinion", "退回重办请写明要求");
  if (!problems.empty()) return std::move(problems).Reject();

  Work work(state, command);
  Task::State next = request.accept() ? Task::STATE_ACCEPTED : Task::STATE_ASSIGNED;
  std::optional<log::v1::TextRef> ref;
  if (!request.opinion().empty()) {
    v1::Words words;
    words.set_text(request.opinion());
    ref = command.texts.Pin(task.name() + "/opinion", task.opinion_ref().edition() + 1, words);
  }
  work.Add(task.name(), [&](v1::Event& event) {
    v1::ReplyReviewed& reviewed = *event.mutable_reply_reviewed();
    reviewed.set_state(next);
    if (!ref.has_value()) return;
    *event.mutable_header()->add_texts() = *ref;
    *reviewed.mutable_opinion_ref() = *ref;
  });
  work.NoteStatus(task.name(), StatusOf(task.state()), StatusOf(next));
  return work.Finish(task.name());
}

Decision CloseTask(const domain::State& state,
                   const domain::Command& command,
                   const v1::CloseTaskRequest& request) {
  auto found = FindCurrent<Task>(state, command, request);
  if (auto* rejection = std::get_if<Rejection>(&found)) return Decision::Reject(*rejection);
  auto task = std::get<Task>(std::move(found));
  if (task.state() != Task::STATE_ACCEPTED) return WrongState(task);

  Work work(state, command);
  work.Add(task.name(), [](v1::Event& event) { event.mutable_task_closed(); });
  work.NoteStatus(task.name(), StatusOf(task.state()), StatusOf(Task::STATE_CLOSED));
  CountResult(work, task);

  v1::InstructionObject object = ObjectOf(work, task);
  v1::Step step = ResultOf(task);
  *step.mutable_record_time() = work.now();
  step.set_record_position(work.command().position.position());
  if (!IsHeld(state, task)) ReleaseToSenders(work, object, step, {});
  step.set_recorded_by(command.principal.person);
  NoteConcerned(work, object, step);
  return work.Finish(task.name());
}

}  // namespace shangda::feedback
