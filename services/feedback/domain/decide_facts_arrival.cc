// Routing's facts about what arrives from below: each becomes this body's word to the sender.
#include <string>
#include <utility>

#include "services/feedback/domain/facts.h"
#include "services/feedback/domain/outcomes.h"
#include "services/feedback/domain/steps.h"

namespace shangda::feedback {
namespace {

using routing::v1::Event;

// The next that this body did with the arrival.
void Say(Work& work, const std::string& arrival, v1::Step step, const v1::Words& words) {
  auto track = work.Find<v1::ArrivalTrack>(arrival);
  if (!track.has_value()) return;
  step.set_cause_revision(track->outcomes() + 1);
  work.NoteStatus(arrival, track->outcomes() == 0 ? "" : StatusOf(track->latest()),
                  StatusOf(step.kind()));
  Release(work, *track, std::move(step), /*relayed=*/false, words);
}

// The same was said before: the fact is heard again.
bool IsSaid(const Work& work, const v1::ArrivalTrack& arrival, const v1::Step& step) {
  for (const domain::IndexParts& entry : work.List("outcomes_by_dispatch", {arrival.dispatch()})) {
    auto outcome = work.Find<v1::Outcome>(entry.back());
    if (!outcome.has_value() || outcome->decided() != arrival.name()) continue;
    // Position and time: after a fork the one may come again for something else, and at one instant of a clock that
    // stands still several things may be done.
    const v1::Step& said = outcome->step();
    if (said.kind() == step.kind() && said.record_position() == step.record_position() &&
        said.record_time().seconds() == step.record_time().seconds() &&
        said.record_time().nanos() == step.record_time().nanos()) {
      return true;
    }
  }
  return false;
}

void TakeArrivalTaken(Work& work, const Event& fact) {
  const routing::v1::Arrival& arrival = fact.arrival_taken().arrival();
  if (work.Has<v1::ArrivalTrack>(arrival.name())) return;
  work.Add(arrival.name(), [&](v1::Event& event) {
    v1::ArrivalTrack& track = *event.mutable_arrival_tracked()->mutable_arrival();
    track.set_name(arrival.name());
    track.set_dispatch(arrival.dispatch());
    track.set_sender(arrival.sender());
  });
  Say(work, arrival.name(), StepOf(v1::Step::KIND_ARRIVED, fact.header(), arrival.received_on()),
      {});
}

void TakeArrivalAcknowledged(Work& work, const Event& fact) {
  auto arrival = work.Find<v1::ArrivalTrack>(fact.header().subject());
  v1::Step step =
      StepOf(v1::Step::KIND_ACKNOWLEDGED, fact.header(), fact.arrival_acknowledged().on());
  if (!arrival.has_value() || IsSaid(work, *arrival, step)) return;
  Say(work, arrival->name(), std::move(step), {});
}

v1::Step::Kind StepOfDisposition(routing::v1::Disposition::Kind kind) {
  using routing::v1::Disposition;
  switch (kind) {
    case Disposition::KIND_SUPPLEMENT_REQUESTED:
      return v1::Step::KIND_SUPPLEMENT_REQUESTED;
    case Disposition::KIND_KEPT:
      return v1::Step::KIND_KEPT;
    case Disposition::KIND_NOT_ADOPTED:
      return v1::Step::KIND_NOT_ADOPTED;
    case Disposition::KIND_SENT_BACK:
      return v1::Step::KIND_SENT_BACK;
    case Disposition::KIND_ADOPTED:
      return v1::Step::KIND_ADOPTED;
    case Disposition::KIND_RECALLED:
      return v1::Step::KIND_RECALLED;
    default:
      return v1::Step::KIND_UNSPECIFIED;
  }
}

bool IsNoted(const Work& work, const v1::ArrivalTrack& arrival, const routing::v1::Use& use) {
  for (const std::string& name : arrival.adoptions()) {
    auto adoption = work.Find<v1::Adoption>(name);
    if (adoption.has_value() && adoption->use().SerializeAsString() == use.SerializeAsString()) {
      return true;
    }
  }
  return false;
}

void NoteAdoption(Work& work,
                  const v1::ArrivalTrack& arrival,
                  const routing::v1::Disposition& disposition) {
  std::string name = work.NextName(domain::CommitteeOf(arrival.name()), "adoptions");
  work.Add(name, [&](v1::Event& event) {
    v1::Adoption& adoption = *event.mutable_adoption_noted()->mutable_adoption();
    adoption.set_name(name);
    adoption.set_dispatch(arrival.dispatch());
    adoption.set_arrival(arrival.name());
    *adoption.mutable_use() = disposition.use();
    adoption.set_on(disposition.on());
    adoption.set_by_link(true);
    adoption.set_sender(arrival.sender());
  });
}

// How it was used: form, and where it went out.
v1::Words DescribeUse(const Work& work, const routing::v1::Use& use, v1::Step* step) {
  step->set_use(use.kind());
  step->set_form(use.form());
  if (use.form() == routing::v1::Use::FORM_MERGED) {
    auto paper = work.Find<v1::PaperTrack>(use.paper());
    if (paper.has_value()) step->set_source_count(paper->source_count());
  }
  v1::Words words;
  auto issue = work.Find<v1::IssueTrack>(use.issue());
  if (!issue.has_value()) return words;
  step->set_serial(issue->serial());
  step->set_period(issue->period());
  step->set_number(issue->number());
  words.set_serial_title(SerialTitle(work, issue->name(), issue->serial()));
  return words;
}

void TakeArrivalDisposed(Work& work, const Event& fact) {
  const routing::v1::Disposition& disposition = fact.arrival_disposed().disposition();
  auto arrival = work.Find<v1::ArrivalTrack>(fact.header().subject());
  v1::Step step = StepOf(StepOfDisposition(disposition.kind()), fact.header(), disposition.on());
  if (!arrival.has_value() || step.kind() == v1::Step::KIND_UNSPECIFIED) return;

  v1::Words words;
  if (step.kind() == v1::Step::KIND_ADOPTED) {
    if (IsNoted(work, *arrival, disposition.use())) return;
    NoteAdoption(work, *arrival, disposition);
    words = DescribeUse(work, disposition.use(), &step);
  } else if (IsSaid(work, *arrival, step)) {
    return;
  }
  if (auto opinion = work.ReadText<routing::v1::Opinion>(disposition.opinion_ref())) {
    words.set_text(opinion->text());
  }
  Say(work, arrival->name(), std::move(step), words);
}

}  // namespace

void TakeArrivalFact(Work& work, const Event& fact) {
  switch (fact.payload_case()) {
    case Event::kArrivalTaken:
      return TakeArrivalTaken(work, fact);
    case Event::kArrivalAcknowledged:
      return TakeArrivalAcknowledged(work, fact);
    case Event::kArrivalDisposed:
      return TakeArrivalDisposed(work, fact);
    default:
      return;
  }
}

}  // namespace shangda::feedback
