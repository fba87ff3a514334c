// What a comparison with a neighbour found: the node's own commands.
#include <set>
#include <string>

#include "common/domain/names.h"
#include "services/feedback/domain/lines.h"
#include "services/feedback/domain/verbs.h"

namespace shangda::feedback {

using domain::Command;
using domain::State;

Decision NoteOutcomesGone(const State& state,
                          const Command& command,
                          const v1::NoteOutcomesGoneRequest& request) {
  if (command.principal.is_person()) return Decision::Reject({Reason::kForbidden});
  Decision decision;
  decision.name = "committees/" + request.audience();
  std::set<std::string> noted;
  for (const v1::ComparedOutcome& outcome : request.outcomes()) {
    if (!IsOutcomeFor(outcome, request.audience()) || !domain::IsCommitteeCode(request.body()) ||
        !IsTaken(state, outcome) ||
        IsGone(state, request.audience(), outcome) != request.found_again() ||
        !noted.insert(MarkOf(outcome)).second) {
      continue;
    }
    v1::OutcomeGone& gone =
        *decision.Add(outcome.dispatch(), request.audience()).mutable_outcome_gone();
    *gone.mutable_outcome() = outcome;
    gone.set_neighbour(request.body());
    gone.set_found_again(request.found_again());
  }
  return decision;
}

Decision NoteOutcomesLost(const State& state,
                          const Command& command,
                          const v1::NoteOutcomesLostRequest& request) {
  if (command.principal.is_person()) return Decision::Reject({Reason::kForbidden});
  Decision decision;
  decision.name = "committees/" + request.body();
  std::set<std::string> noted;
  for (const v1::ComparedOutcome& outcome : request.outcomes()) {
    if (!IsOutcomeFor(outcome, request.audience()) || IsLost(state, request.body(), outcome) ||
        !noted.insert(MarkOf(outcome)).second) {
      continue;
    }
    v1::OutcomeLost& lost =
        *decision.Add(outcome.dispatch(), request.body()).mutable_outcome_lost();
    *lost.mutable_outcome() = outcome;
    lost.set_neighbour(request.audience());
  }
  return decision;
}

}  // namespace shangda::feedback
