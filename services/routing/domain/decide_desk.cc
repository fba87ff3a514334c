// Desk items: opened by intake's registrations, settled or kept by the desk.
#include <google/protobuf/util/time_util.h>

#include <optional>
#include <string>
#include <utility>

#include "common/domain/dates.h"
#include "common/domain/names.h"
#include "services/routing/domain/refuse.h"
#include "services/routing/domain/verbs.h"
#include "services/routing/domain/visible.h"
#include "services/routing/domain/withdrawal.h"

namespace shangda::routing {
namespace {

using google::protobuf::util::TimeUtil;

// The China date of the fact itself, whenever this service comes to hear of it.
std::string DateOf(const log::v1::EventHeader& header) {
  return domain::ChinaDate(TimeUtil::TimestampToMicroseconds(header.time()));
}

bool IsSettled(v1::DeskItem::State state) {
  switch (state) {
    case v1::DeskItem::STATE_KEPT:
    case v1::DeskItem::STATE_RETURNED:
    case v1::DeskItem::STATE_DECLINED:
    case v1::DeskItem::STATE_WITHDRAWN:
      return true;
    default:
      return false;
  }
}

// Which way an open item may be settled: withdrawn if that was asked for, and by an editor; any
// other way only if nobody waits for an answer.
std::optional<Rejection> CheckWay(const domain::State& state,
                                  const domain::Command& command,
                                  const v1::DeskItem& item,
                                  const v1::SettleDeskItemRequest& request) {
  const bool withdraws = request.state() == v1::DeskItem::STATE_WITHDRAWN;
  if (withdraws &&
      !IsEditor(state, command.principal, domain::CommitteeOf(item.name()), command.today)) {
    return Rejection{Reason::kForbidden};
  }
  if (!IsSettled(request.state())) {
    return InvalidField("state", "请选择留存、退回、不予采用或撤回");
  }
  if (withdraws != (request.reason() == v1::SETTLE_REASON_REPORTER_ASKED)) {
    return InvalidField("reason", withdraws ? "撤回的原因请选择反映人要求撤回"
                                            : "反映人要求撤回的请选择撤回,其余请选择别的原因");
  }
  const v1::Withdrawal* asked = Unanswered(item);
  if (withdraws && asked == nullptr) {
    return Rejection{Reason::kWithdrawalNotAsked, {{"desk_item", item.name()}}};
  }
  if (!withdraws && asked != nullptr) return WithdrawalUnanswered(item, *asked);
  return std::nullopt;
}

}  // namespace

Decision TakeRegistered(const domain::State& state,
                        const domain::Command& /*command*/,
                        const intake::v1::Event& fact) {
  const intake::v1::Report& report = fact.report_registered().report();
  const std::string_view committee = domain::CommitteeOf(report.name());
  Decision decision;
  decision.name = domain::EntryName(committee, "deskitems", domain::LastPart(report.name()));
  if (state.Has<v1::DeskItem>(decision.name)) return decision;

  // The report's texts keep their names; intake's own event lists them for followers.
  v1::DeskItem& item =
      *decision.Add(decision.name, committee).mutable_desk_item_opened()->mutable_desk_item();
  item.set_name(decision.name);
  item.set_revision(1);
  item.set_state(v1::DeskItem::STATE_OPEN);
  item.set_report(report.name());
  item.set_registered_on(DateOf(fact.header()));
  item.set_received_on(report.received_on());
  item.set_category(report.category());
  item.set_urgency(report.urgency());
  *item.mutable_reporters() = report.reporters();
  item.set_reporting_unit(report.reporting_unit());
  *item.mutable_text_ref() = report.text_ref();
  *item.mutable_reporters_ref() = report.reporters_ref();
  return decision;
}

Decision SettleDeskItem(const domain::State& state,
                        const domain::Command& command,
                        const v1::SettleDeskItemRequest& request) {
  v1::DeskItem item;
  if (auto refused = FindCurrent(state, command, request, &item)) {
    return Decision::Reject(*std::move(refused));
  }
  if (item.state() != v1::DeskItem::STATE_OPEN) return Decision::Reject(WrongState(item));
  if (auto refused = CheckWay(state, command, item, request)) {
    return Decision::Reject(*std::move(refused));
  }

  Decision decision;
  decision.name = item.name();
  v1::DeskItemSettled& settled =
      *decision.Add(item.name(), domain::CommitteeOf(item.name())).mutable_desk_item_settled();
  settled.set_state(request.state());
  settled.set_reason(request.reason());
  settled.set_on(command.today);
  return decision;
}

Decision ReopenDeskItem(const domain::State& state,
                        const domain::Command& command,
                        const v1::ReopenDeskItemRequest& request) {
  v1::DeskItem item;
  if (auto refused = FindCurrent(state, command, request, &item)) {
    return Decision::Reject(*std::move(refused));
  }
  if (item.state() != v1::DeskItem::STATE_KEPT) return Decision::Reject(WrongState(item));

  Decision decision;
  decision.name = item.name();
  decision.Add(item.name(), domain::CommitteeOf(item.name())).mutable_desk_item_reopened();
  return decision;
}

}  // namespace shangda::routing
