// What a channel without a node did with a dispatch: a person records it.
#include <string>

#include "common/domain/names.h"
#include "services/feedback/domain/evidence.h"
#include "services/feedback/domain/outcomes.h"
#include "services/feedback/domain/refuse.h"
#include "services/feedback/domain/steps.h"
#include "services/feedback/domain/verbs.h"

namespace shangda::feedback {
namespace {

using Track = v1::DispatchTrack;

// Unspecified: not one that a person may record.
v1::Step::Kind StepOf(Track::Disposition disposition) {
  switch (disposition) {
    case Track::DISPOSITION_ADOPTED:
      return v1::Step::KIND_ADOPTED;
    case Track::DISPOSITION_KEPT:
      return v1::Step::KIND_KEPT;
    case Track::DISPOSITION_NOT_ADOPTED:
      return v1::Step::KIND_NOT_ADOPTED;
    case Track::DISPOSITION_SENT_BACK:
      return v1::Step::KIND_SENT_BACK;
    default:
      return v1::Step::KIND_UNSPECIFIED;
  }
}

// Its dispositions are a series, counted from 1.
uint32_t NextRevision(const Track& dispatch) {
  uint32_t count = 0;
  for (const v1::Step& step : dispatch.steps()) {
    bool is_recorded = DispositionOf(step.kind()) != Track::DISPOSITION_UNSPECIFIED;
    if (is_recorded && step.cause() == dispatch.name()) ++count;
  }
  return count + 1;
}

void NoteAdoption(Work& work, const Track& dispatch, const v1::Step& step) {
  std::string_view committee = domain::CommitteeOf(dispatch.name());
  std::string name = work.NextName(committee, "adoptions");
  work.Add(name, [&](v1::Event& event) {
    v1::Adoption& adoption = *event.mutable_adoption_noted()->mutable_adoption();
    adoption.set_name(name);
    adoption.set_dispatch(dispatch.name());
    adoption.mutable_use()->set_form(step.form());
    adoption.set_on(step.on());
    adoption.set_sender(std::string(committee));
  });
}

}  // namespace

Decision RecordDisposition(const domain::State& state,
                           const domain::Command& command,
                           const v1::RecordDispositionRequest& request) {
  auto dispatch = state.Find<Track>(request.dispatch());
  if (!dispatch.has_value()) return Decision::Reject({Reason::kNotFound});
  if (!dispatch->receiver().empty()) {
    return Decision::Reject({Reason::kReceiverHasNode, {{"receiver", dispatch->receiver()}}});
  }
  if (dispatch->state() != routing::v1::Dispatch::STATE_HANDED_OVER) {
    return Decision::Reject({Reason::kNotHandedOver,
                             {{"state", routing::v1::Dispatch::State_Name(dispatch->state())}}});
  }

  v1::Step step;
  step.set_kind(StepOf(request.disposition()));
  bool is_adopted = step.kind() == v1::Step::KIND_ADOPTED;
  Problems problems;
  problems.AddIf(step.kind() == v1::Step::KIND_UNSPECIFIED, "disposition",
                 "请选择采用、留存、不采用或退稿");
  problems.AddIf(request.on() < dispatch->handed_over_on(), "on",
                 "处理日期不能早于送达日期 " + dispatch->handed_over_on());
  problems.AddIf(!is_adopted && request.form() != routing::v1::Use::FORM_UNSPECIFIED, "form",
                 "只有采用才分单篇和综合,请删去");
  CheckEvidence(request.evidence(), &problems);
  if (!problems.empty()) return std::move(problems).Reject();

  Work work(state, command);
  step.set_on(request.on());
  step.set_cause(dispatch->name());
  step.set_cause_revision(NextRevision(*dispatch));
  step.set_recorded_by(command.principal.person);
  *step.mutable_record_time() = work.now();
  step.set_record_position(work.command().position.position());
  if (is_adopted) {
    step.set_form(request.form() == routing::v1::Use::FORM_UNSPECIFIED
                      ? routing::v1::Use::FORM_SINGLE
                      : request.form());
    NoteAdoption(work, *dispatch, step);
  }
  v1::Words words;
  *words.mutable_evidence() = request.evidence();
  *step.mutable_words_ref() =
      command.texts.Pin(dispatch->name() + "/dispositions", step.cause_revision(), words);
  TakeWord(work, *dispatch, step, words);
  return work.Finish(dispatch->name());
}

}  // namespace shangda::feedback
