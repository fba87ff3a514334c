#include "services/feedback/domain/decide.h"

#include <google/protobuf/descriptor.h>

#include <optional>
#include <utility>

#include "common/domain/names.h"
#include "common/incident/incident.h"
#include "common/numbering/numbering.h"
#include "common/office/office.h"
#include "services/feedback/domain/outcomes.h"
#include "services/feedback/domain/steps.h"
#include "services/feedback/domain/verbs.h"

namespace shangda::feedback {
namespace {

using domain::Command;
using domain::State;

struct Verb {
  const google::protobuf::Descriptor* request;
  Decision (*decide)(const State&, const Command&);
};

template <class Request, Decision (*Decide)(const State&, const Command&, const Request&)>
Verb On() {
  return {Request::descriptor(), [](const State& state, const Command& command) {
            return Decide(state, command, static_cast<const Request&>(command.request));
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

Decision StartEpoch(const State&,
                    const Command& command,
                    const log::v1::StartEpochRequest& request) {
  return numbering::StartEpoch<v1::Event, Reason>(command, request);
}

Decision ResumeNumbering(const State& state,
                         const Command& command,
                         const numbering::v1::ResumeNumberingRequest& request) {
  return numbering::Resume<v1::Event, Reason>(state, command, request, "feedback");
}

Decision NoteSeen(const State& state,
                  const Command& command,
                  const numbering::v1::NoteSeenRequest& request) {
  return numbering::NoteSeen<v1::Event, Reason>(state, command, request, "feedback");
}

// Of all that a body above says, only what it released to a committee of this node is for us.
Decision TakeFeedbackFact(const State& state, const Command& command, const v1::Event& fact) {
  if (!fact.has_outcome_released()) return {};
  const v1::Outcome& outcome = fact.outcome_released().outcome();
  if (!IsWellFormed(outcome)) return Decision::Reject({Reason::kInvalidField});
  if (outcome.audience() != domain::CommitteeOf(outcome.dispatch())) return {};
  Work work(state, command);
  TakeOutcome(work, outcome,
              state.ReadText<v1::Words>(outcome.step().words_ref()).value_or(v1::Words()));
  return work.Finish(outcome.dispatch());
}

// A fact tells the service of its log by its own message type.
Decision DecideFact(const State& state, const Command& command) {
  const auto* type = command.request.GetDescriptor();
  if (type == intake::v1::Event::descriptor()) {
    return TakeIntakeFact(state, command, static_cast<const intake::v1::Event&>(command.request));
  }
  if (type == routing::v1::Event::descriptor()) {
    return TakeRoutingFact(state, command, static_cast<const routing::v1::Event&>(command.request));
  }
  if (type == v1::Event::descriptor()) {
    return TakeFeedbackFact(state, command, static_cast<const v1::Event&>(command.request));
  }
  return {};
}

const std::vector<Verb>& Verbs() {
  static const auto& verbs = *new std::vector<Verb>{
      On<office::v1::TakeEntryRequest, TakeEntry>(),
      On<log::v1::StartEpochRequest, StartEpoch>(),
      On<numbering::v1::ResumeNumberingRequest, ResumeNumbering>(),
      On<numbering::v1::NoteSeenRequest, NoteSeen>(),
      On<v1::RecordDispositionRequest, RecordDisposition>(),
      On<v1::RecordInstructionRequest, RecordInstruction>(),
      On<v1::ReleaseInstructionRequest, ReleaseInstruction>(),
      On<v1::AssignTaskRequest, AssignTask>(),
      On<v1::ReplyTaskRequest, ReplyTask>(),
      On<v1::ReviewReplyRequest, ReviewReply>(),
      On<v1::CloseTaskRequest, CloseTask>(),
      On<v1::RecordInformedRequest, RecordInformed>(),
      On<v1::ConfirmReadRequest, ConfirmRead>(),
      On<v1::CloseReportRequest, CloseReport>(),
      On<v1::NoteOutcomesGoneRequest, NoteOutcomesGone>(),
      On<v1::NoteOutcomesLostRequest, NoteOutcomesLost>(),
  };
  return verbs;
}

using Names = std::vector<std::string>;
using Leaves = google::protobuf::RepeatedPtrField<routing::v1::Leaf>;

void AddDeskItems(const Leaves& leaves, std::string_view committee, Names* names) {
  for (const std::string& report : OwnReports(leaves, committee)) {
    names->push_back(DeskItemOf(report));
  }
}

Names NeedsOfRouting(const routing::v1::Event& fact) {
  using routing::v1::Event;
  const std::string& subject = fact.header().subject();
  std::string_view committee = domain::CommitteeOf(subject);
  Names names;
  switch (fact.payload_case()) {
    case Event::kPaperSigned: {
      const routing::v1::Paper& paper = fact.paper_signed().paper();
      AddDeskItems(paper.leaves(), committee, &names);
      for (const auto& source : paper.arrivals()) names.push_back(source.arrival());
      return names;
    }
    case Event::kIssuePublished:
      for (const routing::v1::IssuedPaper& paper : fact.issue_published().papers()) {
        AddDeskItems(paper.leaves(), committee, &names);
        names.push_back(paper.paper());
      }
      return names;
    case Event::kDispatchCreated: {
      const routing::v1::Dispatch& dispatch = fact.dispatch_created().dispatch();
      AddDeskItems(dispatch.leaves(), committee, &names);
      names.push_back(dispatch.paper());
      return names;
    }
    case Event::kArrivalDisposed: {
      const routing::v1::Use& use = fact.arrival_disposed().disposition().use();
      names.push_back(subject);
      if (!use.paper().empty()) names.push_back(use.paper());
      if (!use.issue().empty()) names.push_back(use.issue());
      return names;
    }
    case Event::kDeskItemSettled:
    case Event::kDeskItemReopened:
    case Event::kDeskItemUsed:
    case Event::kWithdrawalAsked:
    case Event::kWithdrawalDeclined:
    case Event::kPaperReopened:
    case Event::kDispatchDelivered:
    case Event::kDispatchHandedOver:
    case Event::kDispatchRefused:
    case Event::kDispatchRetried:
    case Event::kDispatchCancelled:
    case Event::kDispatchReceiptRenewed:
    case Event::kArrivalAcknowledged:
      return {subject};
    default:
      return {};
  }
}

}  // namespace

Decision Decide(const State& state, const Command& command) {
  if (!command.upstream.empty()) return DecideFact(state, command);
  for (const Verb& verb : Verbs()) {
    if (verb.request == command.request.GetDescriptor()) return verb.decide(state, command);
  }
  auto decided = incident::DecideAs<v1::Event, Reason>(state, command);
  if (decided.has_value()) return *std::move(decided);
  return Decision::Reject({Reason::kUnknownCommand});
}

std::unique_ptr<google::protobuf::Message> NewFact(std::string_view upstream) {
  if (upstream == "intake") return std::make_unique<intake::v1::Event>();
  if (upstream == "routing") return std::make_unique<routing::v1::Event>();
  if (upstream.starts_with("nodes/") && upstream.ends_with("/feedback")) {
    return std::make_unique<v1::Event>();
  }
  return nullptr;
}

std::vector<std::string> Needs(const google::protobuf::Message& fact) {
  const auto* type = fact.GetDescriptor();
  if (type == routing::v1::Event::descriptor()) {
    return NeedsOfRouting(static_cast<const routing::v1::Event&>(fact));
  }
  if (type == v1::Event::descriptor()) {
    const auto& event = static_cast<const v1::Event&>(fact);
    // An ill-formed one waits for no name.
    const v1::Outcome& outcome = event.outcome_released().outcome();
    if (IsWellFormed(outcome)) return {outcome.dispatch()};
  }
  // Intake's log is taken in its own order, beginning with the report.
  return {};
}

bool Knows(const State& state, std::string_view name) {
  std::string_view collection = domain::CollectionOf(name);
  if (collection == "deskitems") return state.Has<v1::DeskTrack>(name);
  if (collection == "papers") return state.Has<v1::PaperTrack>(name);
  if (collection == "issues") return state.Has<v1::IssueTrack>(name);
  if (collection == "dispatches") return state.Has<v1::DispatchTrack>(name);
  if (collection == "arrivals") return state.Has<v1::ArrivalTrack>(name);
  return false;
}

}  // namespace shangda::feedback
