// Withdrawals of desk items: asked for by who spoke, declined by the desk. Granting one is
// SettleDeskItem.
#include <optional>
#include <string>
#include <utility>

#include "common/domain/names.h"
#include "services/routing/domain/refuse.h"
#include "services/routing/domain/verbs.h"
#include "services/routing/domain/visible.h"
#include "services/routing/domain/withdrawal.h"

namespace shangda::routing {
namespace {

using domain::Command;
using domain::State;

// A reporter acts for its own reports alone and learns nothing of others; the desk acts for
// everybody.
std::optional<Rejection> FindToAsk(const State& state,
                                   const Command& command,
                                   const v1::AskWithdrawalRequest& request,
                                   v1::DeskItem* item) {
  const auto found = state.Find<v1::DeskItem>(request.name());
  const bool may_act =
      (found.has_value() && IsOwn(*found, command.principal)) ||
      IsAtDesk(state, command.principal, domain::CommitteeOf(request.name()), command.today);
  if (!may_act) return Rejection{Reason::kForbidden};
  return FindCurrent(state, command, request, item);
}

log::v1::TextRef PinWords(const Command& command,
                          const v1::DeskItem& item,
                          const char* part,
                          uint32_t edition,
                          const std::string& words) {
  v1::Opinion opinion;
  opinion.set_text(words);
  return command.texts.Pin(item.name() + part, edition, opinion);
}

}  // namespace

Decision AskWithdrawal(const State& state,
                       const Command& command,
                       const v1::AskWithdrawalRequest& request) {
  v1::DeskItem item;
  if (auto refused = FindToAsk(state, command, request, &item)) {
    return Decision::Reject(*std::move(refused));
  }
  if (item.state() != v1::DeskItem::STATE_OPEN) {
    return Decision::Reject(
        {Reason::kTooLateToWithdraw,
         {{"name", item.name()}, {"state", v1::DeskItem::State_Name(item.state())}}});
  }
  if (const v1::Withdrawal* asked = Unanswered(item)) {
    return Decision::Reject({Reason::kAlreadyAsked, {{"asked_on", asked->asked_on()}}});
  }
  const bool is_own = IsOwn(item, command.principal);
  const bool says_how = request.asked_via() != intake::v1::RECEIVED_VIA_UNSPECIFIED &&
                        request.asked_via() != intake::v1::RECEIVED_VIA_SELF;
  if (!is_own && !says_how) {
    return Decision::Reject(InvalidField("asked_via", "请写明反映人是怎样提出的,如电话、纸质"));
  }

  Decision decision;
  decision.name = item.name();
  v1::Withdrawal& asked = *decision.Add(item.name(), domain::CommitteeOf(item.name()))
                               .mutable_withdrawal_asked()
                               ->mutable_withdrawal();
  asked.set_state(v1::Withdrawal::STATE_ASKED);
  asked.set_asked_on(command.today);
  asked.set_asked_via(is_own ? intake::v1::RECEIVED_VIA_SELF : request.asked_via());
  *asked.mutable_reason_ref() =
      PinWords(command, item, "/withdrawal", static_cast<uint32_t>(item.withdrawals_size()) + 1,
               request.reason());
  return decision;
}

Decision DeclineWithdrawal(const State& state,
                           const Command& command,
                           const v1::DeclineWithdrawalRequest& request) {
  v1::DeskItem item;
  if (auto refused = FindCurrent(state, command, request, &item)) {
    return Decision::Reject(*std::move(refused));
  }
  if (item.state() != v1::DeskItem::STATE_OPEN) return Decision::Reject(WrongState(item));
  const v1::Withdrawal* asked = Unanswered(item);
  if (asked == nullptr) {
    return Decision::Reject({Reason::kWithdrawalNotAsked, {{"desk_item", item.name()}}});
  }

  Decision decision;
  decision.name = item.name();
  v1::Event& event = decision.Add(item.name(), domain::CommitteeOf(item.name()));
  v1::WithdrawalDeclined& declined = *event.mutable_withdrawal_declined();
  declined.set_on(command.today);
  *declined.mutable_answer_ref() =
      PinWords(command, item, "/answer", asked->reason_ref().edition(), request.reason());
  // The reporter is told these words.
  *event.mutable_header()->add_texts() = declined.answer_ref();
  return decision;
}

}  // namespace shangda::routing
