#include "services/routing/domain/apply.h"

#include <string>

#include "common/domain/names.h"
#include "common/domain/series.h"
#include "common/incident/incident.h"
#include "common/numbering/numbering.h"
#include "common/office/office.h"
#include "services/routing/domain/lines.h"
#include "services/routing/domain/serials.h"

namespace shangda::routing {
namespace {

namespace v1 = ::shangda::routing::v1;

// Changes the row of this name, and counts the change.
template <class Row, class F>
void Change(domain::State& state, const std::string& name, F change) {
  Row row = state.Get<Row>(name);
  change(row);
  row.set_revision(row.revision() + 1);
  state.Put(name, row);
}

template <class F>
void ChangeItem(domain::State& state, const v1::Event& event, F change) {
  Change<v1::DeskItem>(state, event.header().subject(), change);
}

template <class F>
void ChangePaper(domain::State& state, const v1::Event& event, F change) {
  Change<v1::Paper>(state, event.header().subject(), change);
}

template <class F>
void ChangeDispatch(domain::State& state, const v1::Event& event, F change) {
  Change<v1::Dispatch>(state, event.header().subject(), change);
}

template <class F>
void ChangeArrival(domain::State& state, const v1::Event& event, F change) {
  Change<v1::Arrival>(state, event.header().subject(), change);
}

// A withdrawal that was not asked for is only in logs older than the asking.
void Settled(v1::DeskItem& item, const v1::DeskItemSettled& settled) {
  item.set_state(settled.state());
  item.set_reason(settled.reason());
  if (settled.state() != v1::DeskItem::STATE_WITHDRAWN || item.withdrawals().empty()) return;
  v1::Withdrawal& asked = *item.mutable_withdrawals()->rbegin();
  asked.set_state(v1::Withdrawal::STATE_GRANTED);
  asked.set_answered_on(settled.on());
}

void Declined(v1::DeskItem& item, const v1::WithdrawalDeclined& declined) {
  // That one which was never asked for is declined is in no log but a damaged one.
  if (item.withdrawals().empty()) return;
  v1::Withdrawal& asked = *item.mutable_withdrawals()->rbegin();
  asked.set_state(v1::Withdrawal::STATE_DECLINED);
  asked.set_answered_on(declined.on());
  *asked.mutable_answer_ref() = declined.answer_ref();
}

void Drafted(domain::State& state, const v1::Event& event) {
  v1::Paper paper = event.paper_drafted().paper();
  *paper.mutable_create_time() = event.header().time();
  domain::NameDrawn(state, paper.name());
  state.Put(paper.name(), paper);
}

void Edited(v1::Paper& paper, const v1::PaperEdited& edited) {
  paper.set_edition(edited.edition());
  *paper.mutable_text_ref() = edited.text_ref();
  *paper.mutable_sources() = edited.sources();
  paper.clear_sources_ref();
  if (edited.has_sources_ref()) *paper.mutable_sources_ref() = edited.sources_ref();
  paper.set_category(edited.category());
  paper.set_urgency(edited.urgency());
}

// What sign-off pinned is undone, but for who signed, whom the next signature looks at. The
// reporter line's reference stays for its edition: the next one has another.
void Reopened(v1::Paper& paper) {
  paper.set_state(v1::Paper::STATE_DRAFT);
  paper.clear_put_in_by();
  paper.clear_agreed_by();
  paper.clear_signed_on();
  paper.clear_signed_for();
  paper.clear_serial();
  paper.clear_channels();
  paper.clear_name_reporters_outside();
  paper.clear_leaves();
  paper.clear_arrivals();
  paper.clear_reporters();
}

void Published(domain::State& state, const v1::Issue& issue) {
  const std::string_view committee = domain::CommitteeOf(issue.name());
  const std::string series = SeriesOf(issue.serial());
  domain::NumberDrawn(state, committee, series, PeriodOf(issue.name()), issue.number());
  domain::NumberDrawn(state, committee, series, kRunningTotal,
                      domain::NextNumber(state, committee, series, kRunningTotal));
  state.Put(issue.name(), issue);
  for (const std::string& name : issue.papers()) {
    Change<v1::Paper>(state, name, [&](v1::Paper& paper) { paper.set_issue(issue.name()); });
  }
}

void Created(domain::State& state, const v1::Event& event) {
  v1::Dispatch dispatch = event.dispatch_created().dispatch();
  *dispatch.mutable_create_time() = event.header().time();
  domain::NameDrawn(state, dispatch.name());
  state.Put(dispatch.name(), dispatch);
}

void HandedOver(v1::Dispatch& dispatch, const v1::DispatchHandedOver& handed_over) {
  dispatch.set_state(v1::Dispatch::STATE_HANDED_OVER);
  dispatch.set_handed_over_on(handed_over.on());
  dispatch.set_copies(handed_over.copies());
  *dispatch.mutable_handed_to_ref() = handed_over.handed_to_ref();
}

void Taken(domain::State& state, const v1::Arrival& arrival) {
  domain::NameDrawn(state, arrival.name());
  state.Put(arrival.name(), arrival);
}

}  // namespace

void Apply(domain::State& state, const v1::Event& event) {
  switch (event.payload_case()) {
    case v1::Event::kDeskItemOpened:
      return state.Put(event.header().subject(), event.desk_item_opened().desk_item());
    case v1::Event::kDeskItemSettled:
      return ChangeItem(state, event,
                        [&](v1::DeskItem& item) { Settled(item, event.desk_item_settled()); });
    case v1::Event::kWithdrawalAsked:
      return ChangeItem(state, event, [&](v1::DeskItem& item) {
        *item.add_withdrawals() = event.withdrawal_asked().withdrawal();
      });
    case v1::Event::kWithdrawalDeclined:
      return ChangeItem(state, event,
                        [&](v1::DeskItem& item) { Declined(item, event.withdrawal_declined()); });
    case v1::Event::kDeskItemReopened:
      return ChangeItem(state, event, [](v1::DeskItem& item) {
        item.set_state(v1::DeskItem::STATE_OPEN);
        item.clear_reason();
      });
    case v1::Event::kDeskItemUsed:
      return ChangeItem(state, event,
                        [](v1::DeskItem& item) { item.set_state(v1::DeskItem::STATE_USED); });

    case v1::Event::kPaperDrafted:
      return Drafted(state, event);
    case v1::Event::kPaperEdited:
      return ChangePaper(state, event,
                         [&](v1::Paper& paper) { Edited(paper, event.paper_edited()); });
    case v1::Event::kPaperPutIn:
      return ChangePaper(state, event, [&](v1::Paper& paper) {
        paper.set_state(v1::Paper::STATE_IN_REVIEW);
        paper.set_put_in_by(event.paper_put_in().by());
        paper.clear_agreed_by();
      });
    case v1::Event::kPaperAgreed:
      return ChangePaper(state, event, [&](v1::Paper& paper) {
        paper.add_agreed_by(event.paper_agreed().by());
        paper.set_edition(event.paper_agreed().edition());
        *paper.mutable_text_ref() = event.paper_agreed().text_ref();
      });
    case v1::Event::kPaperSentBack:
      return ChangePaper(state, event, [&](v1::Paper& paper) {
        paper.set_state(v1::Paper::STATE_DRAFT);
        *paper.mutable_opinion_ref() = event.paper_sent_back().opinion_ref();
      });
    case v1::Event::kPaperSigned:
      return state.Put(event.header().subject(), event.paper_signed().paper());
    case v1::Event::kPaperReopened:
      return ChangePaper(state, event, Reopened);

    case v1::Event::kIssuePublished:
      return Published(state, event.issue_published().issue());

    case v1::Event::kDispatchCreated:
      return Created(state, event);
    case v1::Event::kDispatchAttempted:
      return ChangeDispatch(state, event,
                            [](v1::Dispatch& dispatch) { dispatch.set_attempted(true); });
    case v1::Event::kDispatchDelivered:
      ChangeDispatch(state, event, [&](v1::Dispatch& dispatch) {
        const v1::Receipt& receipt = event.dispatch_delivered().receipt();
        dispatch.set_state(v1::Dispatch::STATE_DELIVERED);
        *dispatch.mutable_receipt() = receipt;
        dispatch.set_handed_over_on(receipt.received_on());
        dispatch.clear_refusal();
      });
      return CountDelivered(state, event);
    case v1::Event::kDispatchOwedAgain:
      return ChangeDispatch(state, event,
                            [](v1::Dispatch& dispatch) { dispatch.set_owed_again(true); });
    case v1::Event::kDispatchReceiptRenewed:
      CountRedelivered(state, event);
      return ChangeDispatch(state, event, [&](v1::Dispatch& dispatch) {
        dispatch.clear_owed_again();
        dispatch.clear_refusal();
        *dispatch.mutable_receipt() = event.dispatch_receipt_renewed().receipt();
      });
    case v1::Event::kDispatchRedeliveryRefused:
      return ChangeDispatch(state, event, [&](v1::Dispatch& dispatch) {
        dispatch.clear_owed_again();
        *dispatch.mutable_refusal() = event.dispatch_redelivery_refused().refusal();
      });
    case v1::Event::kDispatchGone:
      return CountGone(state, event);
    case v1::Event::kDispatchHandedOver:
      return ChangeDispatch(state, event, [&](v1::Dispatch& dispatch) {
        HandedOver(dispatch, event.dispatch_handed_over());
      });
    case v1::Event::kDispatchRefused:
      return ChangeDispatch(state, event, [&](v1::Dispatch& dispatch) {
        dispatch.set_state(v1::Dispatch::STATE_REFUSED);
        *dispatch.mutable_refusal() = event.dispatch_refused().refusal();
      });
    case v1::Event::kDispatchRetried:
      // Refused is answered: nothing of the former attempts is under way.
      return ChangeDispatch(state, event, [](v1::Dispatch& dispatch) {
        dispatch.set_state(v1::Dispatch::STATE_PENDING);
        dispatch.clear_attempted();
      });
    case v1::Event::kDispatchCancelled:
      return ChangeDispatch(state, event, [](v1::Dispatch& dispatch) {
        dispatch.set_state(v1::Dispatch::STATE_CANCELLED);
      });

    case v1::Event::kArrivalTaken:
      Taken(state, event.arrival_taken().arrival());
      return CountArrived(state, event);
    case v1::Event::kArrivalSenderLost:
      return ChangeArrival(state, event, [&](v1::Arrival& arrival) {
        arrival.set_sender_lost_on(event.arrival_sender_lost().on());
      });
    case v1::Event::kArrivalAcknowledged:
      return ChangeArrival(state, event, [&](v1::Arrival& arrival) {
        arrival.set_state(v1::Arrival::STATE_ACKNOWLEDGED);
        arrival.set_acknowledged_on(event.arrival_acknowledged().on());
      });
    case v1::Event::kArrivalDisposed:
      return ChangeArrival(state, event, [&](v1::Arrival& arrival) {
        *arrival.add_dispositions() = event.arrival_disposed().disposition();
      });

    case v1::Event::kEntryTaken:
      return office::ApplyEntryTaken(state, event.entry_taken());
    case v1::Event::kIncidentOpened:
    case v1::Event::kIncidentAcknowledged:
    case v1::Event::kIncidentChanged:
    case v1::Event::kIncidentResolved:
    case v1::Event::kIncidentReopened:
    case v1::Event::kIncidentRetried:
    case v1::Event::kFactDropped:
      return incident::ApplyEvent(state, event);
    case v1::Event::kEpochStarted:
    case v1::Event::kNumbersVoided:
    case v1::Event::kNumberingResumed:
    case v1::Event::kNumbersReported:
      return numbering::Apply(state, event);
    case v1::Event::PAYLOAD_NOT_SET:
      return;
  }
}

}  // namespace shangda::routing
