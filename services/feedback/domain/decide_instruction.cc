// 批示: recorded by a person, passed down unless held back.
#include <optional>
#include <string>
#include <utility>

#include "common/domain/names.h"
#include "common/office/office.h"
#include "services/feedback/domain/concerns.h"
#include "services/feedback/domain/evidence.h"
#include "services/feedback/domain/refuse.h"
#include "services/feedback/domain/steps.h"
#include "services/feedback/domain/verbs.h"

namespace shangda::feedback {
namespace {

using Object = v1::InstructionObject;

// Something outside is known by what is said of it; everything else must be tracked here, as the
// committee's own.
bool IsKnown(const domain::State& state, const Object& object, std::string_view committee) {
  switch (object.object_case()) {
    case Object::kPaper: {
      auto paper = state.Find<v1::PaperTrack>(object.paper());
      return paper.has_value() && !paper->reopened() &&
             domain::CommitteeOf(object.paper()) == committee;
    }
    case Object::kIssue:
      return state.Has<v1::IssueTrack>(object.issue()) &&
             domain::CommitteeOf(object.issue()) == committee;
    case Object::kDispatch:
      return state.Has<v1::DispatchTrack>(object.dispatch()) &&
             domain::CommitteeOf(object.dispatch()) == committee;
    case Object::kExternal:
      return true;
    case Object::OBJECT_NOT_SET:
      return false;
  }
  return false;
}

// The leader's entry as of the day, with name and post.
std::optional<office::v1::Person> LeaderOn(const domain::State& state,
                                           std::string_view committee,
                                           const v1::RecordInstructionRequest& request) {
  auto person = office::PersonOn(state, committee, request.leader(), request.on());
  if (!person.has_value()) return std::nullopt;
  auto entry = office::FindEntry(state, domain::EntryName(committee, "persons", request.leader()));
  if (!entry.has_value()) return person;
  return office::WithTexts(state, *std::move(entry)).person();
}

v1::InstructionWords WordsOf(const v1::RecordInstructionRequest& request,
                             const office::v1::Person& leader) {
  v1::InstructionWords words;
  words.set_leader_name(leader.name());
  words.set_leader_post(leader.post());
  words.set_releasable(request.releasable());
  *words.mutable_evidence() = request.evidence();
  words.set_external_title(request.object().external().title());
  return words;
}

v1::Step StepOf(const v1::Instruction& instruction) {
  v1::Step step;
  step.set_kind(v1::Step::KIND_INSTRUCTED);
  step.set_on(instruction.on());
  step.set_body(std::string(domain::CommitteeOf(instruction.name())));
  step.set_leader_level(instruction.leader_level());
  step.set_instruction_kind(instruction.kind());
  step.set_cause(instruction.name());
  step.set_cause_revision(1);
  *step.mutable_record_time() = instruction.create_time();
  return step;
}

// Own level and higher levels are different figures.
void CountInstruction(Work& work, const v1::Instruction& instruction) {
  std::vector<Count> counts = CountsOf(instruction);
  if (instruction.counts() && !instruction.own_level()) {
    counts = {{v1::FIGURE_KIND_INSTRUCTIONS_ABOVE, instruction.on(), instruction.name()}};
  }
  work.tally().Add(domain::CommitteeOf(instruction.name()), counts,
                   SplitValuesOf(work, instruction), 1);
}

// Those below hear level, date, kind and the releasable wording.
void PassDown(Work& work, const v1::Instruction& instruction, const std::string& releasable) {
  v1::Words words;
  words.set_text(releasable);
  ReleaseToSenders(work, instruction.object(), StepOf(instruction), words);
}

}  // namespace

Decision RecordInstruction(const domain::State& state,
                           const domain::Command& command,
                           const v1::RecordInstructionRequest& request) {
  std::string committee(domain::CommitteeOf(request.parent()));
  if (!IsKnown(state, request.object(), committee)) {
    return Decision::Reject({Reason::kObjectUnknown});
  }
  auto leader = LeaderOn(state, committee, request);
  bool is_leader = leader.has_value() && leader->leader_level() != office::v1::LEVEL_UNSPECIFIED;
  Problems problems;
  problems.AddIf(!is_leader, "leader",
                 "人员登记里没有这位领导,或批示当日不在任,请先登记其姓名、职务和级别");
  problems.AddIf(request.full_text().empty() && request.kind() != v1::Instruction::KIND_CIRCULATED,
                 "full_text", "请填写批示全文;只有圈阅可以不填");
  CheckEvidence(request.evidence(), &problems);
  if (!problems.empty()) return std::move(problems).Reject();

  Work work(state, command);
  v1::Instruction instruction;
  instruction.set_name(work.NextName(committee, "instructions"));
  instruction.set_leader(request.leader());
  instruction.set_leader_level(leader->leader_level());
  instruction.set_own_level(leader->own_level());
  *instruction.mutable_object() = request.object();
  if (request.object().has_external()) {
    instruction.mutable_object()->mutable_external()->clear_title();
  }
  instruction.set_on(request.on());
  instruction.set_kind(request.kind());
  instruction.set_counts(request.kind() != v1::Instruction::KIND_CIRCULATED ||
                         office::PolicyOn(state, committee, request.on()).circulated_counts());
  instruction.set_hold(request.hold());
  *instruction.mutable_create_time() = work.now();
  *instruction.mutable_words_ref() =
      command.texts.Pin(instruction.name(), 1, WordsOf(request, *leader));
  if (!request.full_text().empty()) {
    v1::InstructionText text;
    text.set_text(request.full_text());
    *instruction.mutable_full_text_ref() =
        command.texts.PinSealed(instruction.name() + "/full-text", 1, text);
  }
  work.Add(instruction.name(), [&](v1::Event& event) {
    *event.mutable_header()->add_texts() = instruction.words_ref();
    if (instruction.has_full_text_ref()) {
      *event.mutable_header()->add_texts() = instruction.full_text_ref();
    }
    *event.mutable_instruction_recorded()->mutable_instruction() = instruction;
  });
  work.NoteStatus(instruction.name(), "", StatusOf(instruction));
  CountInstruction(work, instruction);

  v1::Step step = StepOf(instruction);
  step.set_recorded_by(command.principal.person);
  if (!request.releasable().empty()) {
    v1::Words words;
    words.set_text(request.releasable());
    *step.mutable_words_ref() = command.texts.Pin(instruction.name() + "/releasable", 1, words);
  }
  NoteConcerned(work, instruction.object(), step);
  if (!instruction.hold()) PassDown(work, instruction, request.releasable());
  return work.Finish(instruction.name());
}

Decision ReleaseInstruction(const domain::State& state,
                            const domain::Command& command,
                            const v1::ReleaseInstructionRequest& request) {
  auto found = FindCurrent<v1::Instruction>(state, command, request);
  if (auto* rejection = std::get_if<Rejection>(&found)) return Decision::Reject(*rejection);
  auto instruction = std::get<v1::Instruction>(std::move(found));
  if (!instruction.hold()) return Decision::Reject({Reason::kNotHeld});

  Work work(state, command);
  work.Add(instruction.name(), [](v1::Event& event) { event.mutable_instruction_released(); });
  work.NoteStatus(instruction.name(), "HELD", "RELEASED");
  auto words = state.ReadText<v1::InstructionWords>(instruction.words_ref());
  PassDown(work, instruction, words.has_value() ? words->releasable() : "");
  // What came of it while it was held back.
  for (const std::string& name : instruction.tasks()) {
    auto task = state.Find<v1::HandlingTask>(name);
    if (!task.has_value() || task->state() != v1::HandlingTask::STATE_CLOSED) continue;
    v1::Step result = ResultOf(*task);
    *result.mutable_record_time() = work.now();
    result.set_record_position(work.command().position.position());
    ReleaseToSenders(work, instruction.object(), result, {});
  }
  return work.Finish(instruction.name());
}

}  // namespace shangda::feedback
