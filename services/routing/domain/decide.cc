#include "services/routing/domain/decide.h"

#include <google/protobuf/descriptor.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/domain/names.h"
#include "common/incident/incident.h"
#include "common/office/office.h"
#include "services/routing/domain/verbs.h"

namespace shangda::routing {
namespace {

using domain::Command;
using domain::State;

// Who may bring a command; the first half of a person's rights was checked before the queue.
enum class By { kPerson, kNode, kEither };

struct Verb {
  const google::protobuf::Descriptor* request;
  By by;
  std::function<Decision(const State&, const Command&)> decide;
};

template <class Request>
Verb On(By by, Decision (*decide)(const State&, const Command&, const Request&)) {
  return {Request::descriptor(), by, [decide](const State& state, const Command& command) {
            return decide(state, command, static_cast<const Request&>(command.request));
          }};
}

Decision TakeEntry(const State& state,
                   const Command& command,
                   const office::v1::TakeEntryRequest& request) {
  Decision decision;
  decision.name = request.entry().name();
  std::optional<office::v1::EntryTaken> taken = office::TakeEntry(state, command, request);
  if (!taken.has_value()) return decision;
  v1::Event& event = decision.Add(decision.name, domain::CommitteeOf(decision.name));
  *event.mutable_entry_taken() = *std::move(taken);
  return decision;
}

const std::vector<Verb>& Verbs() {
  static const auto& verbs = *new std::vector<Verb>{
      On(By::kPerson, SettleDeskItem),
      On(By::kPerson, ReopenDeskItem),
      On(By::kPerson, AskWithdrawal),
      On(By::kPerson, DeclineWithdrawal),
      On(By::kPerson, DraftPaper),
      On(By::kPerson, EditPaper),
      On(By::kPerson, PutInPaper),
      On(By::kPerson, AgreePaper),
      On(By::kPerson, SendBackPaper),
      On(By::kPerson, SignOffPaper),
      On(By::kPerson, ReopenPaper),
      On(By::kPerson, PublishIssue),
      On(By::kPerson, DispatchPaper),
      On(By::kPerson, HandOverDispatch),
      On(By::kEither, RetryDispatch),
      On(By::kPerson, CancelDispatch),
      On(By::kPerson, AcknowledgeArrival),
      On(By::kPerson, DisposeArrival),
      On(By::kNode, NoteAttempt),
      On(By::kNode, NoteAnswer),
      On(By::kNode, NoteOwedAgain),
      On(By::kNode, NoteGone),
      On(By::kNode, NoteSenderLost),
      On(By::kNode, TakeDelivery),
      On(By::kNode, TakeEntry),
      On(By::kNode, StartEpoch),
      On(By::kNode, NoteSeen),
      On(By::kPerson, ResumeNumbering),
  };
  return verbs;
}

Decision DecideFact(const State& state, const Command& command) {
  if (command.request.GetDescriptor() != intake::v1::Event::descriptor()) return {};
  const auto& fact = static_cast<const intake::v1::Event&>(command.request);
  if (fact.has_report_registered()) return TakeRegistered(state, command, fact);
  return {};
}

}  // namespace

Decision Decide(const State& state, const Command& command) {
  if (!command.upstream.empty()) return DecideFact(state, command);
  for (const Verb& verb : Verbs()) {
    if (verb.request != command.request.GetDescriptor()) continue;
    if (verb.by == (command.principal.is_person() ? By::kNode : By::kPerson)) {
      return Decision::Reject({Reason::kForbidden});
    }
    return verb.decide(state, command);
  }
  auto decided = incident::DecideAs<v1::Event, Reason>(state, command);
  if (decided.has_value()) return *std::move(decided);
  return Decision::Reject({Reason::kUnknownCommand});
}

}  // namespace shangda::routing
