// Dispatches: made by the dispatcher, carried by the node's link, handed over on paper where there
// is no node.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/domain/dates.h"
#include "common/domain/names.h"
#include "common/domain/series.h"
#include "common/office/office.h"
#include "services/routing/domain/adoption.h"
#include "services/routing/domain/capsule.h"
#include "services/routing/domain/owed.h"
#include "services/routing/domain/refuse.h"
#include "services/routing/domain/verbs.h"

namespace shangda::routing {
namespace {

using domain::Command;
using domain::State;

// Why the paper may not go through the channel.
std::optional<Rejection> CheckWayOut(const State& state,
                                     const v1::Paper& paper,
                                     const std::string& channel) {
  if (paper.state() != v1::Paper::STATE_SIGNED) return WrongState(paper);
  if (std::count(paper.channels().begin(), paper.channels().end(), channel) == 0) {
    return Rejection{Reason::kChannelNotSigned, {{"channel", channel}}};
  }
  const std::string committee(domain::CommitteeOf(paper.name()));
  for (const auto& listed : state.List("dispatches_by_paper", {committee, paper.name()})) {
    const auto dispatch = state.Find<v1::Dispatch>(listed.back()).value();
    if (dispatch.channel() == channel && dispatch.state() != v1::Dispatch::STATE_CANCELLED) {
      return Rejection{Reason::kAlreadyDispatched, {{"dispatch", dispatch.name()}}};
    }
  }
  return std::nullopt;
}

v1::Dispatch::Kind KindOf(const v1::Paper& paper,
                          const office::v1::Channel& channel,
                          const v1::DispatchPaperRequest& request) {
  if (request.copy()) return v1::Dispatch::KIND_COPY;
  if (!channel.upward()) return v1::Dispatch::KIND_FORWARD;
  return paper.arrivals().empty() ? v1::Dispatch::KIND_SUBMIT_UP : v1::Dispatch::KIND_RELAY_UP;
}

Decision About(const v1::Dispatch& dispatch) {
  Decision decision;
  decision.name = dispatch.name();
  return decision;
}

v1::Event& AddEvent(Decision& decision, const v1::Dispatch& dispatch) {
  return decision.Add(dispatch.name(), domain::CommitteeOf(dispatch.name()));
}

// A refusal that does not say what may mend it waits for a person.
v1::Refusal WithRetry(v1::Refusal refusal) {
  if (refusal.retry() == v1::Refusal::RETRY_UNSPECIFIED) {
    refusal.set_retry(v1::Refusal::RETRY_PERSON);
  }
  return refusal;
}

// The receiver has it again, or would not take it again: what the dispatch stands for and counts as stays.
Decision AnsweredAgain(const v1::Dispatch& dispatch, const v1::NoteAnswerRequest& request) {
  Decision decision = About(dispatch);
  if (request.has_receipt()) {
    *AddEvent(decision, dispatch).mutable_dispatch_receipt_renewed()->mutable_receipt() =
        request.receipt();
  } else if (request.has_refusal()) {
    *AddEvent(decision, dispatch).mutable_dispatch_redelivery_refused()->mutable_refusal() =
        WithRetry(request.refusal());
  }
  return decision;
}

// The receiver has it. A refusal that was recorded in between was overtaken: it is owed again
// first, so that every step is one of the dispatch's own.
Decision Delivered(const State& state, const v1::Dispatch& dispatch, const v1::Receipt& receipt) {
  Decision decision = About(dispatch);
  if (dispatch.state() == v1::Dispatch::STATE_REFUSED) {
    AddEvent(decision, dispatch).mutable_dispatch_retried();
  }
  *AddEvent(decision, dispatch).mutable_dispatch_delivered()->mutable_receipt() = receipt;
  AddAdoptionsOf(state, dispatch, receipt.received_on(), decision);
  return decision;
}

Decision Refused(const v1::Dispatch& dispatch, const v1::Refusal& refusal) {
  Decision decision = About(dispatch);
  *AddEvent(decision, dispatch).mutable_dispatch_refused()->mutable_refusal() = WithRetry(refusal);
  return decision;
}

}  // namespace

Decision DispatchPaper(const State& state,
                       const Command& command,
                       const v1::DispatchPaperRequest& request) {
  const std::string committee(domain::CommitteeOf(request.parent()));
  const auto paper = state.Find<v1::Paper>(request.paper());
  if (!paper.has_value() || domain::CommitteeOf(request.paper()) != committee) {
    return Decision::Reject(NotFound(request.paper()));
  }
  if (auto refused = CheckWayOut(state, *paper, request.channel())) {
    return Decision::Reject(*std::move(refused));
  }
  const auto channel = office::ChannelOn(state, committee, request.channel(), command.today);
  if (!channel.has_value()) {
    return Decision::Reject(
        InvalidField("channel", "这个渠道已不在报送渠道名录中,请撤签重审并另选渠道"));
  }
  const bool has_node = channel->kind() == office::v1::Channel::KIND_BODY;
  if (has_node && !office::CommitteeOn(state, channel->body(), command.today).has_value()) {
    return Decision::Reject(
        InvalidField("channel", "这个渠道所指的机关不在网络名录中,请管理员改正渠道名录"));
  }

  const uint32_t year = domain::YearOf(command.today);
  if (auto held = CheckHeld(state, committee, "dispatches", std::to_string(year))) {
    return Decision::Reject(*std::move(held));
  }
  Decision decision;
  decision.name = domain::NumberedName(
      committee, "dispatches", year,
      domain::NextNumber(state, committee, "dispatches", std::to_string(year)));
  v1::Dispatch& dispatch =
      *decision.Add(decision.name, committee).mutable_dispatch_created()->mutable_dispatch();
  dispatch.set_name(decision.name);
  dispatch.set_revision(1);
  dispatch.set_kind(KindOf(*paper, *channel, request));
  dispatch.set_state(v1::Dispatch::STATE_PENDING);
  dispatch.set_paper(paper->name());
  dispatch.set_edition(1);
  dispatch.set_channel(channel->id());
  dispatch.set_within_cppcc(channel->within_cppcc());
  *dispatch.mutable_leaves() = paper->leaves();
  dispatch.set_category(paper->category());
  if (has_node) {
    dispatch.set_receiver(channel->body());
    const std::string bytes = Serialize(BuildCapsule(state, *paper, dispatch));
    dispatch.set_capsule_sha256(command.texts.Sha256(bytes));
    *dispatch.mutable_capsule_ref() =
        command.texts.PinBytes(dispatch.name() + "/capsule", dispatch.edition(), bytes);
  }
  return decision;
}

Decision HandOverDispatch(const State& state,
                          const Command& command,
                          const v1::HandOverDispatchRequest& request) {
  v1::Dispatch dispatch;
  if (auto refused = FindCurrent(state, command, request, &dispatch)) {
    return Decision::Reject(*std::move(refused));
  }
  if (!dispatch.receiver().empty()) {
    return Decision::Reject({Reason::kReceiverHasNode, {{"receiver", dispatch.receiver()}}});
  }
  if (dispatch.state() != v1::Dispatch::STATE_PENDING) {
    return Decision::Reject(WrongState(dispatch));
  }
  const auto paper = state.Find<v1::Paper>(dispatch.paper()).value();
  if (request.on() < paper.signed_on()) {
    return Decision::Reject(
        InvalidField("on", "送达日期不能早于签发日期,请改为" + paper.signed_on() + "或以后"));
  }

  Decision decision = About(dispatch);
  v1::DispatchHandedOver& handed_over =
      *AddEvent(decision, dispatch).mutable_dispatch_handed_over();
  handed_over.set_on(request.on());
  handed_over.set_copies(std::max<uint32_t>(request.copies(), 1));
  *handed_over.mutable_handed_to_ref() =
      command.texts.Pin(dispatch.name() + "/handed-to", 1, request.handed_to());
  AddAdoptionsOf(state, dispatch, request.on(), decision);
  return decision;
}

Decision RetryDispatch(const State& state,
                       const Command& command,
                       const v1::RetryDispatchRequest& request) {
  v1::Dispatch dispatch;
  if (auto refused = FindCurrent(state, command, request, &dispatch)) {
    return Decision::Reject(*std::move(refused));
  }
  const bool is_again = IsRefusedAgain(dispatch);
  if (!is_again && dispatch.state() != v1::Dispatch::STATE_REFUSED) {
    return Decision::Reject(WrongState(dispatch));
  }
  // What only a person may try again, the link does not.
  if (!command.principal.is_person() && dispatch.refusal().retry() == v1::Refusal::RETRY_PERSON) {
    return Decision::Reject({Reason::kForbidden});
  }
  Decision decision = About(dispatch);
  v1::Event& event = AddEvent(decision, dispatch);
  if (is_again) {
    event.mutable_dispatch_owed_again();
  } else {
    event.mutable_dispatch_retried();
  }
  return decision;
}

Decision CancelDispatch(const State& state,
                        const Command& command,
                        const v1::CancelDispatchRequest& request) {
  v1::Dispatch dispatch;
  if (auto refused = FindCurrent(state, command, request, &dispatch)) {
    return Decision::Reject(*std::move(refused));
  }
  if (dispatch.state() != v1::Dispatch::STATE_PENDING &&
      dispatch.state() != v1::Dispatch::STATE_REFUSED) {
    return Decision::Reject(WrongState(dispatch));
  }
  if (dispatch.attempted() && dispatch.state() == v1::Dispatch::STATE_PENDING) {
    return Decision::Reject({Reason::kAlreadyAttempted});
  }
  Decision decision = About(dispatch);
  AddEvent(decision, dispatch).mutable_dispatch_cancelled();
  return decision;
}

Decision NoteAttempt(const State& state,
                     const Command& /*command*/,
                     const v1::NoteAttemptRequest& request) {
  const auto dispatch = state.Find<v1::Dispatch>(request.dispatch());
  if (!dispatch.has_value()) return Decision::Reject(NotFound(request.dispatch()));
  // Nothing may leave of what is not owed to a node, or no longer.
  if (dispatch->receiver().empty() || dispatch->state() != v1::Dispatch::STATE_PENDING) {
    return Decision::Reject(WrongState(*dispatch));
  }
  Decision decision = About(*dispatch);
  if (!dispatch->attempted()) AddEvent(decision, *dispatch).mutable_dispatch_attempted();
  return decision;
}

Decision NoteAnswer(const State& state,
                    const Command& /*command*/,
                    const v1::NoteAnswerRequest& request) {
  const auto dispatch = state.Find<v1::Dispatch>(request.dispatch());
  if (!dispatch.has_value()) return Decision::Reject(NotFound(request.dispatch()));
  if (dispatch->receiver().empty()) return Decision::Reject(WrongState(*dispatch));
  if (dispatch->edition() != request.edition()) return About(*dispatch);
  if (dispatch->owed_again()) return AnsweredAgain(*dispatch, request);
  const bool is_pending = dispatch->state() == v1::Dispatch::STATE_PENDING;
  const bool is_refused = dispatch->state() == v1::Dispatch::STATE_REFUSED;
  if (request.has_receipt() && (is_pending || is_refused)) {
    if (!domain::IsDate(request.receipt().received_on())) {
      return Decision::Reject(InvalidField("receipt.received_on", "回执没有收到日期,请对方重发"));
    }
    return Delivered(state, *dispatch, request.receipt());
  }
  if (request.has_refusal() && is_pending) return Refused(*dispatch, request.refusal());
  return About(*dispatch);
}

}  // namespace shangda::routing
